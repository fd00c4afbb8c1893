import type { AccessControlPolicy, Grant } from '@aws-sdk/client-s3';
import type { AclGrant } from '@crossbucket/policy';
import { AwsError } from '../../wire/errors.ts';
import { invalidArgument } from './errors.ts';

/** What a request may say of an ACL: a canned one, grants in headers, or a document. */
export interface AclInput {
  ACL?: string | undefined;
  GrantFullControl?: string | undefined;
  GrantRead?: string | undefined;
  GrantReadACP?: string | undefined;
  GrantWrite?: string | undefined;
  GrantWriteACP?: string | undefined;
  AccessControlPolicy?: AccessControlPolicy | undefined;
}

/** Canonical ids of those whom canned ACLs mean, and who else there is. */
export interface AclParties {
  owner: string;
  bucketOwner: string;
  isKnown(id: string): boolean;
}

type Permission = AclGrant['permission'];
type Group = Extract<AclGrant['grantee'], { group: unknown }>['group'];

const GRANT_HEADERS = {
  GrantFullControl: { name: 'x-amz-grant-full-control', permission: 'FULL_CONTROL' },
  GrantRead: { name: 'x-amz-grant-read', permission: 'READ' },
  GrantReadACP: { name: 'x-amz-grant-read-acp', permission: 'READ_ACP' },
  GrantWrite: { name: 'x-amz-grant-write', permission: 'WRITE' },
  GrantWriteACP: { name: 'x-amz-grant-write-acp', permission: 'WRITE_ACP' },
} as const;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html */
const GROUP_URIS: Readonly<Record<Group, string>> = {
  AllUsers: 'http://acs.amazonaws.com/groups/global/AllUsers',
  AuthenticatedUsers: 'http://acs.amazonaws.com/groups/global/AuthenticatedUsers',
  LogDelivery: 'http://acs.amazonaws.com/groups/s3/LogDelivery',
};

const PERMISSIONS: ReadonlySet<string> = new Set(['FULL_CONTROL', 'READ', 'WRITE', 'READ_ACP', 'WRITE_ACP']);

const ofGroup = (group: Group, ...permissions: Permission[]): AclGrant[] =>
  permissions.map((permission) => ({ grantee: { group }, permission }));

/** What each canned ACL grants besides full control for the owner. The same page lists them. */
const CANNED: Readonly<Record<string, (parties: AclParties) => AclGrant[]>> = {
  private: () => [],
  'public-read': () => ofGroup('AllUsers', 'READ'),
  'public-read-write': () => ofGroup('AllUsers', 'READ', 'WRITE'),
  'authenticated-read': () => ofGroup('AuthenticatedUsers', 'READ'),
  'bucket-owner-read': (parties) => ofBucketOwner(parties, 'READ'),
  'bucket-owner-full-control': (parties) => ofBucketOwner(parties, 'FULL_CONTROL'),
  'log-delivery-write': () => ofGroup('LogDelivery', 'WRITE', 'READ_ACP'),
};

function ofBucketOwner({ owner, bucketOwner }: AclParties, permission: Permission): AclGrant[] {
  return owner === bucketOwner ? [] : [{ grantee: { canonicalUser: bucketOwner }, permission }];
}

/** The ACL of what was made without one. */
export const privateAcl = (owner: string): AclGrant[] => [
  { grantee: { canonicalUser: owner }, permission: 'FULL_CONTROL' },
];

/**
 * The ACL that a request asks for, or undefined where it asks for none.
 * @throws AwsError where it asks in two ways, or for a grantee who is not there.
 */
export function readAcl(input: AclInput, parties: AclParties): AclGrant[] | undefined {
  const headers = Object.entries(GRANT_HEADERS).filter(
    ([member]) => input[member as keyof typeof GRANT_HEADERS] !== undefined,
  );
  if (input.ACL !== undefined && headers.length > 0)
    throw new AwsError('InvalidRequest', 'Specifying both Canned ACLs and Header Grants is not allowed');
  if (input.AccessControlPolicy && (input.ACL !== undefined || headers.length > 0))
    throw new AwsError('UnexpectedContent', 'This request does not support content');
  if (input.ACL !== undefined) {
    const canned = Object.hasOwn(CANNED, input.ACL) ? CANNED[input.ACL] : undefined;
    if (!canned) throw invalidArgument('x-amz-acl', input.ACL, 'The canned ACL is not supported.');
    return [...privateAcl(parties.owner), ...canned(parties)];
  }
  if (input.AccessControlPolicy) return readDocument(input.AccessControlPolicy, parties);
  if (headers.length === 0) return undefined;
  return headers.flatMap(([member, { name, permission }]) =>
    readGrantees(name, input[member as keyof typeof GRANT_HEADERS]!, parties).map((grantee) => ({
      grantee,
      permission,
    })),
  );
}

