import { list, matching, optional, required, text, time, type Fields } from './codec.ts';
import { IAM } from './schema/iam.ts';
import { KMS } from './schema/kms.ts';
import { S3 } from './schema/s3.ts';
import type { Section } from './schema/section.ts';
import { TRAILS } from './schema/trails.ts';
import { accountId, block, region } from './schema/values.ts';

// What a state file holds, and how: one table for writing and reading. Whatever is generated where a file leaves it out is
// generated here.

export const account: Fields = {
  id: required(accountId),
  name: required(matching(/^[\w-]{1,64}$/, 'a name: up to 64 letters, digits, - and _')),
  canonicalId: optional(matching(/^[0-9a-f]{64}$/, 'a canonical id: 64 hexadecimal digits')),
  created: optional(time),
  closed: optional(time),
  alias: optional(text),
  disabledRegions: optional(list(region)),
  publicAccessBlock: optional(block),
};

export const SECTIONS: readonly Section[] = [...IAM, ...S3, ...KMS, ...TRAILS];
