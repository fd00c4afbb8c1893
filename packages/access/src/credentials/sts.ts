import type { AssumeRoleCommandInput, STSClient, STSClientConfig } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import type { Clock } from './clock.ts';
import { clockSkew } from './clock-skew.ts';
import type { Issued } from './live-session.ts';
import { parseRoleArn } from './role-arn.ts';

/** Where STS is asked. */
export interface StsSettings {
  profile?: string;
  region?: string;
  endpoint?: string;
  clientConfig?: STSClientConfig;
}

const DEFAULT_REGION: Record<string, string> = {
  aws: 'us-east-1',
  'aws-cn': 'cn-north-1',
  'aws-us-gov': 'us-gov-west-1',
};

// Without limits, an endpoint that swallows packets holds a request for minutes.
const HANDLER_LIMITS = { connectionTimeout: 3000, requestTimeout: 10_000, throwOnRequestTimeout: true };

/** One AssumeRole, retried as the SDK's configuration says. Rejects with the SDK's own errors. */
export async function callAssumeRole(
  input: AssumeRoleCommandInput,
  credentials: AwsCredentialIdentity,
  settings: StsSettings,
  clock: Clock,
): Promise<Issued> {
  const { AssumeRoleCommand } = await import('@aws-sdk/client-sts');
  const client = await stsClient(credentials, settings, parseRoleArn(input.RoleArn).partition);
  let skew = 0;
  let sentAt = clock.now();
  client.middlewareStack.add(
    (next) => async (args) => {
      sentAt = clock.now();
      const result = await next(args);
      skew = clockSkew(dateHeader(result.response), sentAt, clock.now());
      return result;
    },
    { step: 'deserialize', name: 'measureClockSkew', priority: 'low' },
  );
  const { Credentials, AssumedRoleUser } = await client.send(new AssumeRoleCommand(input));
  if (!Credentials?.AccessKeyId || !Credentials.SecretAccessKey || !Credentials.Expiration) {
    throw new Error('the answer of sts holds no credentials');
  }
  return {
    credentials: {
      accessKeyId: Credentials.AccessKeyId,
      secretAccessKey: Credentials.SecretAccessKey,
      sessionToken: Credentials.SessionToken,
      accountId: parseRoleArn(input.RoleArn).account,
    },
    expiration: Credentials.Expiration.getTime(),
    skew,
    arn: AssumedRoleUser?.Arn ?? '',
  };
}

async function stsClient(
  credentials: AwsCredentialIdentity,
  { clientConfig, ...settings }: StsSettings,
  partition: string,
): Promise<STSClient> {
  const { STSClient } = await import('@aws-sdk/client-sts');
  const defined = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  const config = { requestHandler: HANDLER_LIMITS, ...clientConfig, ...defined, credentials };
  const client = new STSClient(config);
  try {
    await client.config.region();
    return client;
  } catch {
    return new STSClient({ ...config, region: DEFAULT_REGION[partition] ?? 'us-east-1' });
  }
}

function dateHeader(response: unknown): string | undefined {
  const { headers } = response as { headers?: Record<string, string> };
  return headers?.['date'];
}
