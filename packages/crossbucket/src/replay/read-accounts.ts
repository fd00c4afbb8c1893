import type { World } from '@crossbucket/policy';
import { AccountReader, connect, readWorld } from '../accounts/index.ts';

/**
 * Reads whole accounts with read-only calls: who is in them, their buckets, and the keys and access points that these
 * have to do with.
 * @param profiles Of the shared config files.
 * @throws AccountError
 */
export async function readAccounts(profiles: readonly string[]): Promise<World> {
  const connections = await Promise.all(profiles.map((profile) => connect({ profile })));
  const readers = connections.map((connection) => new AccountReader(connection));
  await Promise.all(readers.map((reader) => readOne(reader)));
  return readWorld(readers);
}

async function readOne(reader: AccountReader): Promise<void> {
  await reader.everything();
  const buckets = Object.values(reader.snapshot().buckets);
  const keys = new Map(
    buckets.flatMap(({ encryption, region }) =>
      encryption?.key === undefined ? [] : [[encryption.key, region]],
    ),
  );
  const regions = new Set([reader.connection.region, ...buckets.map(({ region }) => region)]);
  await Promise.all([
    ...[...keys].map(([key, region]) => reader.key(key, region)),
    ...[...regions].map(async (region) => {
      const points = await reader.accessPoints(region);
      await Promise.all(points.map((arn) => reader.accessPoint(arn)));
    }),
  ]);
}
