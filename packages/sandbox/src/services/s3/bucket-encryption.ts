import type { ServerSideEncryptionRule } from '@aws-sdk/client-s3';
import type { BucketEncryptionRecord } from '../../store/records.ts';
import type { HandlersOf } from '../service.ts';
import { invalidArgument, malformedXml } from './errors.ts';

/** What a new bucket does: https://docs.aws.amazon.com/AmazonS3/latest/userguide/blocking-unblocking-s3-c-encryption-gpb.html */
const DEFAULT: BucketEncryptionRecord = { algorithm: 'AES256', bucketKey: false, blocksCustomerKeys: true };

export const bucketEncryptionHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  PutBucketEncryption(input, call) {
    const bucket = call.survey.bucket!;
    const rules = input.ServerSideEncryptionConfiguration?.Rules ?? [];
    const [rule] = rules;
    if (!rule || rules.length > 1) throw malformedXml();
    call.store.buckets.set(bucket.name, {
      ...bucket,
      encryption: readRule(rule, bucket.encryption ?? DEFAULT),
    });
    return {};
  },

  GetBucketEncryption(_, call) {
    const { algorithm, key, bucketKey, blocksCustomerKeys } = call.survey.bucket!.encryption ?? DEFAULT;
    const rule: ServerSideEncryptionRule = {
      ApplyServerSideEncryptionByDefault: {
        SSEAlgorithm: algorithm,
        ...(key !== undefined && { KMSMasterKeyID: key }),
      },
      BucketKeyEnabled: bucketKey,
      BlockedEncryptionTypes: { EncryptionType: [blocksCustomerKeys ? 'SSE-C' : 'NONE'] },
    };
    return { ServerSideEncryptionConfiguration: { Rules: [rule] } };
  },

  /** Back to SSE-S3; whether SSE-C is blocked is not part of that. */
  DeleteBucketEncryption(_, call) {
    const { encryption = DEFAULT, ...bucket } = call.survey.bucket!;
    const { blocksCustomerKeys } = encryption;
    call.store.buckets.set(bucket.name, { ...bucket, encryption: { ...DEFAULT, blocksCustomerKeys } });
    return {};
  },
};

/** S3 takes the key as it is: whether there is one of that name shows with the first write. */
function readRule(rule: ServerSideEncryptionRule, before: BucketEncryptionRecord): BucketEncryptionRecord {
  const { SSEAlgorithm: algorithm = 'AES256', KMSMasterKeyID: key } =
    rule.ApplyServerSideEncryptionByDefault ?? {};
  if (algorithm !== 'AES256' && algorithm !== 'aws:kms' && algorithm !== 'aws:kms:dsse') throw malformedXml();
  if (key !== undefined && algorithm === 'AES256')
    throw invalidArgument(
      'ApplyServerSideEncryptionByDefault',
      algorithm,
      'a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse',
    );
  return {
    algorithm,
    ...(key !== undefined && { key }),
    bucketKey: rule.BucketKeyEnabled ?? false,
    blocksCustomerKeys: blocksCustomerKeys(rule) ?? before.blocksCustomerKeys,
  };
}

function blocksCustomerKeys({
  BlockedEncryptionTypes: blocked,
}: ServerSideEncryptionRule): boolean | undefined {
  const types = blocked?.EncryptionType;
  if (!types || types.length === 0) return undefined;
  if (types.some((type) => type !== 'SSE-C' && type !== 'NONE') || types.length > 1) throw malformedXml();
  return types[0] === 'SSE-C';
}
