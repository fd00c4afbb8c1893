import type { Decision, Layer } from '../decision.ts';
import { parseCaller } from '../statements/principal.ts';
import type { AccessRequest } from '../request.ts';
import type { ApiCall, World } from '../snapshot.ts';
import type { OwnedBucket } from './owners.ts';
import { bucketOf, own } from './owners.ts';

/** The layers of a request that its accounts list as unknown (`UnknownFact.what`), or whose account is not in the world at all. */
export function unreadLayers(
  world: World,
  call: ApiCall,
  request: AccessRequest,
  bucket: OwnedBucket | undefined,
): Layer[] {
  const { account } = parseCaller(request.principal);
  const layers = new Set<Layer>();
  if (isOwnerUnknown(call, request, bucket)) {
    layers.add('resource-policy').add('rcp');
    if (request.resource.includes(':accesspoint/')) layers.add('access-point-policy');
  }
  const { action, resource, resourceAccount } = request;
  if (resourceAccount !== undefined && own(world.accounts, resourceAccount) === undefined) {
    if (action.startsWith('sts:') && resource.includes(':role/')) layers.add('trust-policy').add('rcp');
    if (action.startsWith('kms:') && resource.includes(':key/')) layers.add('key-policy').add('rcp');
  }
  if (isCallerUnread(world, request)) layers.add('identity-policy').add('boundary');
  if (factsOf(world, account).includes('scp') || isOutside(world, account)) layers.add('scp');
  for (const fact of factsOf(world, request.resourceAccount)) {
    if (fact === 'rcp') layers.add('rcp');
    else if (bucket !== undefined && fact === `bucket-policy ${bucket.bucket.name}`)
      layers.add('resource-policy');
    else if (fact === `key-policy ${request.resource}`) layers.add('key-policy');
    else if (fact === `trust-policy ${request.resource}`) layers.add('trust-policy');
  }
  return [...layers];
}

/** Whether nobody could read the caller's own policies and tags. */
export function isCallerUnread(world: World, { principal }: Pick<AccessRequest, 'principal'>): boolean {
  const caller = parseCaller(principal);
  if (caller.account === undefined || caller.kind === 'provider' || caller.kind === 'root') return false;
  if (own(world.accounts, caller.account) === undefined) return true;
  const prefix = 'principal ';
  return factsOf(world, caller.account).some(
    (fact) =>
      fact.startsWith(prefix) && (fact === `${prefix}${principal}` || fact.endsWith(`/${caller.name}`)),
  );
}

/** Whether nobody could read which aliases a key has. */
export function areAliasesUnread(world: World, key: string): boolean {
  return factsOf(world, key.split(':')[4]).includes(`aliases ${key}`);
}

/** Whether nobody knows whose bucket it is: it, or its access point, is in no account of the world, and may be in any. */
export function isOwnerUnknown(
  { service, operation }: ApiCall,
  { action, resource }: AccessRequest,
  bucket: OwnedBucket | undefined,
): boolean {
  // Whoever creates a bucket owns it; S3 Control is about access points, whose ARNs name their owners.
  if (bucket !== undefined || service !== 's3' || operation === 'CreateBucket') return false;
  if (!action.startsWith('s3:')) return false;
  return IN_BUCKET.test(resource);
}

const IN_BUCKET = /^arn:[^:]+:s3:(?:::[^/*]|[^:]*:\d{12}:accesspoint\/)/;

/** An owner's own rights are no reason to allow where nobody knows the owner. */
export function checkOwner(
  world: World,
  call: ApiCall,
  request: AccessRequest,
  decision: Decision,
): Decision {
  if (decision.outcome !== 'allow' || !isOwnerUnknown(call, request, bucketOf(world, request)))
    return decision;
  const { action, resource } = request;
  return { ...decision, outcome: 'depends', reason: `${action} on ${resource} depends on who owns it.` };
}

/** An account that is neither in the world nor in its organization may be in another organization. */
function isOutside({ accounts, organization }: World, account: string | undefined): boolean {
  if (account === undefined || own(accounts, account) !== undefined) return false;
  return organization === undefined || own(organization.accounts, account) === undefined;
}

function factsOf(world: World, account: string | undefined): string[] {
  const known = account === undefined ? undefined : own(world.accounts, account);
  return known?.unknown?.map(({ what }) => what) ?? [];
}
