import { UNKNOWN, conditionKey } from '../statements/condition-key.ts';
import type { Requirement, StatementRef } from '../decision.ts';
import { Glob } from '../glob.ts';
import { BY_ACCOUNT, DIRECTLY, UNNAMED } from '../statements/principal.ts';
import type { Naming } from '../statements/principal.ts';
import type { RequestView } from '../statements/request-view.ts';
import type { AclGrant } from '../request.ts';
import { MAYBE, NO, YES, either } from '../statements/truth.ts';
import type { Truth } from '../statements/truth.ts';

const POLICY_ACTIONS = new Set(['s3:getbucketpolicy', 's3:putbucketpolicy', 's3:deletebucketpolicy']);

/**
 * Only the bucket's own account may read and change its policy, and its root always can.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
 */
export function isPolicyAction(view: RequestView): boolean {
  return POLICY_ACTIONS.has(view.action);
}

/** What the bucket decides, whoever owns the object that is there already. */
const BUCKET_DECIDES = new Set([
  's3:putobject',
  's3:deleteobject',
  's3:deleteobjectversion',
  's3:abortmultipartupload',
  's3:listmultipartuploadparts',
]);

const OBJECT = /^arn:[^:]+:s3:(?:::[^/]+\/|[^:]*:\d{12}:accesspoint\/[^/]+\/object\/)/;

/**
 * Whether the request is about an object that the bucket's account does not own: then the bucket policy can deny and not allow.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-auth-workflow-object-operation.html
 */
export function isForeignObject({ request, service, action, resourceAccount }: RequestView): boolean {
  const { objectOwner } = request;
  if (objectOwner === undefined || service !== 's3' || objectOwner === resourceAccount) return false;
  return !BUCKET_DECIDES.has(action) && OBJECT.test(request.resource);
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html */
const ACL_PERMISSIONS: ReadonlyMap<string, AclGrant['permission']> = new Map([
  ['s3:listbucket', 'READ'],
  ['s3:listbucketversions', 'READ'],
  ['s3:listbucketmultipartuploads', 'READ'],
  ['s3:getobject', 'READ'],
  ['s3:getobjectversion', 'READ'],
  ['s3:putobject', 'WRITE'],
  // Of an upload in parts: who began it may look at it and end it.
  ['s3:listmultipartuploadparts', 'READ'],
  ['s3:abortmultipartupload', 'WRITE'],
  ['s3:getbucketacl', 'READ_ACP'],
  ['s3:getobjectacl', 'READ_ACP'],
  ['s3:getobjectversionacl', 'READ_ACP'],
  ['s3:putbucketacl', 'WRITE_ACP'],
  ['s3:putobjectacl', 'WRITE_ACP'],
  ['s3:putobjectversionacl', 'WRITE_ACP'],
]);

/**
 * WRITE lets the owner of an object delete it, besides what it lets everybody do.
 * https://docs.aws.amazon.com/sdk-for-kotlin/api/latest/s3/aws.sdk.kotlin.services.s3.model/-create-bucket-request/grant-write.html
 */
function permissionFor({ action, request, caller }: RequestView): AclGrant['permission'] | undefined {
  const isOwners = request.objectOwner !== undefined && request.objectOwner === caller.account;
  return action === 's3:deleteobject' && isOwners ? 'WRITE' : ACL_PERMISSIONS.get(action);
}

const isPublicGrant = ({ grantee }: AclGrant) => 'group' in grantee && grantee.group !== 'LogDelivery';

export interface AclVerdict {
  naming: Naming;
  /** A grant to everyone would have allowed it, and Block Public Access ignores it. */
  ignored: boolean;
}

export function evaluateAcl(acl: readonly AclGrant[], view: RequestView, ignorePublic: boolean): AclVerdict {
  const wanted = permissionFor(view);
  let naming = UNNAMED;
  let ignored = false;
  for (const grant of acl) {
    if (wanted === undefined || (grant.permission !== wanted && grant.permission !== 'FULL_CONTROL'))
      continue;
    const how = namedByGrant(grant, view);
    if (how === UNNAMED) continue;
    if (ignorePublic && isPublicGrant(grant)) ignored = true;
    else if (how > naming) naming = how;
  }
  return { naming, ignored };
}

function namedByGrant({ grantee }: AclGrant, { caller, canonicalUser }: RequestView): Naming {
  if (caller.kind === 'unreadable') return UNNAMED;
  const whole = caller.kind === 'root' ? DIRECTLY : BY_ACCOUNT;
  if ('account' in grantee) return grantee.account === caller.account ? whole : UNNAMED;
  if ('canonicalUser' in grantee) return grantee.canonicalUser === canonicalUser ? whole : UNNAMED;
  switch (grantee.group) {
    case 'AllUsers':
      return DIRECTLY;
    case 'AuthenticatedUsers':
      return caller.kind !== 'anonymous' && caller.account !== undefined ? DIRECTLY : UNNAMED;
    case 'LogDelivery':
      return caller.text === 'logging.s3.amazonaws.com' ? DIRECTLY : UNNAMED;
  }
}

const ACL_WRITES = new Set([
  's3:createbucket',
  's3:putobject',
  's3:putbucketacl',
  's3:putobjectacl',
  's3:putobjectversionacl',
]);
const PUBLIC_GROUPS = ['AllUsers', 'AuthenticatedUsers'].map(
  (group) => `http://acs.amazonaws.com/groups/global/${group}`,
);

/** What makes an ACL of a request public, header by header. */
const PUBLIC_ACL_HEADERS = [
  { key: conditionKey('s3:x-amz-acl'), values: ['public-read', 'public-read-write', 'authenticated-read'] },
  ...['read', 'write', 'read-acp', 'write-acp', 'full-control'].map((permission) => ({
    key: conditionKey(`s3:x-amz-grant-${permission}`),
    values: PUBLIC_GROUPS.map((group) => `*${group}*`),
  })),
].map((header) => Object.assign(header, { globs: header.values.map((value) => Glob.of(value)) }));

/** Whether the request sets an ACL for everyone, which BlockPublicAcls refuses. */
export function setsPublicAcl(view: RequestView): Truth {
  if (!ACL_WRITES.has(view.action)) return NO;
  let result = NO;
  for (const { key, globs } of PUBLIC_ACL_HEADERS) {
    const answer = view.get(key);
    if (answer === UNKNOWN) result = either(result, MAYBE);
    else if (answer !== undefined) {
      const texts = typeof answer === 'string' ? [answer] : answer;
      if (texts.some((text) => globs.some((glob) => glob.matches(text)))) result = YES;
    }
  }
  return result;
}

/** For headers that nobody knows: what they must not be. Each is a Deny of its own. */
export function publicAclRequirements(view: RequestView): Requirement[] {
  if (!ACL_WRITES.has(view.action)) return [];
  return PUBLIC_ACL_HEADERS.flatMap(({ key, values }, index): Requirement[] => {
    if (view.get(key) !== UNKNOWN) return [];
    const statement: StatementRef = { policy: 'Block Public Access', index: index + 1, effect: 'Deny' };
    return [{ operator: 'StringLike', key: key.written, values, negated: true, statement }];
  });
}
