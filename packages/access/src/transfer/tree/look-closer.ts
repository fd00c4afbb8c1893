import { createReadStream } from 'node:fs';
import { createHash } from 'node:crypto';
import { encodeCrc, isCrcName, openCrc } from '../../checksums/crc.ts';
import { outputChecksum } from '../../checksums/object-checksum.ts';
import { headObject } from '../../s3/head-object.ts';
import { isKeyed } from '../../s3/sdk-calls.ts';
import { timeMetadata } from '../file-time.ts';
import { checkOf, isComposite, type Check } from '../verify.ts';
import type { Comparison } from './compare.ts';
import type { Entry } from './entry.ts';
import type { BucketSide, Side } from './side.ts';

/** Whether two of the same size are the same, by what only the object itself or the bytes can tell. */
export async function isSame(
  from: Side,
  to: Side,
  { source, target }: { source: Entry; target: Entry },
  comparison: Comparison,
  signal: AbortSignal,
): Promise<boolean> {
  if (from.kind === 'bucket' && to.kind === 'bucket')
    return sameObjects(await factsOf(from, source, signal), await factsOf(to, target, signal));
  const [bucket, object] = from.kind === 'bucket' ? [from, source] : [to as BucketSide, target];
  const [folder, file] = from.kind === 'folder' ? [from, source] : [to as Exclude<Side, BucketSide>, target];
  const facts = await factsOf(bucket, object, signal);
  if (comparison === 'time')
    return file.mtimeNs !== undefined && facts.metadata['mtime'] === timeMetadata(file.mtimeNs)['mtime'];
  const { check } = facts;
  // Whether a composite is that of a file depends on parts that nobody may know any more.
  if (!check || isComposite(check)) return false;
  return (await digestOf(`${folder.path}/${file.name}`, check)) === check.expected;
}

interface Facts {
  check: Check;
  metadata: Record<string, string>;
}

async function factsOf(
  { connection, prefix }: BucketSide,
  { name }: Entry,
  signal: AbortSignal,
): Promise<Facts> {
  const input = { ...connection.target, Key: prefix + name, ChecksumMode: 'ENABLED' as const };
  const head = await headObject(connection, input, signal);
  const { ETag = '', ServerSideEncryption, SSECustomerAlgorithm, Metadata = {} } = head;
  const keyed = isKeyed(ServerSideEncryption, SSECustomerAlgorithm);
  const check = checkOf({ checksum: outputChecksum(head), etag: ETag, keyed });
  return { check, metadata: Metadata };
}

const sameObjects = (a: Facts, b: Facts) =>
  a.check !== undefined && a.check.by === b.check?.by && a.check.expected === b.check.expected;

async function digestOf(path: string, { by }: NonNullable<Check>): Promise<string> {
  const chunks = createReadStream(path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>;
  if (isCrcName(by)) {
    const crc = openCrc(by);
    for await (const chunk of chunks) crc.update(chunk);
    return encodeCrc(by, crc.value);
  }
  const hash = createHash(by);
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest(by === 'MD5' ? 'hex' : 'base64');
}
