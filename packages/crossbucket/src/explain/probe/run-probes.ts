import type { S3Client } from '@aws-sdk/client-s3';
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@aws-sdk/types';
import { asAwsError, Clients, failureKind, statusOf, type AccountConnection } from '../../accounts/index.ts';
import type { PathCall } from '../core/situation.ts';
import { meaningOfAnswer, type ProbeAnswer, type ProbeCall } from './answers.ts';

/** One harmless call that was made, and what its answer tells. */
export interface Probe {
  call: ProbeCall;
  /** ARN of who made it. */
  as: string;
  /** `s3://BUCKET/KEY`, or the ARN of a role. */
  on: string;
  answer: ProbeAnswer;
  /** AWS's own words: `403 AccessDenied: User: ...` */
  said: string;
  tells: string;
  /** AWS's page about it. */
  page: string;
  /** Position of the call of the path that this one tells of; undefined for what surrounds it. */
  step?: number;
  /** Region of the bucket, where S3 tells it. */
  region?: string;
  /** Key of KMS that the object is encrypted with, where S3 tells it. */
  key?: string;
}

/** With the SDK's error, where the call failed. */
export interface MadeProbe extends Probe {
  error?: unknown;
}

/** What can be probed is made in the name of one connection, and of sessions of the roles on the path. */
export async function runProbes(
  connection: AccountConnection,
  calls: readonly PathCall[],
  isCaller: boolean,
): Promise<MadeProbe[]> {
  const probes: MadeProbe[] = [
    { ...told('GetCallerIdentity', connection.caller, connection.caller, 'allowed', connection.caller) },
  ];
  const last = calls.length - 1;
  if (!isCaller) {
    const call = calls[last]!;
    if (call.service === 's3')
      probes.push(...(await bucketProbes(connection.clients, connection, connection.caller, call)));
    return probes;
  }
  let clients = connection.clients;
  let as = connection.caller;
  for (const [step, call] of calls.entries()) {
    if (call.service === 'sts' && call.operation === 'AssumeRole') {
      const tried = await assume(clients, connection, as, call, calls[last]!);
      probes.push({ ...tried.probe, step });
      if (tried.credentials === undefined) return probes;
      as = tried.as!;
      clients = new Clients({
        credentials: tried.credentials,
        profile: connection.profile,
        endpoint: connection.endpoint,
      });
    } else if (call.service === 's3') {
      const around = await bucketProbes(clients, connection, as, call);
      probes.push(...around.map((probe) => (call.operation === 'HeadBucket' ? { ...probe, step } : probe)));
      if (around.some(({ answer }) => answer === 'missing' || answer === 'refused')) return probes;
      const region = around.find((probe) => probe.region !== undefined)?.region ?? connection.region;
      probes.push(...(await callProbes(await clients.s3(region), as, call, step)));
    }
  }
  return probes;
}

const told = (call: ProbeCall, as: string, on: string, answer: ProbeAnswer, said: string): MadeProbe => ({
  call,
  as,
  on,
  answer,
  said,
  ...meaningOfAnswer(call, answer),
});

/** Makes a call, and reads what its answer tells. */
async function attempt<T>(
  call: ProbeCall,
  as: string,
  on: string,
  make: () => Promise<T>,
): Promise<{ probe: MadeProbe; output?: T }> {
  try {
    const output = await make();
    return { probe: told(call, as, on, 'allowed', '200 OK'), output };
  } catch (error) {
    const { name = '', message = '' } = asAwsError(error);
    const status = statusOf(error);
    const said = saidBy(status, name, message);
    const region = asAwsError(error).$response?.headers?.['x-amz-bucket-region'];
    const probe = told(call, as, on, answerOf(call, error), said);
    return { probe: { ...probe, error, ...(region !== undefined && { region }) } };
  }
}

/** The SDK names an answer without a body `Unknown`. */
function saidBy(status: number | undefined, name: string, message: string): string {
  const plain = STATUS[status ?? 0];
  if (plain !== undefined && /^(Unknown|NotFound)/.test(name)) return `${status} ${plain}`;
  const words = message === '' || message === name ? name : `${name}: ${message}`;
  return [status, words].join(' ').trim();
}

const STATUS: Readonly<Record<number, string>> = {
  301: 'Moved Permanently',
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  412: 'Precondition Failed',
};

function answerOf(call: ProbeCall, error: unknown): ProbeAnswer {
  const status = statusOf(error);
  const { name = '' } = asAwsError(error);
  if (failureKind(error) === 'credentials') return 'refused';
  // The ETag that no object has: whoever is told so may read.
  if (call === 'GetObject' && status === 412) return 'allowed';
  if (status === 301 || name === 'PermanentRedirect' || name === 'AuthorizationHeaderMalformed')
    return 'elsewhere';
  if (status === 404) return 'missing';
  return failureKind(error) === 'denied' ? 'denied' : 'refused';
}

