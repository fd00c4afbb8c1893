import type { Trail } from '@aws-sdk/client-cloudtrail';
import { asAwsError, readError, statusOf, type AccountConnection } from '../accounts/index.ts';
import { trailStateOf, type TrailState } from '../changes/index.ts';
import { TrailError } from './trail-error.ts';

/** A trail that is there. */
export interface KnownTrail {
  name: string;
  arn: string;
  account: string;
  /** Where it was made, and can be changed. */
  region: string;
  isOfOrganization: boolean;
  state: TrailState;
}

/** What a plan follows from. */
export interface TrailFacts {
  account: string;
  partition: string;
  region: string;
  /** Trails that log the region. */
  trails: KnownTrail[];
  /** Buckets whose calls are to be logged, with their regions. */
  buckets: { name: string; region: string }[];
  /** The bucket for a new trail's files: its policy, or that there is no such bucket. */
  logs: { name: string; region: string; isThere: boolean; policy: string | null };
}

/** What is asked for. */
export interface TrailWish {
  buckets: readonly string[];
  /** Name of the trail; without, one that logs already, or a new one. */
  name?: string | undefined;
  /** Name of the bucket for a new trail's files. */
  logs?: string | undefined;
}

/**
 * Reads what is there; changes nothing.
 * @throws TrailError `no-such-bucket`, `not-your-bucket`; AccountError
 */
export async function readTrailFacts(connection: AccountConnection, wish: TrailWish): Promise<TrailFacts> {
  const { id: account, partition, region } = connection;
  const logs = wish.logs ?? `crossbucket-trail-${account}`;
  const [trails, buckets, place] = await Promise.all([
    readTrails(connection),
    Promise.all(wish.buckets.map((name) => requireBucket(connection, name))),
    findBucket(connection, logs),
  ]);
  const policy = place === undefined ? null : await readPolicy(connection, logs, place);
  return {
    account,
    partition,
    region,
    trails,
    buckets,
    logs: { name: logs, region: place ?? region, isThere: place !== undefined, policy },
  };
}

async function readTrails(connection: AccountConnection): Promise<KnownTrail[]> {
  const { clients, region } = connection;
  const { DescribeTrailsCommand } = await import('@aws-sdk/client-cloudtrail');
  const client = await clients.cloudtrail(region);
  const what = 'trails';
  const { trailList = [] } = await located(connection, 'cloudtrail:DescribeTrails', what, () =>
    client.send(new DescribeTrailsCommand({})),
  );
  const known = await Promise.all(trailList.map((trail) => readTrail(connection, trail)));
  return known.flat().toSorted((one, other) => (one.arn < other.arn ? -1 : 1));
}

async function readTrail(connection: AccountConnection, trail: Trail): Promise<KnownTrail[]> {
  const { Name: name = '', TrailARN: arn = '', HomeRegion: region = connection.region } = trail;
  const client = await connection.clients.cloudtrail(region);
  const state = await located(connection, 'cloudtrail:GetEventSelectors', `trail ${name}`, () =>
    trailStateOf(client, arn),
  );
  if (state === null) return [];
  const isOfOrganization = trail.IsOrganizationTrail === true;
  return [{ name, arn, account: arn.split(':')[4] ?? '', region, isOfOrganization, state }];
}

async function readPolicy(
  connection: AccountConnection,
  bucket: string,
  region: string,
): Promise<string | null> {
  const { GetBucketPolicyCommand } = await import('@aws-sdk/client-s3');
  const client = await connection.clients.s3(region);
  const command = new GetBucketPolicyCommand({ Bucket: bucket, ExpectedBucketOwner: connection.id });
  return located(connection, 's3:GetBucketPolicy', `bucket-policy ${bucket}`, async () => {
    try {
      return (await client.send(command)).Policy ?? null;
    } catch (error) {
      if (asAwsError(error).name === 'NoSuchBucketPolicy') return null;
      throw error;
    }
  });
}

async function requireBucket(
  connection: AccountConnection,
  name: string,
): Promise<{ name: string; region: string }> {
  const region = await findBucket(connection, name);
  if (region !== undefined) return { name, region };
  throw new TrailError(
    'no-such-bucket',
    `there is no bucket \`${name}\``,
    `name buckets of account ${connection.id}; \`aws s3 ls\` lists them`,
  );
}

/** The region of a bucket of the account; undefined where there is none of this name. */
async function findBucket(connection: AccountConnection, name: string): Promise<string | undefined> {
  const { HeadBucketCommand } = await import('@aws-sdk/client-s3');
  const head = async (region: string): Promise<string | undefined> => {
    const client = await connection.clients.s3(region);
    try {
      const { BucketRegion = region } = await client.send(
        new HeadBucketCommand({ Bucket: name, ExpectedBucketOwner: connection.id }),
      );
      return BucketRegion;
    } catch (error) {
      const status = statusOf(error);
      const told = asAwsError(error).$response?.headers?.['x-amz-bucket-region'];
      if (status === 404) return undefined;
      // Elsewhere S3 does not say whose it is.
      if (told !== undefined && told !== region) return head(told);
      if (status !== 403) throw readError(error, connection, 's3:ListBucket', `bucket ${name}`);
      throw new TrailError(
        'not-your-bucket',
        `bucket \`${name}\` belongs to another account than ${connection.id}, or its caller may not look at it`,
        "name a bucket of the profile's account, and allow `s3:ListBucket` on it",
        { cause: error },
      );
    }
  };
  return connection.limiter.run(() => head(connection.region));
}

async function located<T>(
  connection: AccountConnection,
  call: string,
  what: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await connection.limiter.run(work);
  } catch (error) {
    throw readError(error, connection, call, what);
  }
}
