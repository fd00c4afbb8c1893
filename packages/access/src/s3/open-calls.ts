import { LeanCalls } from '../lean/lean-calls.ts';
import type { BucketConnection } from './bucket-connection.ts';
import type { ObjectCalls } from './object-calls.ts';
import { SdkCalls } from './sdk-calls.ts';

const calls = new WeakMap<BucketConnection, ObjectCalls>();

/** The calls that carry bytes to and from a bucket, in the cheapest way that its client allows. */
export function openCalls(connection: BucketConnection): ObjectCalls {
  const known = calls.get(connection);
  if (known) return known;
  const sdk = new SdkCalls(connection);
  const made = connection.plain ? new LeanCalls(connection, sdk) : sdk;
  calls.set(connection, made);
  return made;
}
