import type { PutObjectCommandInput } from '@aws-sdk/client-s3';
import type { ObjectRecord } from '../../store/records.ts';
import type { Call } from '../service.ts';
import { ANONYMOUS_ID } from './canonical-ids.ts';
import { refuseMembers } from './errors.ts';
import { requireNoVersion } from './versions.ts';
import { readLock } from './lock/lock.ts';
import { readMetadata } from './metadata.ts';
import { readObjectHeaders } from './object-headers.ts';
import { ownershipOf } from './ownership.ts';
import { requestedAcl } from './requested-acl.ts';
import { readStorageClass } from './storage-class.ts';
import { readTagging } from './tags.ts';

/** What the headers of a write say of the new object. */
export type ObjectDescription = Pick<
  ObjectRecord,
  'owner' | 'acl' | 'headers' | 'metadata' | 'tags' | 'storageClass' | 'lock'
>;

/** What a PUT and the beginning of an upload have in common. */
type WriteInput = Pick<
  PutObjectCommandInput,
  Extract<keyof PutObjectCommandInput, keyof import('@aws-sdk/client-s3').CreateMultipartUploadCommandInput>
>;

/** Reads the headers that describe a new object. */
export function describeObject(input: WriteInput, call: Call): ObjectDescription {
  requireNoVersion(call.head);
  const ownership = describeOwner(input, call);
  refuseMembers(input, {
    ObjectLockEventHold: 'x-amz-object-lock-event-hold',
    ObjectLockEventHoldDurationDays: 'x-amz-object-lock-event-hold-duration-days',
    ObjectLockEventHoldDurationYears: 'x-amz-object-lock-event-hold-duration-years',
    WriteOffsetBytes: 'x-amz-write-offset-bytes',
  });
  const tags = readTagging(input.Tagging);
  const lock = readLock(input, call.survey.bucket!, call.clock.now());
  const description: ObjectDescription = {
    owner: ownership.owner,
    headers: readObjectHeaders(input, call),
    metadata: readMetadata(input.Metadata),
  };
  if (ownership.acl) description.acl = ownership.acl;
  if (tags) description.tags = tags;
  if (lock) description.lock = lock;
  return Object.assign(description, readStorageClass(input.StorageClass));
}

/**
 * Whoever writes an object owns it, unless the bucket's ownership says otherwise: always, or where the writer hands
 * it over.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
 */
function describeOwner(input: WriteInput, call: Call): Pick<ObjectRecord, 'owner' | 'acl'> {
  const bucket = call.survey.bucket!;
  const ownership = ownershipOf(bucket);
  const handsOver = ownership === 'BucketOwnerPreferred' && input.ACL === 'bucket-owner-full-control';
  const isOwners = ownership === 'BucketOwnerEnforced' || handsOver;
  const owner = isOwners ? bucket.account : call.caller.account || ANONYMOUS_ID;
  const acl = requestedAcl(input, owner, call);
  return { owner, ...(acl && { acl }) };
}
