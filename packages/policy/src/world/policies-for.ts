import type { Layer } from '../decision.ts';
import { parseCaller } from '../statements/principal.ts';
import type { AclGrant, PolicySet, PublicAccessBlock } from '../request.ts';
import type { AccessRequest } from '../request.ts';
import type { ApiCall, World } from '../snapshot.ts';
import { findCaller } from './callers.ts';
import { policyWithGrants } from './key-grants.ts';
import type { OwnedAccessPoint, OwnedBucket } from './owners.ts';
import { accountBlock, bucketOf, findAccessPoint, findKey, own } from './owners.ts';
import { hasAcls } from './request-context.ts';
import { unreadLayers } from './unread.ts';

/** Picks from the world every policy that has a say in a request. */
export function policiesFor(world: World, call: ApiCall, request: AccessRequest): PolicySet {
  const { principal } = findCaller(world, call) ?? {};
  const policies: PolicySet = {};
  if (principal !== undefined) {
    policies.identity = principal.policies;
    if (principal.boundary !== undefined) policies.boundary = principal.boundary;
  }
  const session = call.session?.policies;
  if (session !== undefined && session.length > 0) policies.session = session;
  addOrganization(policies, world, request);
  // What a service asks in the caller's name does not go through the caller's endpoint: an endpoint's policy is about what uses it.
  // https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
  const isForwarded = request.context?.['aws:ViaAWSService'] === true;
  const endpoint = isForwarded ? undefined : request.context?.['aws:SourceVpce'];
  const endpointPolicy =
    typeof endpoint === 'string' ? own(world.endpoints ?? {}, endpoint)?.policy : undefined;
  if (endpointPolicy !== undefined) policies.vpcEndpoint = endpointPolicy;

  const bucket = bucketOf(world, request);
  if (bucket !== undefined) addBucket(policies, world, call, request, bucket);
  else addOther(policies, world, request);
  const unread: Layer[] = unreadLayers(world, call, request, bucket);
  if (unread.length > 0) policies.unread = unread;
  return policies;
}

function addOrganization(policies: PolicySet, { organization }: World, request: AccessRequest): void {
  if (organization === undefined) return;
  const { account } = parseCaller(request.principal);
  const principal = account === undefined ? undefined : own(organization.accounts, account);
  if (principal !== undefined) policies.serviceControl = principal.serviceControl;
  const { resourceAccount } = request;
  const resource = resourceAccount === undefined ? undefined : own(organization.accounts, resourceAccount);
  if (resource !== undefined) policies.resourceControl = resource.resourceControl;
}

function addBucket(
  policies: PolicySet,
  world: World,
  call: ApiCall,
  request: AccessRequest,
  { account, bucket }: OwnedBucket,
): void {
  if (bucket.policy !== undefined) policies.resource = bucket.policy;
  const through = request.accessPoint === undefined ? undefined : findAccessPoint(world, request.accessPoint);
  if (through !== undefined) policies.accessPoint = accessPointPolicy(through);
  policies.publicAccessBlock = strictest([
    accountBlock(world, account),
    bucket.publicAccessBlock,
    through?.accessPoint.publicAccessBlock,
  ]);
  // A call that sets an ACL fails where they are disabled, whether it is public or not.
  if (bucket.ownership === 'BucketOwnerEnforced') delete policies.publicAccessBlock.BlockPublicAcls;
  if (!hasAcls(bucket)) return;
  const acl = aclFor(call, request, bucket.acl);
  if (acl !== undefined) policies.acl = acl;
}

/** An access point without a policy allows nothing of its own. */
function accessPointPolicy({ accessPoint }: OwnedAccessPoint): NonNullable<PolicySet['accessPoint']> {
  return accessPoint.policy ?? NO_POLICY;
}

const NO_POLICY = { name: 'access point policy', document: { Version: '2012-10-17', Statement: [] } };

/** Listing, writing and deleting go by the bucket's ACL, the rest of an object's actions by its own. */
function aclFor(call: ApiCall, { action, resource }: AccessRequest, bucket: AclGrant[] | undefined) {
  const isObject = /^arn:[^:]+:s3:::[^/]+\//.test(resource);
  if (!isObject || action === 's3:PutObject' || action === 's3:DeleteObject') return bucket;
  if (action === 's3:PutObjectAcl' && call.operation !== 'PutObjectAcl') return bucket && aclOfNew(bucket);
  const isSource = call.input['CopySource'] !== undefined && action.startsWith('s3:Get');
  return (isSource ? call.copySource : call.object)?.acl;
}

/** Whoever may write an object by the bucket's ACL owns it, and so gives it its ACL. */
function aclOfNew(bucket: AclGrant[]): AclGrant[] {
  return bucket.flatMap((grant): AclGrant[] =>
    grant.permission === 'WRITE' || grant.permission === 'FULL_CONTROL'
      ? [{ grantee: grant.grantee, permission: 'WRITE_ACP' }]
      : [],
  );
}

function addOther(policies: PolicySet, world: World, request: AccessRequest): void {
  const { action, resource, resourceAccount } = request;
  if (action.startsWith('kms:')) {
    const key = findKey(world, resource);
    if (key !== undefined) policies.resource = policyWithGrants(key);
  } else if (action.startsWith('organizations:')) {
    const policy = delegationPolicy(world, request);
    if (policy !== undefined) policies.resource = policy;
  } else if (action.startsWith('sts:') && resourceAccount !== undefined) {
    const role = own(own(world.accounts, resourceAccount)?.principals ?? {}, resource);
    if (role?.trust !== undefined) policies.resource = role.trust;
  }
}

/** The management account needs no leave of its own. */
function delegationPolicy({ organization }: World, { principal, resourceAccount }: AccessRequest) {
  if (organization === undefined || resourceAccount !== organization.managementAccount) return undefined;
  return parseCaller(principal).account === resourceAccount ? undefined : organization.policy;
}

const SETTINGS = [
  'BlockPublicAcls',
  'IgnorePublicAcls',
  'BlockPublicPolicy',
  'RestrictPublicBuckets',
] as const;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html */
export function strictest(levels: readonly (PublicAccessBlock | undefined)[]): PublicAccessBlock {
  const settings: PublicAccessBlock = {};
  for (const name of SETTINGS) if (levels.some((level) => level?.[name] === true)) settings[name] = true;
  return settings;
}
