import { createHmac } from 'node:crypto';
import type { KeyRecord } from '../../store/records.ts';
import type { Store } from '../../store/store.ts';
import { newMaterial, scheduled } from './key-material.ts';

export const S3_ALIAS = 'alias/aws/s3';

/** In days. AWS rotates its keys every year, as the SDK's documentation of EnableKeyRotation says. */
const YEAR = 365;

/**
 * The key that AWS manages for S3 in an account and region. AWS makes it when it is first used: until then it is
 * not stored, though its id is known.
 */
export function managedKey(store: Store, account: string, region: string, now: number): KeyRecord {
  const id = idOf(store, account, region);
  const arn = `arn:aws:kms:${region}:${account}:key/${id}`;
  return (
    store.keys.get(arn) ?? {
      arn,
      account,
      region,
      id,
      created: now,
      description: 'Default key that protects my S3 objects when no other key is defined',
      managedBy: 'AWS',
      state: 'Enabled',
      policy: JSON.stringify(policyOf(account, region)),
      tags: [],
      aliases: [S3_ALIAS],
      grants: [],
      material: newMaterial(),
      rotation: scheduled(YEAR, now),
    }
  );
}

/** Stores a managed key at its first use; of two that were made at once, one stays. */
export function keep(store: Store, key: KeyRecord): KeyRecord {
  const stored = store.keys.get(key.arn);
  if (stored || key.managedBy !== 'AWS') return stored ?? key;
  const { account, region, created } = key;
  const arn = `arn:aws:kms:${region}:${account}:${S3_ALIAS}`;
  store.keys.set(key.arn, key);
  store.keyAliases.set(arn, {
    arn,
    account,
    region,
    name: S3_ALIAS,
    key: key.arn,
    created,
    updated: created,
  });
  return key;
}

function idOf(store: Store, account: string, region: string): string {
  const hex = createHmac('sha256', store.sessionKey).update(`key of s3 ${account} ${region}`).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

/**
 * Whoever of the account may use S3 may use the key through S3; nobody else may use it, or change it.
 * https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-viewing.html shows such a policy.
 */
function policyOf(account: string, region: string) {
  return {
    Version: '2012-10-17',
    Id: 'auto-s3-2',
    Statement: [
      {
        Sid: 'Allow access through S3 for all principals in the account that are authorized to use S3',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
        Resource: '*',
        Condition: {
          StringEquals: {
            'kms:CallerAccount': account,
            'kms:ViaService': `s3.${region}.amazonaws.com`,
          },
        },
      },
      {
        Sid: 'Allow direct access to key metadata to the account',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: ['kms:Describe*', 'kms:Get*', 'kms:List*'],
        Resource: '*',
      },
    ],
  };
}
