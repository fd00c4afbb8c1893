import type { HandlersOf } from '../service.ts';
import { privateAcl, writeAcl } from './acl.ts';
import { canonicalIdOf } from './canonical-ids.ts';
import { ownerOf, ownershipOf } from './ownership.ts';
import { requestedAcl, requirePrivate } from './requested-acl.ts';
import { requireObject } from './versions.ts';
import { AwsError } from '../../wire/errors.ts';

export const aclHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  PutBucketAcl(input, call) {
    const bucket = call.survey.bucket!;
    const acl = requestedAcl(input, bucket.account, call) ?? requireStated(input);
    requirePrivate('PutBucketAcl', input, acl ?? [], call);
    if (acl) call.store.buckets.set(bucket.name, { ...bucket, acl });
    return {};
  },

  GetBucketAcl(_, call) {
    const bucket = call.survey.bucket!;
    const owner = canonicalIdOf(call, bucket.account);
    return writeAcl(owner, ownershipOf(bucket) === 'BucketOwnerEnforced' ? privateAcl(owner) : bucket.acl);
  },

  async PutObjectAcl(input, call) {
    const bucket = call.survey.bucket!;
    const objects = call.store.objects;
    await objects.exclusively(bucket.id, input.Key!, async () => {
      const record = requireObject(input, call);
      const acl = requestedAcl(input, ownerOf(record, bucket), call) ?? requireStated(input);
      requirePrivate('PutObjectAcl', input, acl ?? [], call);
      if (acl) await objects.describe(bucket.id, input.Key!, { ...record, acl });
    });
    return {};
  },

  GetObjectAcl(input, call) {
    const bucket = call.survey.bucket!;
    const record = requireObject(input, call);
    const owner = canonicalIdOf(call, ownerOf(record, bucket));
    return writeAcl(owner, ownershipOf(bucket) === 'BucketOwnerEnforced' ? privateAcl(owner) : record.acl);
  },
};

const STATEMENTS = [
  'ACL',
  'AccessControlPolicy',
  'GrantFullControl',
  'GrantRead',
  'GrantReadACP',
  'GrantWrite',
  'GrantWriteACP',
];

/** Nothing to set is fine only where ACLs are disabled, and something was said that comes to the same. */
function requireStated(input: object): undefined {
  if (STATEMENTS.some((member) => (input as Record<string, unknown>)[member] !== undefined)) return undefined;
  throw new AwsError('MissingSecurityHeader', 'Your request was missing a required header', {
    status: 400,
    fields: { MissingHeaderName: 'x-amz-acl' },
  });
}
