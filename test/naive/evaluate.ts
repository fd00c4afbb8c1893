import type { AccessRequest, PolicyInput, PolicySet } from '@crossbucket/policy';
import { isObject } from './conditions.ts';
import { accessPoint, isServiceLinked, resourceAccount, serviceOf, valuesOf, whoIs } from './facts.ts';
import { isPublic } from './public.ts';
import { applying } from './statements.ts';
import type { Found, Place } from './statements.ts';

/**
 * A second evaluator, to hold the engine against: as short as it can be, slow, and without a line of the engine's. It answers allow or deny for
 * requests whose keys are all known.
 */
export function isAllowed(request: AccessRequest, policies: PolicySet): boolean {
  const who = whoIs(request.principal);
  const action = request.action.toLowerCase();
  const service = serviceOf(request);
  const owner = resourceAccount(request);
  if (['sts:getcalleridentity', 'sts:getsessiontoken'].includes(action) && who.account !== undefined)
    return true;

  const read = (inputs: readonly PolicyInput[], more: Partial<Place>): Found[] =>
    inputs.flatMap((input) => applying(documentOf(input), request, { ...plain, ...more }));
  const plain: Place = {
    hasPrincipals: false,
    impliesResource: false,
    resources: resourceNames(request),
    hasBoundary: policies.boundary !== undefined,
  };
  const denies = (found: Found[]) => found.some(({ isDeny }) => isDeny);
  const allows = (found: Found[]) => found.some(({ isDeny }) => !isDeny);
  const naming = { hasPrincipals: true };

  const isCaller = who.account !== undefined && who.kind !== 'provider';
  const isLimited = isCaller && who.kind !== 'root';
  const exempt = (account: string | undefined) =>
    isServiceLinked(who) || (account !== undefined && request.managementAccounts?.includes(account) === true);

  // Organization, network, public access.
  if (policies.serviceControl && isCaller && !exempt(who.account)) {
    for (const level of policies.serviceControl) {
      const found = read(level, {});
      if (denies(found) || !allows(found)) return false;
    }
  }
  if (policies.resourceControl && RCP_SERVICES.includes(service) && !exempt(owner)) {
    for (const level of policies.resourceControl) if (denies(read(level, naming))) return false;
  }
  if (policies.vpcEndpoint) {
    const found = read([policies.vpcEndpoint], naming);
    if (denies(found) || !allows(found)) return false;
  }
  const isStranger = who.account === undefined || who.account !== owner;
  if (
    service === 's3' &&
    policies.publicAccessBlock?.RestrictPublicBuckets &&
    isStranger &&
    who.kind !== 'service'
  ) {
    const bucketIsPublic = policies.resource !== undefined && isPublic(documentOf(policies.resource), false);
    const isPrivatePoint = valuesOf(request, 's3:AccessPointNetworkOrigin')?.join() === 'VPC';
    const pointIsPublic =
      policies.accessPoint !== undefined &&
      !isPrivatePoint &&
      isPublic(documentOf(policies.accessPoint), true);
    if (bucketIsPublic || pointIsPublic) return false;
  }
  if (service === 's3' && policies.publicAccessBlock?.BlockPublicAcls && setsPublicAcl(request)) return false;

  // The resource's side.
  const isTrust = service === 'sts' && request.resource.includes(':role/');
  const isKey = service === 'kms' && request.resource.includes(':key/');
  const foreign = isForeign(request);
  const onPolicy = ['s3:getbucketpolicy', 's3:putbucketpolicy', 's3:deletebucketpolicy'].includes(action);
  let granted: Set<string> = new Set();
  if (policies.resource) {
    const found = read([policies.resource], {
      ...naming,
      impliesResource: isTrust,
      pathInBucket: isTrust ? undefined : pathInBucket(request),
    });
    const ownersRoot = service === 's3' && onPolicy && who.kind === 'root' && !isStranger;
    if (denies(found) && !ownersRoot) return false;
    const mayAllow = !(service === 's3' && (foreign || (onPolicy && isStranger)));
    if (mayAllow) granted = namings(found);
  }
  if (policies.acl && service === 's3') {
    for (const how of aclNamings(request, policies)) granted.add(how);
  }
  if (policies.accessPoint) {
    const found = read([policies.accessPoint], naming);
    if (denies(found)) return false;
    const through = namings(found);
    granted = new Set([...granted].filter((how) => through.has(how)));
  } else if (accessPoint(request) !== undefined) granted = new Set();
  if (who.kind === 'root' && action === 'sts:assumerole') granted = new Set();
  // A trust policy that names a user leaves the user's boundary in force.
  if (isTrust && who.kind === 'user') granted.delete('direct');
  if (!isCaller) return granted.has('direct');

  // The caller's side.
  const identity = read(policies.identity ?? [], {});
  if (denies(identity)) return false;
  const identityAllows = who.kind === 'root' || allows(identity);
  let limitsAllow = true;
  if (isLimited && policies.boundary) {
    const found = read([policies.boundary], {});
    if (denies(found)) return false;
    limitsAllow &&= allows(found);
  }
  if (isLimited && policies.session) {
    const found = read(policies.session, {});
    if (denies(found)) return false;
    limitsAllow &&= allows(found);
  } else if (who.kind === 'federated') limitsAllow = false;

  const sameAccount = who.account === (foreign ? request.objectOwner : owner);
  if (!sameAccount) return granted.has('account') && identityAllows && limitsAllow;
  if (granted.has('direct')) return true;
  if (granted.has('role') && limitsAllow) return true;
  return identityAllows && limitsAllow && (!(isTrust || isKey) || granted.has('account'));
}

