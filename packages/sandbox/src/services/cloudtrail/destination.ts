import { folderOf, destinationOf } from '../../trail/delivery/log-file.ts';
import { serviceCaller } from '../../trail/delivery/service-caller.ts';
import type { TrailRecord } from '../../store/records.ts';
import { AwsError } from '../../wire/errors.ts';
import type { Call } from '../service.ts';

const LONGEST_PREFIX = 200;

export function requirePrefix(prefix: string): string {
  if (prefix.length > LONGEST_PREFIX)
    throw new AwsError(
      'InvalidS3PrefixException',
      `S3 prefix is longer than maximum length: ${LONGEST_PREFIX}`,
    );
  if (prefix.startsWith('/') || prefix.includes('//') || !/^[\w!\-.*'()/ &$@=;:+,?]*$/.test(prefix))
    throw new AwsError('InvalidS3PrefixException', `S3 prefix ${prefix} is not valid.`);
  return prefix.replace(/\/$/, '');
}

/**
 * A trail's bucket must be there, and its policy let CloudTrail see its ACL and write under the trail's prefix.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
 */
export async function requireDestination(trail: TrailRecord, call: Call): Promise<void> {
  const { store, serviceCalls } = call;
  const { bucket: name } = trail;
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) || name.includes('..'))
    throw new AwsError('InvalidS3BucketNameException', `Bucket name ${name} is not valid.`);
  const bucket = store.buckets.get(name);
  if (!bucket) throw new AwsError('S3BucketDoesNotExistException', `S3 bucket ${name} does not exist!`);
  const as = serviceCaller(trail);
  const { region } = bucket;
  const Key = `${folderOf(destinationOf(trail, store), trail.account)}CloudTrail/${trail.region}/test`;
  try {
    await serviceCalls.perform(as, { operation: 'GetBucketAcl', region, input: { Bucket: name } });
    const write = { Bucket: name, Key, ACL: 'bucket-owner-full-control', ServerSideEncryption: 'AES256' };
    const mayWrite =
      !bucket.requesterPays &&
      (await serviceCalls.allows(as, { operation: 'PutObject', region, input: write }));
    if (mayWrite) return;
  } catch (cause) {
    if (!(cause instanceof AwsError) || cause.code !== 'AccessDenied') throw cause;
  }
  throw new AwsError(
    'InsufficientS3BucketPolicyException',
    `Incorrect S3 bucket policy is detected for bucket: ${name}`,
  );
}
