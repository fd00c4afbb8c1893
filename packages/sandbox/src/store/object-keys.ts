import { newestFirst } from './version-ids.ts';

// Where things are in the tables of objects: under the bucket's own id and the key's bytes, so that a bucket, a prefix
// and what lies behind a marker are ranges.

const BUCKET_BYTES = 8;
/** Of an object's key, in bytes of UTF-8. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
export const LONGEST_KEY = 1024;

/** Place of a key's current object. */
export function address(bucket: string, key: string | Buffer): Buffer {
  const bytes = typeof key === 'string' ? Buffer.from(key) : key;
  return Buffer.concat([Buffer.from(bucket, 'hex'), bytes]);
}

export function keyAt(place: Buffer): Buffer {
  return place.subarray(BUCKET_BYTES);
}

const END = Buffer.alloc(1);

/**
 * Place of a version in its key's chain. UTF-8 has no byte above 0xF4: with one added to each, zero is free to end the
 * key, and chains sort as their keys do.
 */
export function versionPlace(bucket: string, key: string | Buffer, sequence: number): Buffer {
  return Buffer.concat([chainStart(bucket, key), END, newestFirst(sequence)]);
}

/** The beginning that the places of all versions of a key have, and of all keys that it is a prefix of. */
export function chainStart(bucket: string, key: string | Buffer): Buffer {
  const place = address(bucket, key);
  for (let index = BUCKET_BYTES; index < place.length; index++) place[index]!++;
  return place;
}

/** Range of all versions of one key. */
export function chainRange(bucket: string, key: string | Buffer): { start: Buffer; end: Buffer } {
  return rangeUnder(Buffer.concat([chainStart(bucket, key), END]));
}

/** The key of a version, from its place. */
export function keyOfVersion(place: Buffer): Buffer {
  const key = Buffer.from(place.subarray(BUCKET_BYTES, place.length - newestFirst(0).length - END.length));
  for (let index = 0; index < key.length; index++) key[index]!--;
  return key;
}

/** Range of all places that start with the given bytes. */
export function rangeUnder(prefix: Buffer): { start: Buffer; end: Buffer } {
  return { start: prefix, end: afterPrefix(prefix) };
}

/** The first place after all that start with the given bytes. */
export function afterPrefix(prefix: Buffer): Buffer {
  const end = Buffer.from(prefix);
  for (let index = end.length - 1; index >= 0; index--) {
    if (end[index]! < 0xff) {
      end[index]!++;
      return end.subarray(0, index + 1);
    }
  }
  return Buffer.alloc(BUCKET_BYTES + LONGEST_KEY + 1, 0xff);
}
