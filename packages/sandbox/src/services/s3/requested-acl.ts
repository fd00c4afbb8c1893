import type { AclGrant } from '@crossbucket/policy';
import { aclNotSupported } from '../../gate/denied.ts';
import { accountBlock } from '../organizations/state.ts';
import type { Call } from '../service.ts';
import { isFullControlOf, isPublicAcl, readAcl, type AclInput } from './acl.ts';
import { canonicalIdOf, isCanonicalId } from './canonical-ids.ts';
import { ownershipOf } from './ownership.ts';

/**
 * The ACL that a request asks for, where the bucket's ownership leaves ACLs in force: undefined where it asks for
 * none, or for what disabled ACLs come to anyway.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
 * @param owner Account that owns what the ACL is of.
 * @throws AwsError `AccessControlListNotSupported`
 */
export function requestedAcl(input: AclInput, owner: string, call: Call): AclGrant[] | undefined {
  const bucket = call.survey.bucket!;
  const bucketOwner = canonicalIdOf(call, bucket.account);
  const enforced = ownershipOf(bucket) === 'BucketOwnerEnforced';
  const grants = readAcl(input, {
    owner: enforced ? bucketOwner : canonicalIdOf(call, owner),
    bucketOwner,
    isKnown: (id) => isCanonicalId(call, id),
  });
  if (!grants || !enforced) return grants;
  const isPlain = input.ACL === undefined && isFullControlOf(grants, bucketOwner);
  if (isPlain || input.ACL === 'bucket-owner-full-control') return undefined;
  throw aclNotSupported();
}

/**
 * Block Public Access refuses a public ACL at the request that sets it. Headers are part of the call's decision; a
 * document is asked about as the header that it would be.
 */
export function requirePrivate(
  operation: 'PutBucketAcl' | 'PutObjectAcl',
  { Bucket, Key }: { Bucket: string | undefined; Key?: string | undefined },
  grants: AclGrant[],
  call: Call,
): void {
  const bucket = call.survey.bucket!;
  const levels = [bucket.publicAccessBlock, accountBlock(bucket.account, call.store)];
  if (!isPublicAcl(grants) || !levels.some((level) => level?.BlockPublicAcls)) return;
  const GrantRead = 'uri="http://acs.amazonaws.com/groups/global/AllUsers"';
  call.requireAlso(operation, { Bucket, ...(Key !== undefined && { Key }), GrantRead });
}
