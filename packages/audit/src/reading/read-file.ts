import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
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
  let isFirst = true;
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      if (isFirst && piece.length > 0) {
        isFirst = false;
        if (piece[0] === 0x1f && piece[1] === 0x8b) inflate = new Inflater(reader);
      }
      if (inflate === undefined) reader.feed(piece);
      else await inflate.write(piece);
      if (reader.isOver) break;
    }
    await inflate?.end();
    return undefined;
  } catch (error) {
    inflate?.destroy();
    return describe(error);
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
