import {
  connect,
  failureKind,
  AccountError,
  asAwsError,
  type AccountConnection,
} from '../../accounts/index.ts';
import type { GrantSpec, Spec } from '../../spec/index.ts';
import type { Facts } from '../core/situation.ts';
import { ExplainError } from '../explain-error.ts';
import type { RoleStep } from '../question/path.ts';

/** Who makes the call. */
export interface Asker {
  /** ARN; undefined where AWS refuses the credentials before it says whose they are. */
  principal: string | undefined;
  /** Roles that a grant says to assume. */
  via: RoleStep[];
  /** External ids that are kept in the trust policies of these roles and nowhere else. */
  externalIdOf?: string;
  /** Where the profile's client goes. */
  region?: string | undefined;
  profile?: string | undefined;
  connection?: AccountConnection | undefined;
  credentials?: Facts['credentials'] | undefined;
}

const ARN =
  /^arn:[a-z-]+:(iam|sts)::\d{12}:(root|user\/.+|role\/.+|assumed-role\/[^/]+\/.+|federated-user\/.+)$/;

const SERVICE = /^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/;

/**
 * Reads `--as`: an ARN, a service of AWS (`ec2.amazonaws.com`), twelve digits for an account's root, a grant or account of the configuration, or a profile.
 * Without it, the SDK's default credentials.
 * @throws ExplainError `bad-question`, `unknown-name`; AccountError where there is no such profile
 */
export async function whoAsks(as: string | undefined, spec: Spec | undefined): Promise<Asker> {
  if (as === undefined) return asProfile(process.env['AWS_PROFILE']);
  if (as === '*' || as === 'anonymous') return { principal: '*', via: [] };
  if (/^\d{12}$/.test(as)) return { principal: `arn:aws:iam::${as}:root`, via: [] };
  if (ARN.test(as) || SERVICE.test(as)) return { principal: as, via: [] };
  if (as.startsWith('arn:') || as.includes(':'))
    throw new ExplainError(
      'bad-question',
      `\`${as}\` is no ARN of a user, role or session`,
      'write it as arn:aws:iam::111111111111:role/NAME, or name a profile or a grant',
    );
  const grant = spec?.grants?.find(({ name }) => name === as);
  if (grant !== undefined) return asGrant(spec!, grant);
  const profile = spec?.accounts[as]?.profile ?? as;
  await requireName(profile, as, spec);
  return asProfile(profile);
}

async function requireName(profile: string, as: string, spec: Spec | undefined): Promise<void> {
  const { profileNames } = await import('@crossbucket/access/configuration');
  const profiles = await profileNames();
  if (profiles.includes(profile)) return;
  const grants = spec?.grants?.map(({ name }) => name) ?? [];
  const known = [
    ...(profiles.length > 0 ? [`the profiles are ${profiles.slice(0, 20).join(', ')}`] : []),
    ...(grants.length > 0 ? [`the grants are ${grants.slice(0, 20).join(', ')}`] : []),
  ].join('; ');
  throw new ExplainError(
    'unknown-name',
    `there is no profile and no grant \`${as}\``,
    known || 'name an ARN',
  );
}

async function asProfile(profile: string | undefined): Promise<Asker> {
  try {
    const connection = await connect({ profile });
    const { caller: principal, region, isRegionConfigured } = connection;
    return { principal, via: [], ...(isRegionConfigured && { region }), profile, connection };
  } catch (error) {
    const credentials = refusedCredentials(error);
    if (credentials === undefined) throw error;
    return { principal: undefined, via: [], profile, credentials };
  }
}

/** What AWS's refusal says of credentials. https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html */
export function refusedCredentials(error: unknown): Facts['credentials'] | undefined {
  const cause = error instanceof AccountError ? error.cause : error;
  const { name = '', message = '' } = asAwsError(cause);
  const detail = [name, message].filter(Boolean).join(': ');
  if (/^(ExpiredToken|ExpiredTokenException|TokenRefreshRequired)$/.test(name))
    return { code: 'credentials-expired', detail: `the credentials have expired (${detail})` };
  if (
    name === 'RequestTimeTooSkewed' ||
    name === 'RequestExpired' ||
    /^Signature (expired|not yet current)/.test(message)
  )
    return { code: 'clock-skew', detail: `the clock of the caller is wrong (${detail})` };
  if (failureKind(cause) === 'credentials')
    return { code: 'credentials-invalid', detail: `AWS does not take the credentials (${detail})` };
  return undefined;
}

function asGrant({ accounts }: Spec, grant: GrantSpec): Asker {
  const { name, to, principals = [], bucket, route = 'role', role } = grant;
  const [first] = principals;
  if (first === undefined)
    throw new ExplainError(
      'bad-question',
      `the grant \`${name}\` is for whoever account \`${to}\` lets`,
      'say for whom you ask: --as ARN --via ROLE_ARN',
    );
  const principal = `arn:aws:iam::${accounts[to]!.id}:${first}`;
  if (route === 'bucket-policy') return { principal, via: [] };
  const owner = accounts[bucket.split('/')[0]!]!.id;
  const roleArn = `arn:aws:iam::${owner}:role${role?.path ?? '/'}${role?.name ?? name}`;
  const { externalId = 'auto' } = role ?? {};
  if (externalId === 'auto') return { principal, via: [{ roleArn }], externalIdOf: roleArn };
  return {
    principal,
    via: [{ roleArn, ...(externalId !== false && { input: { ExternalId: externalId } }) }],
  };
}