const RCP_SERVICES =
  's3 sts kms sqs secretsmanager cognito-idp cognito-identity logs dynamodb ecr aoss'.split(' ');

function documentOf(input: PolicyInput): unknown {
  return isObject(input) && 'document' in input ? input.document : input;
}

/** A closer naming has what a wider one has. */
function namings(found: readonly Found[]): Set<string> {
  const all = new Set<string>();
  for (const { isDeny, naming } of found) {
    if (isDeny) continue;
    all.add('account');
    if (naming !== 'account') all.add('role');
    if (naming === 'direct') all.add('direct');
  }
  return all;
}

/** Every ARN that the resource goes by: through an access point, a bucket's things go by that one's ARNs too. */
function resourceNames(request: AccessRequest): string[] {
  const { resource } = request;
  if (resource === '*')
    return request.action.toLowerCase() === 's3:listallmybuckets' ? [resource, 'arn:aws:s3:::*'] : [resource];
  const point = accessPoint(request);
  const parts = resource.split(':');
  if (point === undefined || parts[2] !== 's3' || parts[3] !== '' || parts[4] !== '') return [resource];
  const [, ...key] = parts.slice(5).join(':').split('/');
  return [resource, key.length === 0 ? point : `${point}/object/${key.join('/')}`];
}

/** A bucket policy knows its bucket: what the request names by access point alone is, to it, in the bucket that it names itself. */
function pathInBucket(request: AccessRequest): string | undefined {
  const point = accessPoint(request);
  const { resource } = request;
  if (point === undefined || !resource.startsWith(point)) return undefined;
  const rest = resource.slice(point.length);
  return rest.startsWith('/object/') ? rest.slice('/object'.length) : '';
}

function isForeign(request: AccessRequest): boolean {
  const { objectOwner, resource } = request;
  if (serviceOf(request) !== 's3' || objectOwner === undefined || objectOwner === resourceAccount(request))
    return false;
  const isObjectArn =
    /^arn:[^:]+:s3:::[^/]+\//.test(resource) || /:accesspoint\/[^/]+\/object\//.test(resource);
  const bucketDecides =
    /^s3:(putobject|deleteobject|deleteobjectversion|abortmultipartupload|listmultipartuploadparts)$/;
  return isObjectArn && !bucketDecides.test(request.action.toLowerCase());
}

const ACL_ACTIONS: Record<string, string[]> = {
  READ: ['listbucket', 'listbucketversions', 'listbucketmultipartuploads', 'getobject', 'getobjectversion'],
  WRITE: ['putobject'],
  READ_ACP: ['getbucketacl', 'getobjectacl', 'getobjectversionacl'],
  WRITE_ACP: ['putbucketacl', 'putobjectacl', 'putobjectversionacl'],
};

function aclNamings(request: AccessRequest, { acl, publicAccessBlock }: PolicySet): string[] {
  const who = whoIs(request.principal);
  if (who.kind === 'nobody') return [];
  const action = request.action.toLowerCase().slice('s3:'.length);
  return (acl ?? []).flatMap(({ grantee, permission }) => {
    const isOwners = request.objectOwner !== undefined && request.objectOwner === who.account;
    const covers = (name: string) =>
      ACL_ACTIONS[name]!.includes(action) || (name === 'WRITE' && action === 'deleteobject' && isOwners);
    if (permission === 'FULL_CONTROL' ? !Object.keys(ACL_ACTIONS).some(covers) : !covers(permission))
      return [];
    if ('group' in grantee) {
      if (grantee.group === 'LogDelivery') return who.name === 'logging.s3.amazonaws.com' ? EVERY : [];
      if (publicAccessBlock?.IgnorePublicAcls) return [];
      return grantee.group === 'AllUsers' || who.account !== undefined ? EVERY : [];
    }
    const isIt =
      'account' in grantee
        ? grantee.account === who.account
        : grantee.canonicalUser === request.canonicalUser;
    if (!isIt) return [];
    return who.kind === 'root' ? EVERY : ['account'];
  });
}

const EVERY = ['account', 'role', 'direct'];

function setsPublicAcl(request: AccessRequest): boolean {
  const action = request.action.toLowerCase();
  if (!/^s3:(createbucket|putobject|putbucketacl|putobjectacl|putobjectversionacl)$/.test(action))
    return false;
  const canned = valuesOf(request, 's3:x-amz-acl') ?? [];
  if (canned.some((acl) => ['public-read', 'public-read-write', 'authenticated-read'].includes(acl)))
    return true;
  return ['read', 'write', 'read-acp', 'write-acp', 'full-control'].some((name) =>
    (valuesOf(request, `s3:x-amz-grant-${name}`) ?? []).some((text) =>
      /acs\.amazonaws\.com\/groups\/global\/(AllUsers|AuthenticatedUsers)/.test(text),
    ),
  );
}
