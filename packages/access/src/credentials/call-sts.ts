import { readFile } from 'node:fs/promises';
import type { AssumeRoleCommandOutput, STSClient } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { AssumeRoleError } from './assume-role-error.ts';
import type { Clock } from './clock.ts';
import { clockSkew } from './clock-skew.ts';
import type { Issued } from './live-session.ts';
import { parseRoleArn } from './role-arn.ts';
import type { PlannedLink } from './session-plan.ts';
import { secondRegion, stsClient, type StsSettings } from './sts-client.ts';
import { isUnreachable } from './sts-failure.ts';

/** One session from STS, from a second region if the first cannot be reached. Rejects with the SDK's own errors. */
export async function callSts(
  link: PlannedLink,
  credentials: AwsCredentialIdentity,
  settings: StsSettings,
  clock: Clock,
): Promise<Issued> {
  const { account, partition } = parseRoleArn(link.input.RoleArn);
  const client = await stsClient(credentials, settings, partition);
  try {
    return await issueWith(client, link, account, clock);
  } catch (error) {
    const region = secondRegion(await client.config.region(), partition, settings.fallbackRegion);
    if (!isUnreachable(error) || client.config.isCustomEndpoint || region === undefined) throw error;
    return await issueWith(
      await stsClient(credentials, { ...settings, region }, partition),
      link,
      account,
      clock,
    );
  }
}

async function issueWith(
  client: STSClient,
  link: PlannedLink,
  accountId: string,
  clock: Clock,
): Promise<Issued> {
  const skew = measureSkew(client, clock);
  const { Credentials, AssumedRoleUser } = await send(client, link);
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {};
  if (!AccessKeyId || !SecretAccessKey || !Expiration)
    throw new Error('the answer of sts holds no credentials');
  return {
    credentials: {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      accountId,
    },
    issuedAt: clock.now(),
    expiration: Expiration.getTime(),
    skew: skew(),
    arn: AssumedRoleUser?.Arn ?? '',
    region: await client.config.region(),
  };
}

async function send(
  client: STSClient,
  { input, mfa, tokenFile }: PlannedLink,
): Promise<AssumeRoleCommandOutput> {
  const { AssumeRoleCommand, AssumeRoleWithWebIdentityCommand } = await import('@aws-sdk/client-sts');
  if (tokenFile === undefined) {
    const proof = mfa && { SerialNumber: mfa.serial, TokenCode: await mfaCode(mfa, input.RoleArn!) };
    return client.send(new AssumeRoleCommand({ ...input, ...proof }));
  }
  const { RoleArn, RoleSessionName, DurationSeconds, Policy, PolicyArns } = input;
  const WebIdentityToken = (await readFile(tokenFile, 'utf8')).trim();
  return client.send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn,
      RoleSessionName,
      DurationSeconds,
      Policy,
      PolicyArns,
      WebIdentityToken,
    }),
  );
}

/** A code that is not given counts as a permanent failure: nobody wants to be asked every second. */
async function mfaCode({ serial, code }: NonNullable<PlannedLink['mfa']>, roleArn: string): Promise<string> {
  const failure = (why: string, cause?: unknown) =>
    new AssumeRoleError(
      'mfa-code',
      roleArn,
      true,
      `no MFA code for \`${roleArn}\`: ${why}`,
      `give the 6 digits of ${serial}`,
      cause,
    );
  let given: string;
  try {
    given = await code();
  } catch (error) {
    throw failure(error instanceof Error ? error.message : String(error), error);
  }
  if (!/^\d{6}$/.test(given)) throw failure('`mfa.code` did not yield 6 digits');
  return given;
}

/** Watches the client's answers; the result yields the skew of the last one. */
function measureSkew(client: STSClient, clock: Clock): () => number {
  let skew = 0;
  client.middlewareStack.add(
    (next) => async (args) => {
      const sentAt = clock.now();
      const result = await next(args);
      const { headers } = result.response as { headers?: Record<string, string> };
      skew = clockSkew(headers?.['date'], sentAt, clock.now());
      return result;
    },
    { step: 'deserialize', name: 'measureClockSkew', priority: 'low' },
  );
  return () => skew;
}
