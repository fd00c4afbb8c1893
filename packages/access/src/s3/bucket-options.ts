import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import type { CrossAccountRoleOptions } from '../credentials/role-options.ts';
import { parseRoleArn } from '../credentials/role-arn.ts';
import { AccessError } from '../errors.ts';

export interface BucketOptions {
  /** Name of the bucket. */
  bucket: string;
  /** Role of the bucket's account to assume, by ARN. Without a role, the source credentials are used as they are. */
  roleArn?: string;
  externalId?: string;
  /** The role with every option of `fromCrossAccountRole`, in place of `roleArn` and `externalId`. */
  role?: CrossAccountRoleOptions;
  /** Where the source credentials come from. Default: the SDK's default chain. */
  credentials?: S3ClientConfig['credentials'];
  /** Profile of the shared config files. */
  profile?: string;
  /** Default: the SDK's own configuration; the bucket's real region is found out in any case. */
  region?: string;
  /** Account that must own the bucket. Default: the role's account. `false` sends none. */
  expectedOwner?: string | false;
  /** Your own client, in place of `role`, `credentials`, `profile`, `region` and `clientConfig`. */
  client?: S3Client;
  /** Anything else for the S3 client. */
  clientConfig?: S3ClientConfig;
}

/** The role to assume, if any. */
export function roleOf(options: BucketOptions): CrossAccountRoleOptions | undefined {
  const { role, roleArn, externalId, credentials, profile } = options;
  if (role && roleArn) {
    throw new AccessError('invalid-option', 'both `role` and `roleArn` are given', 'pass one of them');
  }
  const source = { credentials, profile } as Pick<CrossAccountRoleOptions, 'credentials' | 'profile'>;
  if (role) return { ...source, ...role };
  return roleArn === undefined ? undefined : { ...source, roleArn, externalId };
}

/** The account that owns the bucket, as far as the options say. */
export function ownerOf(
  { expectedOwner }: BucketOptions,
  role?: CrossAccountRoleOptions,
): string | undefined {
  if (expectedOwner === false) return undefined;
  if (expectedOwner !== undefined && !/^\d{12}$/.test(expectedOwner)) {
    throw new AccessError(
      'invalid-option',
      `\`expectedOwner\` cannot be \`${expectedOwner}\``,
      'pass the 12 digits of the account that owns the bucket',
    );
  }
  return expectedOwner ?? (role && parseRoleArn(role.roleArn).account);
}
