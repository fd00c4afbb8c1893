import { parseArn } from '../arn.ts';
import type { AccessRequest, PublicAccessBlock } from '../request.ts';
import type {
  AccessPointSnapshot,
  AccountSnapshot,
  BucketSnapshot,
  KeySnapshot,
  World,
} from '../snapshot.ts';

export interface OwnedBucket {
  account: AccountSnapshot;
  bucket: BucketSnapshot;
}

export interface OwnedAccessPoint {
  account: AccountSnapshot;
  accessPoint: AccessPointSnapshot;
}

/** Looks a bucket up by name, or by an access point's ARN. */
export function findBucket(world: World, name: string): OwnedBucket | undefined {
  const bucketName = name.startsWith('arn:') ? findAccessPoint(world, name)?.accessPoint.bucket : name;
  if (bucketName === undefined) return undefined;
  for (const id in world.accounts) {
    const account = own(world.accounts, id);
    const bucket = account && own(account.buckets, bucketName);
    if (bucket !== undefined) return { account: account!, bucket };
  }
  return undefined;
}

/** The bucket that an S3 authorization is about. */
export function bucketOf(world: World, { action, resource, accessPoint }: AccessRequest) {
  if (!action.startsWith('s3:')) return undefined;
  if (accessPoint !== undefined) return findBucket(world, accessPoint);
  return findBucket(world, bucketNameIn(resource) ?? resource);
}

const OF_AWS = 'arn:aws:s3:::';

function bucketNameIn(resource: string): string | undefined {
  if (!resource.startsWith(OF_AWS)) return /^arn:[^:]+:s3:::([^/]+)/.exec(resource)?.[1];
  const slash = resource.indexOf('/', OF_AWS.length);
  return resource.slice(OF_AWS.length, slash < 0 ? undefined : slash) || undefined;
}

/** `arn:...:accesspoint/NAME`, as SDKs also write it with a colon, or an ARN of something in it. */
export function findAccessPoint(world: World, arn: string): OwnedAccessPoint | undefined {
  if (!arn.includes('accesspoint')) return undefined;
  const parsed = parseArn(arn);
  const name = /^accesspoint[/:]([^/:]+)/.exec(parsed?.resource ?? '')?.[1];
  const account = own(world.accounts, parsed?.account ?? '');
  if (parsed === undefined || name === undefined || account?.accessPoints === undefined) return undefined;
  const plain = `arn:${parsed.partition}:s3:${parsed.region}:${parsed.account}:accesspoint/${name}`;
  const accessPoint = own(account.accessPoints, plain);
  return accessPoint && { account, accessPoint };
}

/** By the ARN of the key or of one of its aliases. */
export function findKey(world: World, arn: string): KeySnapshot | undefined {
  const parsed = parseArn(arn);
  const keys = own(world.accounts, parsed?.account ?? '')?.keys;
  if (parsed === undefined || keys === undefined) return undefined;
  if (!parsed.resource.startsWith('alias/')) return own(keys, arn);
  return Object.values(keys).find(
    ({ arn: key, aliases }) =>
      parseArn(key)?.region === parsed.region &&
      aliases?.some(
        (alias) => alias === arn || alias === parsed.resource || `alias/${alias}` === parsed.resource,
      ),
  );
}

/**
 * Block Public Access of a whole account: its organization's, where that has a say, or else its own.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/configuring-block-public-access-account.html
 */
export function accountBlock(
  { organization }: World,
  account: AccountSnapshot,
): PublicAccessBlock | undefined {
  const member = organization && own(organization.accounts, account.id);
  return member?.publicAccessBlock ?? account.publicAccessBlock;
}

export function own<T>(record: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
