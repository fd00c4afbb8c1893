import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import type { CrossAccountRoleOptions } from '../credentials/role-options.ts';
import { parseRoleArn } from '../credentials/role-arn.ts';
import { AccessError } from '../errors.ts';
import { refuseUnknownOptions } from '../known-options.ts';

export interface BucketOptions {
  /** Name of the bucket, or ARN or alias of an access point to it. */
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

const OPTIONS = [
  'bucket',
  'roleArn',
  'externalId',
  'role',
  'credentials',
  'profile',
  'region',
  'expectedOwner',
  'client',
  'clientConfig',
] as const satisfies (keyof BucketOptions)[];

/** What a client of one's own has decided already. */
const NOT_WITH_CLIENT = [
  'roleArn',
  'externalId',
  'role',
  'credentials',
  'profile',
  'region',
  'clientConfig',
] as const;

/** Throws `invalid-option` for options that cannot work. */
export function checkOptions(options: BucketOptions): void {
  refuseUnknownOptions(options, OPTIONS);
  const { bucket, role, roleArn, client } = options;
  if (typeof bucket !== 'string' || bucket === '' || (bucket.includes('/') && !bucket.startsWith('arn:'))) {
    const help = 'pass its name, like acme-reports, and prefixes to the methods';
    throw new AccessError('invalid-option', `\`${bucket}\` is not the name of a bucket`, help);
  }
  if (role && roleArn)
    throw new AccessError('invalid-option', 'both `role` and `roleArn` are given', 'pass one of them');
  const refused = client && NOT_WITH_CLIENT.find((name) => options[name] !== undefined);
  if (refused) {
    const help = 'give the client these settings, or let openBucket make one';
    throw new AccessError('invalid-option', `\`${refused}\` is given beside \`client\``, help);
  }
}

/** The role to assume, if any. */
export function roleOf({
  role,
  roleArn,
  externalId,
  credentials,
  profile,
}: BucketOptions): CrossAccountRoleOptions | undefined {
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