/** `id="...", uri="..."` */
function readGrantees(header: string, text: string, parties: AclParties): AclGrant['grantee'][] {
  return text.split(',').map((part) => {
    const [, type = '', value = ''] = /^\s*(id|uri|emailAddress)\s*=\s*"?([^"]*)"?\s*$/i.exec(part) ?? [];
    switch (type.toLowerCase()) {
      case 'id':
        return requireUser(value, parties);
      case 'uri':
        return requireGroup(value);
      case 'emailaddress':
        throw noEmail();
      default:
        throw invalidArgument(header, text, 'Argument format not recognized');
    }
  });
}

const MAX_GRANTS = 100;

function readDocument({ Owner, Grants = [] }: AccessControlPolicy, parties: AclParties): AclGrant[] {
  if (Owner?.ID === undefined || Grants.length > MAX_GRANTS) throw malformed();
  // An ACL never changes who owns something.
  if (Owner.ID !== parties.owner) throw new AwsError('AccessDenied', 'Access Denied');
  return Grants.map(({ Grantee, Permission }) => {
    if (Permission === undefined || !PERMISSIONS.has(Permission)) throw malformed();
    const permission = Permission;
    if (Grantee?.Type === 'AmazonCustomerByEmail') throw noEmail();
    if (Grantee?.Type === 'Group') return { grantee: requireGroup(Grantee.URI ?? ''), permission };
    if (Grantee?.Type === 'CanonicalUser')
      return { grantee: requireUser(Grantee.ID ?? '', parties), permission };
    throw malformed();
  });
}

function requireUser(id: string, { isKnown }: AclParties): AclGrant['grantee'] {
  if (isKnown(id)) return { canonicalUser: id };
  throw invalidArgument('CanonicalUser/ID', id, 'Invalid id');
}

function requireGroup(uri: string): AclGrant['grantee'] {
  const found = Object.entries(GROUP_URIS).find(([, known]) => known === uri);
  if (found) return { group: found[0] as Group };
  throw invalidArgument('Group/URI', uri, 'Invalid group uri');
}

/** Since October 2025: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAcl.html */
const noEmail = (): AwsError =>
  new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.');

const malformed = (): AwsError =>
  new AwsError(
    'MalformedACLError',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );

/** An ACL as `GetBucketAcl` and `GetObjectAcl` give it. */
export function writeAcl(owner: string, grants: readonly AclGrant[] = privateAcl(owner)) {
  return { Owner: { ID: owner }, Grants: grants.map(writeGrant) };
}

function writeGrant({ grantee, permission }: AclGrant): Grant {
  const Permission = permission;
  if ('group' in grantee) return { Grantee: { Type: 'Group', URI: GROUP_URIS[grantee.group] }, Permission };
  const ID = 'canonicalUser' in grantee ? grantee.canonicalUser : grantee.account;
  return { Grantee: { Type: 'CanonicalUser', ID }, Permission };
}

/** Whether an ACL grants anything to anyone but its owner. */
export function givesOthersAccess(grants: readonly AclGrant[] | undefined, owner: string): boolean {
  return (
    grants?.some(({ grantee }) => !('canonicalUser' in grantee) || grantee.canonicalUser !== owner) ?? false
  );
}

/** Whether an ACL is as good as full control for one and nothing for anyone else. */
export function isFullControlOf(grants: readonly AclGrant[], owner: string): boolean {
  return !givesOthersAccess(grants, owner) && grants.some(({ permission }) => permission === 'FULL_CONTROL');
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html */
export function isPublicAcl(grants: readonly AclGrant[]): boolean {
  return grants.some(({ grantee }) => 'group' in grantee && grantee.group !== 'LogDelivery');
}
