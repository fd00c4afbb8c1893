import { hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { fewRandomBytes } from '../../random.ts';
import { leave } from '../../left-pieces.ts';
import type { BodyRecord } from '../../store/records.ts';
import { startChecksum, type ChecksumAlgorithm } from '../../wire/checksums.ts';
import { startBodyHash } from '../../wire/hashes/body-hash.ts';
import type { IncomingBody } from '../../wire/body.ts';
import { AwsError } from '../../wire/errors.ts';
import type { Call } from '../service.ts';
import { FrameSealer, UnsizedFrameSealer } from './sse/frames.ts';

/** Bodies up to this size live in the database, beside their records. */
const LARGEST_IN_TABLE = 65_536;
/** Of one PUT, of one part and of one copy. https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const LARGEST_PUT = 5 * 1024 ** 3;

/** A body that is written, and that nothing refers to yet. */
export interface StoredBody {
  /** Before encryption. */
  size: number;
  /** In hexadecimal. */
  md5: string;
  /** Base64, of the algorithm that was asked for. */
  checksum?: string;
  /** Nothing for an empty one. */
  body?: BodyRecord;
  /** Of a body that belongs into the table. */
  bytes?: Buffer;
  /** Of a file: makes it a body, before a record refers to it. */
  publish?(): Promise<void>;
  discard?(): Promise<void>;
}

/** Where a body comes from. */
export type BodySource = Pick<IncomingBody, 'length' | 'isUnsized' | 'chunks' | 'collect'>;

export interface StoreOptions {
  /** The key of the body of an id. */
  keyOf(id: string): Buffer;
  /** What to compute beside the MD5. */
  checksum?: ChecksumAlgorithm | undefined;
}

/** Writes a body as it comes, encrypted. */
export async function storeBody(
  source: BodySource,
  options: StoreOptions,
  call: Pick<Call, 'store'>,
): Promise<StoredBody> {
  const { length, isUnsized } = source;
  if (isUnsized) return storeUnsized(source.chunks(), options, call);
  if (length === undefined)
    throw new AwsError('MissingContentLength', 'You must provide the Content-Length HTTP header.');
  requireAllowed(length);
  if (length <= LARGEST_IN_TABLE) return storeSmall(await source.collect(LARGEST_IN_TABLE), options);
  return storeLarge(source.chunks(), length, (key) => new FrameSealer(key, length), options, call);
}

function requireAllowed(size: number): void {
  if (size > LARGEST_PUT)
    throw new AwsError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', {
      fields: { ProposedSize: String(size), MaxSizeAllowed: String(LARGEST_PUT) },
    });
}

/** Takes what fits into the table, to see whether that is all. */
async function storeUnsized(
  chunks: AsyncIterable<Buffer>,
  options: StoreOptions,
  call: Pick<Call, 'store'>,
): Promise<StoredBody> {
  const source = chunks[Symbol.asyncIterator]();
  const taken: Buffer[] = [];
  let size = 0;
  while (size <= LARGEST_IN_TABLE) {
    const { done, value } = await source.next();
    if (done) return storeSmall(Buffer.concat(taken), options);
    taken.push(value);
    size += value.length;
  }
  const all = async function* (): AsyncGenerator<Buffer> {
    yield* taken;
    for (let next = await source.next(); !next.done; next = await source.next()) yield next.value;
  };
  return storeLarge(all(), undefined, (key) => new UnsizedFrameSealer(key), options, call);
}

async function storeSmall(bytes: Buffer, { keyOf, checksum }: StoreOptions): Promise<StoredBody> {
  const running = checksum && startChecksum(checksum);
  running?.update(bytes);
  const stored = {
    size: bytes.length,
    md5: hash('md5', bytes),
    ...(running && { checksum: await running.digest() }),
  };
  if (bytes.length === 0) return stored;
  const id = fewRandomBytes(16).toString('hex');
  const sealed = Buffer.concat(new FrameSealer(keyOf(id), bytes.length).push(bytes));
  return { ...stored, body: { id, place: 'table' }, bytes: sealed };
}

interface Sealer {
  push(bytes: Buffer): Buffer[];
  finish?(): Buffer[];
}

async function storeLarge(
  chunks: AsyncIterable<Buffer>,
  length: number | undefined,
  sealerOf: (key: Buffer) => Sealer,
  { keyOf, checksum }: StoreOptions,
  call: Pick<Call, 'store'>,
): Promise<StoredBody> {
  const md5 = startBodyHash('md5', length);
  const running = checksum && startChecksum(checksum);
  const staged = await call.store.blobs.stage().catch((error: unknown) => {
    // It may hold what it reads from.
    if (chunks instanceof Readable) chunks.destroy();
    throw error;
  });
  let size = 0;
  try {
    const sealer = sealerOf(keyOf(staged.id));
    for await (const part of chunks) {
      size += part.length;
      requireAllowed(size);
      await md5.update(part);
      running?.update(part);
      await staged.write(sealer.push(part));
      leave(part.length);
    }
    if (sealer.finish) await staged.write(sealer.finish());
  } catch (error) {
    await staged.discard();
    await md5.forget();
    throw error;
  }
  return {
    size,
    md5: await md5.digest(),
    ...(running && { checksum: await running.digest() }),
    body: { id: staged.id, place: 'file' },
    publish: () => staged.commit(),
    discard: () => staged.discard(),
  };
}
