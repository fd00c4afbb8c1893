import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@aws-sdk/types';
import { connect, principalName, type AccountConnection } from '../../accounts/index.ts';
import { asAwsError } from '../../accounts/aws-error.ts';
import type { GrantFacts } from '../facts.ts';

/** Somebody whom the grant is for, with credentials. */
export interface Caller {
  arn: string;
  credentials: AwsCredentialIdentity | AwsCredentialIdentityProvider;
}

export type FoundCaller = { caller: Caller } | { why: string };

/**
 * Finds credentials of one of the grant's principals: those of a profile that is given, the source's own if they are such a principal's,
 * or a session of a role that the source's own may assume.
 */
export async function findCaller(
  facts: GrantFacts,
  source: AccountConnection,
  profile: string | undefined,
): Promise<FoundCaller> {
  const connection =
    profile === undefined ? source : await connect({ id: facts.source, profile, region: source.region });
  if (isPrincipal(facts, connection.caller))
    return { caller: { arn: connection.caller, credentials: connection.credentials } };
  if (profile !== undefined)
    return { why: `profile \`${profile}\` is ${connection.caller}, whom the grant does not name` };
  let why = `the credentials of account ${facts.source} are ${source.caller}, whom the grant does not name`;
  for (const { arn, kind } of facts.principals) {
    if (kind !== 'role') continue;
    try {
      return { caller: { arn, credentials: await assume(source, arn) } };
    } catch (error) {
      why += `, and ${asAwsError(error).message ?? String(error)}`;
    }
  }
  return { why };
}

function isPrincipal({ principals, source, route }: GrantFacts, caller: string): boolean {
  const found = principalName(caller);
  if (principals.length > 0)
    return principals.some(({ kind, name }) => found?.kind === kind && found.name === name);
  // The account root cannot assume a role. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
  return caller.includes(`:${source}:`) && (found !== undefined || route === 'bucket-policy');
}

export async function assume(
  { clients, region }: Pick<AccountConnection, 'clients' | 'region'>,
  RoleArn: string,
  ExternalId?: string,
): Promise<AwsCredentialIdentity> {
  const { AssumeRoleCommand } = await import('@aws-sdk/client-sts');
  const sts = await clients.sts(region);
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({
      RoleArn,
      RoleSessionName: 'crossbucket-verify',
      ...(ExternalId !== undefined && { ExternalId }),
    }),
  );
  return {
    accessKeyId: Credentials!.AccessKeyId!,
    secretAccessKey: Credentials!.SecretAccessKey!,
    sessionToken: Credentials!.SessionToken!,
  };
}
