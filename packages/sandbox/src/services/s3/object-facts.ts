import type { ObjectFacts } from '@crossbucket/policy';
import type { ObjectRecord, UploadRecord } from '../../store/records.ts';

/** What a decision needs to know of an object that is there. */
export function objectFacts({
  owner,
  tags,
  acl,
  encryption,
}: Pick<ObjectRecord, 'owner' | 'tags' | 'acl' | 'encryption'>): ObjectFacts {
  const facts: ObjectFacts = { owner };
  if (tags) facts.tags = tags;
  if (acl) facts.acl = acl;
  if (encryption?.key !== undefined) facts.kmsKey = encryption.key;
  if (encryption?.bucketKey) facts.bucketKey = true;
  if (encryption?.context) facts.encryptionContext = encryption.context;
  return facts;
}

/**
 * What a decision needs to know of an upload that is under way: its parts are encrypted as the object will be, and its
 * initiator's account may list them and abort it.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 */
export function uploadFacts({ object, encryption, initiator }: UploadRecord): ObjectFacts {
  const { owner, kmsKey, bucketKey } = objectFacts({ ...object, encryption });
  return {
    ...(owner !== undefined && { owner }),
    ...(kmsKey !== undefined && { kmsKey }),
    ...(bucketKey && { bucketKey }),
    ...(initiator.account !== '' && {
      acl: [{ grantee: { account: initiator.account }, permission: 'FULL_CONTROL' }],
    }),
  };
}
