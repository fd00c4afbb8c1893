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
  readonly #failed: Promise<never>;

  constructor(reader: LogReader) {
    this.#gunzip.on('data', (chunk: Buffer) => reader.feed(chunk));
    this.#failed = new Promise((_, reject) => {
      this.#gunzip.once('error', reject);
    });
    this.#failed.catch(() => undefined);
  }

  write(piece: Buffer): Promise<void> {
    return Promise.race([
      this.#failed,
      new Promise<void>((resolve) => {
        this.#gunzip.write(piece, () => resolve());
      }),
    ]);
  }

  end(): Promise<void> {
    return Promise.race([
      this.#failed,
      new Promise<void>((resolve) => {
        this.#gunzip.once('end', () => resolve());
        this.#gunzip.end();
      }),
    ]);
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
