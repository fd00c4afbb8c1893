import { isRecord } from '../statements/conditions.ts';
import type { Cause } from '../decision.ts';
import type { ApiCall, World } from '../snapshot.ts';
import { findBucket } from './owners.ts';

/**
 * Where ACLs are disabled, a call that sets one fails, unless that comes to full control for the bucket's owner. An ACL that is none is left for the
 * service to refuse.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-ownership-error-responses.html
 */
export function setsDisabledAcl(world: World, { operation, input }: ApiCall): Cause | undefined {
  const { Bucket: name } = input;
  if (!SET_ACLS.has(operation) || typeof name !== 'string') return undefined;
  const found = findBucket(world, name);
  if (found?.bucket.ownership !== 'BucketOwnerEnforced') return undefined;
  const { id: account, canonicalId } = found.account;
  if (!isForOthers(input, canonicalId)) return undefined;
  const detail = `ACLs of bucket \`${found.bucket.name}\` are disabled (BucketOwnerEnforced), and the call sets one other than \`bucket-owner-full-control\``;
  return { code: 'acl-not-supported', account, layer: 'acl', detail };
}

const SET_ACLS = new Set([
  'PutObject',
  'CopyObject',
  'CreateMultipartUpload',
  'PutObjectAcl',
  'PutBucketAcl',
]);

/** Canned ACLs but that one: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html */
const CANNED = new Set([
  'private',
  'public-read',
  'public-read-write',
  'aws-exec-read',
  'authenticated-read',
  'bucket-owner-read',
  'log-delivery-write',
]);

const GRANT_HEADERS = ['GrantFullControl', 'GrantRead', 'GrantReadACP', 'GrantWrite', 'GrantWriteACP'];

function isForOthers(input: ApiCall['input'], owner: string | undefined): boolean {
  const { ACL: canned, AccessControlPolicy: document } = input;
  const headers = GRANT_HEADERS.flatMap((member) => input[member] ?? []);
  if ([canned !== undefined, headers.length > 0, document !== undefined].filter(Boolean).length > 1)
    return false;
  if (typeof canned === 'string') return CANNED.has(canned);
  const grantees = [...headers.flatMap(granteesInHeader), ...granteesIn(document)];
  return grantees.some(({ id }) => id === undefined || (owner !== undefined && id !== owner));
}

interface Grantee {
  /** Canonical user id; a group and an address have none. */
  id: string | undefined;
}

/** `id="...", uri="..."` */
function granteesInHeader(text: unknown): Grantee[] {
  if (typeof text !== 'string') return [];
  return text.split(',').flatMap((part): Grantee[] => {
    const cut = part.indexOf('=');
    const type = part.slice(0, Math.max(0, cut)).trim().toLowerCase();
    if (type === 'uri' || type === 'emailaddress') return [{ id: undefined }];
    return type === 'id'
      ? [
          {
            id: part
              .slice(cut + 1)
              .trim()
              .replaceAll('"', ''),
          },
        ]
      : [];
  });
}

function granteesIn(document: unknown): Grantee[] {
  const grants: unknown = isRecord(document) ? document['Grants'] : undefined;
  if (!Array.isArray(grants)) return [];
  return grants.flatMap((grant: unknown) => {
    const grantee = isRecord(grant) ? grant['Grantee'] : undefined;
    if (!isRecord(grantee)) return [];
    return [{ id: typeof grantee['ID'] === 'string' ? grantee['ID'] : undefined }];
  });
}
