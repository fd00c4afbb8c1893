import { parseCaller } from '../statements/principal.ts';
import type { AccessRequest, ContextValue } from '../request.ts';
import type { ApiCall, BucketSnapshot, PrincipalSnapshot, World } from '../snapshot.ts';
import { findCaller } from './callers.ts';
import { S3_CONTEXT, addKeyFacts, bucketForm, objectBehind } from './kms-context.ts';
import { bucketOf, findAccessPoint, findKey, own } from './owners.ts';
import { REGION, hasRegion, requestedRegion } from './region.ts';
import { areAliasesUnread, isCallerUnread, isOwnerUnknown } from './unread.ts';

/** Adds to an authorization what only the world knows: who owns the resource, and the keys of principal, organization and object. */
export function completeRequest(world: World, call: ApiCall, needed: AccessRequest): AccessRequest {
  const { principal: by, action, resource, objectOwner, context = {} } = needed;
  const request: AccessRequest = { principal: by, action, resource, context };
  const bucket = bucketOf(world, needed);
  const accessPoint = findAccessPoint(world, needed.resource);
  if (accessPoint !== undefined && bucket !== undefined) {
    request.accessPoint = accessPoint.accessPoint.arn;
    request.resource = bucketForm(needed.resource, accessPoint.accessPoint.arn, bucket.bucket.name);
  }
  const key = needed.action.startsWith('kms:') ? findKey(world, needed.resource) : undefined;
  if (key !== undefined) request.resource = key.arn;
  const resourceAccount =
    bucket?.account.id ?? needed.resourceAccount ?? organizationOwner(world, call, needed);
  if (resourceAccount !== undefined) request.resourceAccount = resourceAccount;

  const unknown = [...(needed.unknown ?? [])];
  if (isCallerUnread(world, needed)) unknown.push('aws:PrincipalTag/*');
  if (isOwnerUnknown(call, needed, bucket)) unknown.push(...OWNER_KEYS);
  // Object Ownership makes the bucket's account the owner of everything, unless it says otherwise.
  else if (objectOwner !== undefined && (bucket === undefined || hasAcls(bucket.bucket)))
    request.objectOwner = objectOwner;
  if (call.session?.federatedBy !== undefined) request.federatedBy = call.session.federatedBy;
  const principal = findCaller(world, call)?.principal;
  if (principal !== undefined && parseCaller(call.principal).kind !== 'federated-user') {
    request.uniqueId = principal.uniqueId;
    if (principal.kind === 'role') request.roleArn = principal.arn;
  }
  const { organization } = world;
  if (organization !== undefined) request.managementAccounts = [organization.managementAccount];
  const account = parseCaller(call.principal).account;
  const canonicalUser = account === undefined ? undefined : own(world.accounts, account)?.canonicalId;
  if (canonicalUser !== undefined) request.canonicalUser = canonicalUser;

  const behind = objectBehind(world, context[S3_CONTEXT]);
  if (behind === 'unknown') unknown.push(S3_CONTEXT);
  if (key !== undefined && areAliasesUnread(world, key.arn)) unknown.push('kms:ResourceAliases');

  const isRegionGiven = hasRegion(needed);
  const region = isRegionGiven ? undefined : requestedRegion(world, call, request);
  if (region === undefined && !isRegionGiven) unknown.push(REGION);
  if (unknown.length > 0) request.unknown = unknown;
  const derived: Record<string, ContextValue> = {};
  if (region !== undefined) derived[REGION] = region;
  addPrincipalKeys(derived, call, principal);
  addOrganizationKeys(derived, world, account, resourceAccount);
  if (accessPoint !== undefined)
    derived['s3:AccessPointNetworkOrigin'] = accessPoint.accessPoint.vpc === undefined ? 'Internet' : 'VPC';
  if (key !== undefined) addKeyFacts(derived, key);
  if (!isEmpty(derived)) request.context = { ...derived, ...context };
  if (behind !== undefined && behind !== 'unknown')
    request.context = { ...request.context, [S3_CONTEXT]: behind };
  return request;
}

/** An organization is its management account's, for whichever member asks. */
function organizationOwner({ organization }: World, { principal }: ApiCall, { action }: AccessRequest) {
  if (organization === undefined || !action.startsWith('organizations:')) return undefined;
  const { account } = parseCaller(principal);
  const isMember = account !== undefined && own(organization.accounts, account) !== undefined;
  return isMember ? organization.managementAccount : undefined;
}

const OWNER_KEYS = ['aws:ResourceAccount', 's3:ResourceAccount', 'aws:ResourceOrgID', 'aws:ResourceOrgPaths'];

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html */
export function hasAcls({ ownership }: BucketSnapshot): boolean {
  return ownership === 'BucketOwnerPreferred' || ownership === 'ObjectWriter';
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html */
function addPrincipalKeys(
  keys: Record<string, ContextValue>,
  call: ApiCall,
  principal: PrincipalSnapshot | undefined,
): void {
  const { session } = call;
  // A session's tags take the place of its role's.
  const tags = new Map<string, [string, string]>();
  for (const held of [principal?.tags, session?.tags]) {
    if (held === undefined) continue;
    for (const [name, value] of Object.entries(held)) tags.set(name.toLowerCase(), [name, value]);
  }
  for (const [name, value] of tags.values()) keys[`aws:PrincipalTag/${name}`] = value;
  if (session === undefined) return;
  if (session.issuedAt !== undefined) keys['aws:TokenIssueTime'] = session.issuedAt;
  if (session.sourceIdentity !== undefined) keys['aws:SourceIdentity'] = session.sourceIdentity;
  keys['aws:MultiFactorAuthPresent'] = session.mfa === true;
}

function addOrganizationKeys(
  keys: Record<string, ContextValue>,
  { organization }: World,
  account: string | undefined,
  resourceAccount: string | undefined,
): void {
  if (organization === undefined) return;
  const principal = account === undefined ? undefined : own(organization.accounts, account);
  if (principal !== undefined) {
    keys['aws:PrincipalOrgID'] = organization.id;
    keys['aws:PrincipalOrgPaths'] = [principal.path];
  }
  const resource = resourceAccount === undefined ? undefined : own(organization.accounts, resourceAccount);
  if (resource !== undefined) {
    keys['aws:ResourceOrgID'] = organization.id;
    keys['aws:ResourceOrgPaths'] = [resource.path];
  }
}

function isEmpty(record: object): boolean {
  for (const _ in record) return false;
  return true;
}
