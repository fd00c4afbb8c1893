import type { ObjectFacts } from '@crossbucket/policy';
import type { ObjectRecord } from '../../store/records.ts';

/** What a decision needs to know of an object that is there. */
export function objectFacts({ owner, tags, acl, encryption }: ObjectRecord): ObjectFacts {
  return {
    owner,
    ...(tags && { tags }),
    ...(acl && { acl }),
    ...(encryption?.key !== undefined && { kmsKey: encryption.key }),
    ...(encryption?.bucketKey && { bucketKey: true }),
  };
}