/** The session may do no more than these probes, whatever the role allows; a policy of the question's own stays. */
async function assume(
  clients: Clients,
  { region }: AccountConnection,
  as: string,
  { input }: PathCall,
  last: PathCall,
): Promise<{
  probe: MadeProbe;
  as?: string;
  credentials?: AwsCredentialIdentity | AwsCredentialIdentityProvider;
}> {
  const { AssumeRoleCommand } = await import('@aws-sdk/client-sts');
  const sts = await clients.sts(region);
  const RoleArn = String(input['RoleArn']);
  const isNarrowed = input['Policy'] !== undefined || input['PolicyArns'] !== undefined;
  const command = new AssumeRoleCommand({
    RoleSessionName: 'crossbucket-probe',
    DurationSeconds: 900,
    ...(!isNarrowed && { Policy: probePolicy(last, RoleArn.split(':')[1] ?? 'aws') }),
    ...input,
    RoleArn,
  });
  const { probe, output } = await attempt('AssumeRole', as, RoleArn, () => sts.send(command));
  const { AccessKeyId, SecretAccessKey, SessionToken } = output?.Credentials ?? {};
  if (AccessKeyId === undefined || SecretAccessKey === undefined || SessionToken === undefined)
    return { probe };
  return {
    probe,
    as: output?.AssumedRoleUser?.Arn ?? RoleArn,
    credentials: {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
    },
  };
}

function probePolicy({ service, input }: PathCall, partition: string): string {
  const bucket = String(input['Bucket'] ?? '');
  const base = bucket.startsWith('arn:') ? bucket : `arn:${partition}:s3:::${bucket}`;
  const objects = bucket.startsWith('arn:') ? `${base}/object/*` : `${base}/*`;
  const Statement =
    service === 's3'
      ? [
          {
            Effect: 'Allow',
            Action: ['s3:ListBucket', 's3:GetObject', 's3:GetObjectVersion'],
            Resource: [base, objects],
          },
          { Effect: 'Allow', Action: ['kms:Decrypt', 'sts:AssumeRole'], Resource: '*' },
        ]
      : [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }];
  return JSON.stringify({ Version: '2012-10-17', Statement });
}

/** Whether the bucket is there, where, whose, and whether it may be listed. */
async function bucketProbes(
  clients: Clients,
  { region }: AccountConnection,
  as: string,
  { input }: PathCall,
): Promise<MadeProbe[]> {
  const { HeadBucketCommand } = await import('@aws-sdk/client-s3');
  const Bucket = String(input['Bucket']);
  const on = `s3://${Bucket}`;
  const head = async (at: string) => {
    const s3 = await clients.s3(at);
    const { probe, output } = await attempt('HeadBucket', as, on, () =>
      s3.send(new HeadBucketCommand({ Bucket })),
    );
    return output?.BucketRegion === undefined ? probe : { ...probe, region: output.BucketRegion };
  };
  const first = await head(region);
  const probes = [first];
  if (first.answer === 'elsewhere' && first.region !== undefined) probes.push(await head(first.region));
  const owner = input['ExpectedBucketOwner'];
  if (typeof owner === 'string' && probes.at(-1)!.answer === 'allowed') {
    const s3 = await clients.s3(probes.at(-1)!.region ?? region);
    const { probe } = await attempt('HeadBucket', as, `${on} of account ${owner}`, () =>
      s3.send(new HeadBucketCommand({ Bucket, ExpectedBucketOwner: owner })),
    );
    const tells =
      probe.answer === 'allowed'
        ? `the bucket belongs to account ${owner}`
        : `the bucket belongs to another account than ${owner}, which the call expects`;
    probes.push({ ...probe, tells });
  }
  return probes;
}

/** An ETag is 32 hexadecimal digits, with the number of parts behind it. */
const NO_ETAG = '"crossbucket-probe"';

/** The call itself, where it is harmless, or one that is decided as it is. */
async function callProbes(s3: S3Client, as: string, call: PathCall, step: number): Promise<MadeProbe[]> {
  const { operation, input } = call;
  const { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command } = await import('@aws-sdk/client-s3');
  const { Bucket, Key, VersionId, RequestPayer, ExpectedBucketOwner } = input as Record<string, string>;
  const at = { Bucket, RequestPayer: RequestPayer as 'requester', ExpectedBucketOwner };
  if (operation === 'GetObject' || operation === 'HeadObject') {
    const object = { ...at, Key, VersionId };
    const on = `s3://${Bucket}/${Key}`;
    const { probe, output } = await attempt('HeadObject', as, on, () =>
      s3.send(new HeadObjectCommand(object)),
    );
    const key = output?.SSEKMSKeyId;
    const head: MadeProbe = {
      ...probe,
      step,
      ...(key !== undefined && {
        key,
        tells: `${probe.tells}: the object is encrypted with \`${key}\`, which has to let the caller use it`,
      }),
    };
    if (probe.answer !== 'denied') return [head];
    // A HEAD has no body to say why in.
    const get = await attempt('GetObject', as, on, async () => {
      const { Body } = await s3.send(new GetObjectCommand({ ...object, IfMatch: NO_ETAG }));
      (Body as { destroy?: () => void } | undefined)?.destroy?.();
    });
    return [head, { ...get.probe, step }];
  }
  if (operation === 'ListObjectsV2' || operation === 'ListObjects') {
    const { Prefix, Delimiter } = input as Record<string, string>;
    const { probe } = await attempt('ListObjectsV2', as, `s3://${Bucket}/${Prefix ?? ''}`, () =>
      s3.send(new ListObjectsV2Command({ ...at, Prefix, Delimiter, MaxKeys: 0 })),
    );
    return [{ ...probe, step }];
  }
  return [];
}
