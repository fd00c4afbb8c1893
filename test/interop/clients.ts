import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { IAMClient } from '@aws-sdk/client-iam';
import { S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient, type AssumeRoleCommandInput } from '@aws-sdk/client-sts';
import type { Sandbox } from '@crossbucket/sandbox';

export const SOURCE = '111111111111';
export const DESTINATION = '222222222222';
export const OUTSIDER = '333333333333';

export interface Identity {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** The SDK's clients of one identity. */
export interface Clients {
  s3: S3Client;
  sts: STSClient;
  iam: IAMClient;
  cloudtrail: CloudTrailClient;
}

/** Clients that try once: a test wants the first answer. */
export function clientsOf(aws: Sandbox, credentials: Identity, region = 'us-east-1'): Clients {
  const config = { region, endpoint: aws.endpoint, credentials, maxAttempts: 1 };
  return {
    s3: new S3Client({ ...config, forcePathStyle: true }),
    sts: new STSClient(config),
    iam: new IAMClient(config),
    cloudtrail: new CloudTrailClient(config),
  };
}

export interface Failure {
  /** AWS's error code. */
  code: string;
  /** HTTP status. */
  status: number | undefined;
  message: string;
  requestId: string | undefined;
}

/** How a call fails; throws if it does not. */
export async function failureOf(call: Promise<unknown>): Promise<Failure> {
  try {
    await call;
  } catch (error) {
    const { name, message, $metadata } = error as Error & {
      $metadata?: { httpStatusCode?: number; requestId?: string };
    };
    return { code: name, status: $metadata?.httpStatusCode, message, requestId: $metadata?.requestId };
  }
  throw new Error('the call did not fail');
}

export async function assume(sts: STSClient, input: AssumeRoleCommandInput): Promise<Identity> {
  const { Credentials } = await sts.send(new AssumeRoleCommand(input));
  return {
    accessKeyId: Credentials!.AccessKeyId!,
    secretAccessKey: Credentials!.SecretAccessKey!,
    sessionToken: Credentials!.SessionToken!,
  };
}

export type Statement = Record<string, unknown>;

/** A policy document's text, for any operation that takes one. */
export function documentOf(...statements: Statement[]): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: statements.map((statement) => ({ Effect: 'Allow', ...statement })),
  });
}

export const arnsOf = (bucket: string): [bucket: string, objects: string] => [
  `arn:aws:s3:::${bucket}`,
  `arn:aws:s3:::${bucket}/*`,
];
