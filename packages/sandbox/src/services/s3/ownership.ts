import type { BucketSnapshot } from '@crossbucket/policy';
import type { BucketRecord, ObjectRecord } from '../../store/records.ts';
import { AwsError } from '../../wire/errors.ts';
import type { HandlersOf } from '../service.ts';
import { givesOthersAccess } from './acl.ts';
import { canonicalIdOf } from './canonical-ids.ts';
import { malformedXml } from './errors.ts';

type Ownership = NonNullable<BucketSnapshot['ownership']>;

const MODES = ['BucketOwnerEnforced', 'BucketOwnerPreferred', 'ObjectWriter'] satisfies Ownership[];

export const isOwnership = (text: string): text is Ownership => MODES.some((mode) => mode === text);

export const ownershipHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  PutBucketOwnershipControls(input, call) {
    const bucket = call.survey.bucket!;
    const rules = input.OwnershipControls?.Rules ?? [];
    const ownership = rules[0]?.ObjectOwnership;
    if (rules.length !== 1 || ownership === undefined || !isOwnership(ownership)) throw malformedXml();
    if (
      ownership === 'BucketOwnerEnforced' &&
      givesOthersAccess(bucket.acl, canonicalIdOf(call, bucket.account))
    )
      throw aclWithOwnership();
    call.store.buckets.set(bucket.name, { ...bucket, ownership });
    return {};
  },

  GetBucketOwnershipControls(_, call) {
    const { ownership = 'BucketOwnerEnforced', name } = call.survey.bucket!;
    if (ownership !== 'unset') return { OwnershipControls: { Rules: [{ ObjectOwnership: ownership }] } };
    throw new AwsError('OwnershipControlsNotFoundError', 'The bucket ownership controls were not found', {
      status: 404,
      fields: { BucketName: name },
    });
  },

  DeleteBucketOwnershipControls(_, call) {
    const bucket = call.survey.bucket!;
    call.store.buckets.set(bucket.name, { ...bucket, ownership: 'unset' });
    return {};
  },
};

/** The mode that a bucket is in; without ownership controls, whoever writes an object owns it. */
export function ownershipOf({ ownership = 'BucketOwnerEnforced' }: BucketRecord): Ownership {
  return ownership === 'unset' ? 'ObjectWriter' : ownership;
}

/**
 * The account that owns an object now: BucketOwnerEnforced makes all of a bucket's objects the bucket owner's.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
 */
export function ownerOf(object: ObjectRecord, bucket: BucketRecord): string {
  return ownershipOf(bucket) === 'BucketOwnerEnforced' ? bucket.account : object.owner;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-ownership-error-responses.html */
export const aclWithOwnership = (): AwsError =>
  new AwsError(
    'InvalidBucketAclWithObjectOwnership',
    "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
  );
