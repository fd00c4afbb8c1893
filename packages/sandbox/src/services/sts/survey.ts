import type { ContextValue } from '@crossbucket/policy';
import { isKnown } from '../../config/settings.ts';
import { AwsError } from '../../wire/errors.ts';
import type { LoadedService, Survey } from '../service.ts';
import { requireInput } from './input.ts';
import { readMfaCode } from './mfa.ts';
import { verifyWebIdentity } from './web-identity.ts';

type Known = Parameters<LoadedService['survey']>[2];

/** Checks what STS checks before it asks for permission, and finds the role that is to be assumed. */
export function survey(
  operation: string,
  input: Record<string, unknown>,
  known: Known,
): Survey | Promise<Survey> {
  requireInput(operation, input);
  if (operation === 'AssumeRoleWithSAML')
    throw new AwsError('NotImplemented', 'The sandbox does not verify SAML assertions.', { status: 501 });
  requireCallable(operation, known);
  if (operation === 'GetSessionToken' || operation === 'GetFederationToken')
    requireRegion(known.caller.account, known);
  const arn = input['RoleArn'];
  if (typeof arn !== 'string') return {};
  const account = arn.split(':')[4]!;
  requireRegion(account, known);
  const found = known.store.findRole(arn);
  const closed = known.store.accounts.get(account)?.closed !== undefined;
  const role = found && isKnown(found, known) && !closed ? found : undefined;
  const tags: Record<string, ContextValue> = {};
  for (const { Key, Value } of role?.tags ?? []) tags[`aws:ResourceTag/${Key}`] = Value;
  const base: Survey = { resources: [{ type: 'AWS::IAM::Role', arn, account }], context: tags };
  if (role) base.role = role;
  if (operation === 'AssumeRoleWithWebIdentity')
    return verifyWebIdentity(input['WebIdentityToken'] as string, account, known).then(
      ({ caller, context }) => ({ ...base, caller, context: { ...tags, ...context } }),
    );
  if (operation === 'AssumeRole' && readMfaCode(input, known)) {
    tags['aws:MultiFactorAuthPresent'] = true;
    tags['aws:MultiFactorAuthAge'] = 0;
  }
  return base;
}

/** What the sessions of users may call, as the SDK's model of STS says. */
const BY_USER_SESSION = new Set([
  'AssumeRole',
  'GetCallerIdentity',
  'GetScopedCredentials',
  'GetWebIdentityToken',
  'GetDelegatedAccessToken',
]);
const BY_FEDERATED_USER = new Set(['GetCallerIdentity', 'GetScopedCredentials', 'GetDelegatedAccessToken']);
const LONG_TERM_ONLY = new Set(['GetSessionToken', 'GetFederationToken']);

function requireCallable(operation: string, { caller }: Known): void {
  // https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
  if (operation === 'AssumeRole' && caller.kind === 'root')
    throw new AwsError('AccessDenied', 'Roles may not be assumed by root accounts.', { status: 403 });
  const { session } = caller;
  if (!session) return;
  const isCallable =
    session.kind === 'role'
      ? !LONG_TERM_ONLY.has(operation)
      : (session.kind === 'user' ? BY_USER_SESSION : BY_FEDERATED_USER).has(operation);
  if (isCallable) return;
  throw new AwsError('AccessDenied', `Cannot call ${operation} with session credentials`, { status: 403 });
}

/**
 * The account that is asked for credentials must have STS turned on in the region.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html
 */
function requireRegion(account: string, { store, region }: Known): void {
  if (!store.accounts.get(account)?.disabledRegions?.includes(region)) return;
  throw new AwsError(
    'RegionDisabledException',
    `STS is not activated in this region for account:${account}. Your account administrator can activate STS in this region using the IAM Console.`,
  );
}
