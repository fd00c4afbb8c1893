import { randomBytes } from 'node:crypto';
import { choice, data, defaulted, flag, list, matching, object, optional, required, text } from '../codec.ts';
import { document } from '../documents.ts';
import { accountId, block, created, nothing, principals, region } from './values.ts';
import { section, type Section } from './section.ts';

export const S3: readonly Section[] = [
  section(
    'buckets',
    (store) => store.buckets,
    (bucket) => bucket.name,
    {
      name: required(matching(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'the name of a bucket')),
      region: defaulted(region, () => 'us-east-1'),
      created,
      id: defaulted(matching(/^[0-9a-f]{16}$/, 'sixteen hexadecimal digits'), () =>
        randomBytes(8).toString('hex'),
      ),
      policy: optional(document('bucket')),
      policyPrincipals: optional(principals),
      publicAccessBlock: defaulted(block, () => ({
        BlockPublicAcls: true,
        IgnorePublicAcls: true,
        BlockPublicPolicy: true,
        RestrictPublicBuckets: true,
      })),
      ownership: optional(choice('BucketOwnerEnforced', 'BucketOwnerPreferred', 'ObjectWriter', 'unset')),
      acl: optional(list(data)),
      encryption: optional(
        object({
          algorithm: required(choice('AES256', 'aws:kms', 'aws:kms:dsse')),
          key: optional(text),
          bucketKey: defaulted(flag, () => false),
          blocksCustomerKeys: defaulted(flag, () => true),
        }),
      ),
      requesterPays: optional(flag),
      versioning: optional(choice('Enabled', 'Suspended')),
      objectLock: optional(data),
      lifecycle: optional(data),
      configurations: optional(data),
      configurationsById: optional(data),
    },
  ),
  section(
    'accessPoints',
    (store) => store.accessPoints,
    (point, of) => `${of}/${point.name}`,
    {
      name: required(matching(/^[a-z0-9][a-z0-9-]{1,48}[a-z0-9]$/, 'the name of an access point')),
      region: required(region),
      bucket: required(text),
      bucketAccount: required(accountId),
      alias: required(text),
      created,
      vpc: optional(text),
      policy: optional(document('access-point')),
      policyPrincipals: optional(principals),
      publicAccessBlock: defaulted(block, nothing),
    },
  ),
];
