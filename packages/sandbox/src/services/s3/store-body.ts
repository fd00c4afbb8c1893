import { createHash } from 'node:crypto';
import { fewRandomBytes } from '../../random.ts';
import type { BodyRecord } from '../../store/records.ts';
import { startChecksum, type ChecksumAlgorithm } from '../../wire/checksums.ts';
import { AwsError } from '../../wire/errors.ts';
import type { Call } from '../service.ts';
import { FrameSealer } from './sse/frames.ts';

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
  /** Makes a file a body, before a record refers to it. */
  publish(): Promise<void>;
  discard(): Promise<void>;
}

/** Where a body comes from. */
export interface BodySource {
  /** Bytes that will come. */
  length: number | undefined;
  chunks(): AsyncIterable<Buffer>;
  /** The whole, if it is not longer than the limit. */
  collect(limit: number): Promise<Buffer>;
}

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
  if (source.length === undefined)
    throw new AwsError('MissingContentLength', 'You must provide the Content-Length HTTP header.');
  if (source.length > LARGEST_PUT)
    throw new AwsError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', {
      fields: { ProposedSize: String(source.length), MaxSizeAllowed: String(LARGEST_PUT) },
    });
  return source.length <= LARGEST_IN_TABLE ? storeSmall(source, options) : storeLarge(source, options, call);
}

async function storeSmall(source: BodySource, { keyOf, checksum }: StoreOptions): Promise<StoredBody> {
  const bytes = await source.collect(LARGEST_IN_TABLE);
  const running = checksum && startChecksum(checksum);
  running?.update(bytes);
  const stored = {
    size: bytes.length,
    md5: createHash('md5').update(bytes).digest('hex'),
    ...(running && { checksum: await running.digest() }),
    publish: async () => {},
    discard: async () => {},
  };
  if (bytes.length === 0) return stored;
  const id = fewRandomBytes(16).toString('hex');
  const sealed = new FrameSealer(keyOf(id), bytes.length).push(bytes);
  return { ...stored, body: { id, place: 'table' }, bytes: sealed };
}

async function storeLarge(
  source: BodySource,
  { keyOf, checksum }: StoreOptions,
  call: Pick<Call, 'store'>,
): Promise<StoredBody> {
  const md5 = createHash('md5');
  const running = checksum && startChecksum(checksum);
  const staged = await call.store.blobs.stage();
  try {
    const sealer = new FrameSealer(keyOf(staged.id), source.length!);
    for await (const part of source.chunks()) {
      md5.update(part);
      running?.update(part);
      await staged.write(sealer.push(part));
    }
  } catch (error) {
    await staged.discard();
    throw error;
  }
  return {
    size: source.length!,
    md5: md5.digest('hex'),
    ...(running && { checksum: await running.digest() }),
    body: { id: staged.id, place: 'file' },
    publish: () => staged.commit(),
    discard: () => staged.discard(),
  };
}
