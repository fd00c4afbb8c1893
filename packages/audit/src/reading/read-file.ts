import type { Readable } from 'node:stream';
import { createGunzip, gunzipSync } from 'node:zlib';
import { AuditError } from '../audit-error.ts';
import { LogReader, type FileReading } from './log-reader.ts';
import type { RecordScanner } from './record-scanner.ts';

/** What was met in a file, and what of it could not be inflated. */
export interface FileReport extends FileReading {
  /** Why inflating stopped, or why the file could not be read to its end. */
  broken?: string;
  /** The fault is not the file's: another time it may be read. */
  isUnread?: true;
}

/** Large pieces: each crossing to another thread and back costs as much as inflating some kilobytes. */
const CHUNK = 2 ** 20;
const SLICE = 2 ** 15;
/** Up to this many bytes a gzip file is inflated at once, if it comes to no more than this many. */
const SMALL = 2 ** 20;
const LARGE = 16 * 2 ** 20;

/** Reads one file, inflated or not, to its end or to where it is broken. Records before that are taken. */
export async function readFile(
  stream: Readable,
  name: string,
  scanner: RecordScanner,
  onFull: () => void,
): Promise<FileReport> {
  const reader = new LogReader(scanner, name, onFull);
  const broken = await feed(stream, reader);
  const reading = reader.finish();
  return broken === undefined ? reading : { ...reading, ...broken };
}

async function feed(
  stream: Readable,
  reader: LogReader,
): Promise<Pick<FileReport, 'broken' | 'isUnread'> | undefined> {
  let inflate: Inflater | undefined;
  let held: Buffer[] = [];
  let isHeld = true;
  const pass = async (piece: Buffer): Promise<void> => {
    if (inflate === undefined) reader.feed(piece);
    else await inflate.write(piece);
  };
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      if (piece.length === 0) continue;
      if (!isHeld) await pass(piece);
      else {
        held.push(piece);
        if (isGzip(held[0]!) && held.reduce((sum, { length }) => sum + length, 0) <= SMALL) continue;
        isHeld = false;
        if (isGzip(held[0]!)) inflate = new Inflater(reader);
        for (const one of held) await pass(one);
        held = [];
      }
      if (reader.isOver) break;
    }
    if (isHeld && held.length > 0) {
      const whole = held.length === 1 ? held[0]! : Buffer.concat(held);
      const text = inflateWhole(whole);
      if (text !== undefined) {
        reader.feed(text);
        return undefined;
      }
      inflate = new Inflater(reader);
      await inflate.write(whole);
    }
    await inflate?.end();
    return undefined;
  } catch (error) {
    inflate?.destroy();
    return describe(error);
  }
}

const isGzip = (piece: Buffer): boolean => piece[0] === 0x1f && piece[1] === 0x8b;

/**
 * A small file at once, as nearly all are: it takes half of the time. Undefined where it is damaged, or inflates to much: then it
 * is taken piece by piece.
 */
function inflateWhole(bytes: Buffer): Buffer | undefined {
  // The file ends with its size, by which no room is given that it has not earned.
  const said = bytes.length < 18 ? 0 : bytes.readUInt32LE(bytes.length - 4);
  const chunkSize = Math.min(Math.max(said + 64, 2 ** 14), LARGE);
  try {
    return gunzipSync(bytes, { chunkSize, maxOutputLength: LARGE });
  } catch {
    return undefined;
  }
}

/** Gives each piece to the reader as it is inflated, so that what comes before a broken place is read. */
class Inflater {
  readonly #gunzip = createGunzip({ chunkSize: CHUNK });
  /** Settles at the end of the gzip file, which may be before that of the bytes: what follows it counts for nothing. */
  readonly #over: Promise<void>;

  constructor(reader: LogReader) {
    this.#gunzip.on('data', (chunk: Buffer) => reader.feed(chunk));
    this.#over = new Promise((resolve, reject) => {
      this.#gunzip.once('error', reject);
      this.#gunzip.once('end', () => resolve());
    });
    this.#over.catch(() => undefined);
  }

  /** In slices: of the one that is damaged, zlib gives nothing. */
  async write(piece: Buffer): Promise<void> {
    for (let from = 0; from < piece.length; from += SLICE)
      await this.#writeSlice(piece.subarray(from, from + SLICE));
  }

  #writeSlice(slice: Buffer): Promise<void> {
    if (this.#gunzip.writableEnded || this.#gunzip.destroyed) return this.#over;
    const written = new Promise<void>((resolve) => {
      this.#gunzip.write(slice, () => resolve());
    });
    return Promise.race([this.#over, written]);
  }

  end(): Promise<void> {
    if (!this.#gunzip.writableEnded) this.#gunzip.end();
    return this.#over;
  }

  destroy(): void {
    this.#gunzip.destroy();
  }
}

/** What comes from zlib is the file's fault. An error of ours ends everything. */
function describe(error: unknown): Pick<FileReport, 'broken' | 'isUnread'> {
  if (error instanceof AuditError) throw error;
  const { code, message } = error as { code?: string; message?: string };
  if (code === 'Z_BUF_ERROR') return { broken: 'the gzip file is cut off' };
  if (code?.startsWith('Z_') === true) return { broken: `the gzip file is damaged (${message})` };
  return unread(message ?? String(error));
}

/** A file that could not be opened or read to its end. */
export const unread = (why: string): { broken: string; isUnread: true } => ({
  broken: `it could not be read: ${why}`,
  isUnread: true,
});
