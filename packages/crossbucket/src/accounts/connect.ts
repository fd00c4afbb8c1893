import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@aws-sdk/types';
import type { AccessError } from '@crossbucket/access';
import { defaultChain, mainRegions, requireProfile } from '@crossbucket/access/configuration';
import { AccountError } from './account-error.ts';
import { asAwsError, failureKind } from './aws-error.ts';
import { Clients } from './clients.ts';
import { Limiter } from './limiter.ts';

/** How to reach an account; what is left out comes from the SDK's own configuration. */
export interface AccountAddress {
  /** What the user calls it. */
  name?: string | undefined;
  /** Twelve digits; credentials of any other account are refused. */
  id?: string | undefined;
  /** Profile of the shared config files. */
  profile?: string | undefined;
  region?: string | undefined;
  /** In place of a profile. */
  credentials?: AwsCredentialIdentity | AwsCredentialIdentityProvider | undefined;
  /** URL of every service. */
  endpoint?: string | undefined;
}

/** An account whose credentials have been tried. */
export interface AccountConnection {
  readonly id: string;
  readonly name: string;
  readonly profile: string | undefined;
  readonly endpoint: string | undefined;
  readonly partition: string;
  readonly region: string;
  /** False where nobody configured the region. */
  readonly isRegionConfigured: boolean;
  /** ARN of whom the credentials belong to. */
  readonly caller: string;
  readonly clients: Clients;
  readonly credentials: AwsCredentialIdentity | AwsCredentialIdentityProvider;
  /** Keeps the calls at once within what AWS takes from an account. */
  readonly limiter: Limiter;
}

/** Enough to hide the way there and back; what AWS throttles all the same is sent again later. */
const AT_ONCE = 16;

/**
 * Connects to an account and asks who we are there (`sts:GetCallerIdentity`, which needs no permission).
 * @throws AccountError `unknown-profile`, `no-credentials`, `credentials-rejected`, `wrong-account`, `unreachable`
 */
export async function connect(address: AccountAddress): Promise<AccountConnection> {
  const { profile, endpoint } = address;
  const label = labelOf(address);
  const credentials = address.credentials ?? (await profileCredentials(profile));
  const configured = address.region ?? (await configuredRegion(profile));
  const region = configured ?? mainRegions('aws')[0];
  const clients = new Clients({ credentials, profile, endpoint });
  const { GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
  const sts = await clients.sts(region);
  const { Account: id, Arn: caller } = await sts
    .send(new GetCallerIdentityCommand({}))
    .catch((error: unknown) => {
      throw connectionError(error, label, profile);
    });
  if (id === undefined || caller === undefined)
    throw new AccountError('aws-failed', `${label}: STS did not say whose the credentials are`, 'try again');
  if (address.id !== undefined && address.id !== id) throw wrongAccount(label, address.id, id, profile);
  return {
    id,
    name: address.name ?? id,
    profile,
    endpoint,
    partition: caller.split(':')[1] ?? 'aws',
    region,
    isRegionConfigured: configured !== undefined,
    caller,
    clients,
    credentials,
    limiter: new Limiter(AT_ONCE),
  };
}

const labelOf = ({ name, id, profile }: AccountAddress): string =>
  name !== undefined && id !== undefined && name !== id
    ? `account ${id} (${name})`
    : `account ${id ?? name ?? (profile === undefined ? 'of the default credentials' : `of profile \`${profile}\``)}`;

/** One chain for all clients of the account, so that a login or a metadata service is asked once. */
async function profileCredentials(profile: string | undefined): Promise<AwsCredentialIdentityProvider> {
  if (profile !== undefined)
    await requireProfile(profile).catch(({ message, help }: AccessError) => {
      throw new AccountError('unknown-profile', message, help);
    });
  return defaultChain(profile);
}

/** The SDK's own region for the profile. Without one the partition's main one will do: IAM and STS are there for everyone. */
async function configuredRegion(profile: string | undefined): Promise<string | undefined> {
  const { STSClient } = await import('@aws-sdk/client-sts');
  const client = new STSClient(profile === undefined ? {} : { profile });
  return client.config.region().catch(() => undefined);
}

function wrongAccount(
  label: string,
  wanted: string,
  found: string,
  profile: string | undefined,
): AccountError {
  const source = profile === undefined ? 'the credentials' : `profile \`${profile}\``;
  return new AccountError(
    'wrong-account',
    `${label}: ${source} belong${profile === undefined ? '' : 's'} to account ${found}`,
    `name a profile of account ${wanted}, or mend the id`,
    { account: wanted, call: 'sts:GetCallerIdentity' },
  );
}

function connectionError(error: unknown, label: string, profile: string | undefined): AccountError {
  const { name, message = String(error) } = asAwsError(error);
  const details = { call: 'sts:GetCallerIdentity', cause: error };
  const source = profile === undefined ? 'the default credentials' : `profile \`${profile}\``;
  const kind = failureKind(error);
  if (kind === 'unreachable')
    return new AccountError(
      'unreachable',
      `${label}: STS cannot be reached: ${message}`,
      'look at the network, the region and the endpoint',
      details,
    );
  if (kind === 'credentials' || kind === 'denied')
    return new AccountError(
      'credentials-rejected',
      `${label}: AWS refuses ${source}: ${message}`,
      'log in again, or name another profile',
      details,
    );
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError' || name === 'ProviderError')
    return new AccountError(
      'no-credentials',
      `${label}: ${source} gave no credentials: ${message}`,
      'log in, or name a profile that has credentials',
      details,
    );
  return new AccountError(
    'aws-failed',
    `${label}: sts:GetCallerIdentity failed: ${message}`,
    'try again',
    details,
  );
}
