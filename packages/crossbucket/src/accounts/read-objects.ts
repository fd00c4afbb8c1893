import type { AclGrant, ObjectFacts } from '@crossbucket/policy';
import type { HeadObjectCommandOutput, ObjectLockMode, S3Client } from '@aws-sdk/client-s3';
import { asAwsError, statusOf } from './aws-error.ts';
import { aclGrantOf } from './read-buckets.ts';
import { ABSENT, foundOr, isFound, UNREAD, type Reading, type Readings } from './readings.ts';

/** Which object is read, and what of it besides its headers. */
export interface ObjectQuestion {
  bucket: string;
  key: string;
  versionId?: string | undefined;
  /** Where the bucket is. */
  region: string;
  /** Who owns it and what its ACL says: where ACLs count. */
  acl: boolean;
  tags: boolean;
}

/** An object, as far as it could be read. */
export interface ObjectReading {
  /** Undefined where nobody could tell whether it is there. */
  exists: boolean | undefined;
  facts: ObjectFacts;
  /** Canonical user id of its owner. */
  owner?: string;
  lock?: { mode?: ObjectLockMode; until?: string; legalHold?: boolean };
}

/** Reads one object's facts with the rights of the bucket's account. */
export async function readObject(readings: Readings, question: ObjectQuestion): Promise<ObjectReading> {
  const { bucket, key, versionId, region } = question;
  const s3 = await import('@aws-sdk/client-s3');
  const client = await readings.connection.clients.s3(region);
  const at = {
    Bucket: bucket,
    Key: key,
    ExpectedBucketOwner: readings.connection.id,
    ...(versionId !== undefined && { VersionId: versionId }),
  };
  const what = `object s3://${bucket}/${key}`;
  const [head, acl, tags] = await Promise.all([
    readings.read<HeadObjectCommandOutput>({ what, action: 's3:GetObject', absent: [] }, async () => {
      try {
        return await client.send(new s3.HeadObjectCommand(at));
      } catch (error) {
        if (statusOf(error) === 404 && isNotThere(error))
          return { DeleteMarker: true } as HeadObjectCommandOutput;
        throw error;
      }
    }),
    question.acl
      ? readings.read({ what: `acl ${what}`, action: 's3:GetObjectAcl', absent: GONE }, () =>
          client.send(new s3.GetObjectAclCommand(at)),
        )
      : SKIPPED,
    question.tags
      ? readings.read({ what: `tags ${what}`, action: 's3:GetObjectTagging', absent: GONE }, () =>
          client.send(new s3.GetObjectTaggingCommand(at)),
        )
      : SKIPPED,
  ]);
  const found = foundOr(head, undefined);
  const grants = foundOr(acl, undefined)?.Grants?.flatMap(aclGrantOf);
  const owner =
    foundOr(acl, undefined)?.Owner?.ID ??
    (acl === UNREAD ? await listedOwner(s3, client, at, readings) : undefined);
  const pairs = foundOr(tags, undefined)?.TagSet?.map(({ Key, Value }) => [Key!, Value ?? '']);
  return {
    exists: head === UNREAD ? undefined : isFound(head) && head.DeleteMarker !== true,
    facts: {
      ...(found?.SSEKMSKeyId !== undefined && { kmsKey: found.SSEKMSKeyId }),
      ...(found?.BucketKeyEnabled === true && { bucketKey: true }),
      ...(grants && { acl: grants satisfies AclGrant[] }),
      ...(pairs && { tags: Object.fromEntries(pairs) as Record<string, string> }),
    },
    ...(owner !== undefined && { owner }),
    ...(found && lockOf(found)),
  };
}

/**
 * Of an object that another account has written, not even the bucket's root reads the ACL; a listing tells its owner.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
async function listedOwner(
  s3: typeof import('@aws-sdk/client-s3'),
  client: S3Client,
  { Key, VersionId, ...at }: { Bucket: string; Key: string; ExpectedBucketOwner: string; VersionId?: string },
  readings: Readings,
): Promise<string | undefined> {
  const question = { what: `listing ${at.Bucket}`, action: 's3:ListBucket' };
  const page = { ...at, Prefix: Key, MaxKeys: 1 };
  const listed =
    VersionId === undefined
      ? await readings.read(question, async () => {
          const found = await client.send(new s3.ListObjectsV2Command({ ...page, FetchOwner: true }));
          return found.Contents ?? [];
        })
      : await readings.read(question, async () => {
          const found = await client.send(new s3.ListObjectVersionsCommand({ ...page, MaxKeys: 1000 }));
          return (found.Versions ?? []).filter((version) => version.VersionId === VersionId);
        });
  return foundOr(listed, []).find((one) => one.Key === Key)?.Owner?.ID;
}

const SKIPPED: Promise<Reading<never>> = Promise.resolve(ABSENT);

const GONE = ['NoSuchKey', 'NoSuchVersion', 'NotFound'];

/** A HEAD says no more than its status: a bucket that is not there answers the same. */
const isNotThere = (error: unknown): boolean => asAwsError(error).name !== 'NoSuchBucket';

function lockOf({
  ObjectLockMode: mode,
  ObjectLockRetainUntilDate: until,
  ObjectLockLegalHoldStatus: hold,
}: HeadObjectCommandOutput): Pick<ObjectReading, 'lock'> {
  if (mode === undefined && hold === undefined) return {};
  return {
    lock: {
      ...(mode !== undefined && { mode }),
      ...(until !== undefined && { until: until.toISOString() }),
      ...(hold !== undefined && { legalHold: hold === 'ON' }),
    },
  };
}
