import type { ObjectFacts } from '@crossbucket/policy';
import type { ObjectRecord, UploadRecord } from '../../store/records.ts';

/** What a decision needs to know of an object that is there. */
export function objectFacts({
  owner,
  tags,
  acl,
  encryption,
}: Pick<ObjectRecord, 'owner' | 'tags' | 'acl' | 'encryption'>): ObjectFacts {
  return {
    owner,
    ...(tags && { tags }),
    ...(acl && { acl }),
    ...(encryption?.key !== undefined && { kmsKey: encryption.key }),
    ...(encryption?.bucketKey && { bucketKey: true }),
  };
}

/** What a decision needs to know of an upload that is under way: its parts are encrypted as the object will be. */
export function uploadFacts({ object, encryption }: UploadRecord): ObjectFacts {
  const { owner, kmsKey, bucketKey } = objectFacts({ ...object, encryption });
  return {
    ...(owner !== undefined && { owner }),
    ...(kmsKey !== undefined && { kmsKey }),
    ...(bucketKey && { bucketKey }),
  };
}
