import type { BucketConnection } from '../s3/bucket-connection.ts';
import { loadS3 } from '../s3/s3-client.ts';
import { isAwsHost } from '../sdk-configuration.ts';
import { buildTemplate, PLACEHOLDER } from './template.ts';

const places = new WeakMap<BucketConnection, Promise<string>>();

/**
 * Names the service that a bucket is in: a partition of AWS, or the host of another server. Only there is a bucket of the
 * same name the same bucket.
 */
export function placeOf(connection: BucketConnection): Promise<string> {
  const known = places.get(connection) ?? findPlace(connection);
  places.set(connection, known);
  known.catch(() => places.delete(connection));
  return known;
}

async function findPlace(connection: BucketConnection): Promise<string> {
  const { GetObjectCommand } = await loadS3();
  const { Bucket } = connection.target;
  const command = new GetObjectCommand({ ...connection.target, Key: PLACEHOLDER });
  const template = await buildTemplate(await connection.client(), command);
  if (!template || isAwsHost(template.hostname)) return connection.partition;
  const { hostname, port, secure } = template;
  const host = hostname.startsWith(`${Bucket}.`) ? hostname.slice(Bucket.length + 1) : hostname;
  return `${secure ? 'https' : 'http'}://${host}:${port ?? ''}`;
}
