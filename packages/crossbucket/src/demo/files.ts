import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file that the demo puts into the bucket. */
export interface DemoFile {
  path: string;
  key: string;
  /** In bytes. */
  size: number;
}

/** The data set that comes with the package. */
export const SHIPPED_FILES = fileURLToPath(new URL('../../demo-files', import.meta.url));

export const PREFIX = 'reports/';

/** The regular files of a folder and of those in it, in the order of their keys. Links are not followed. */
export async function findFiles(folder: string): Promise<DemoFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(async (entry): Promise<DemoFile> => {
      const path = join(entry.parentPath, entry.name);
      const key = PREFIX + relative(folder, path).split(sep).join('/');
      return { path, key, size: (await stat(path)).size };
    });
  return (await Promise.all(files)).toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

/** Whether two streams hold the same bytes; neither is held in memory. */
export async function sameBytes(
  a: AsyncIterable<Uint8Array>,
  b: AsyncIterable<Uint8Array>,
): Promise<boolean> {
  const left = new ByteQueue(a);
  const right = new ByteQueue(b);
  for (;;) {
    const [x, y] = await Promise.all([left.peek(), right.peek()]);
    if (!x || !y) return x === y;
    const length = Math.min(x.length, y.length);
    if (Buffer.compare(x.subarray(0, length), y.subarray(0, length)) !== 0) return false;
    left.take(length);
    right.take(length);
  }
}

class ByteQueue {
  readonly #source: AsyncIterator<Uint8Array>;
  #head: Uint8Array | undefined;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The bytes that come next, or nothing at the end. */
  async peek(): Promise<Uint8Array | undefined> {
    while (!this.#head || this.#head.length === 0) {
      const { value, done } = await this.#source.next();
      if (done) return undefined;
      this.#head = value;
    }
    return this.#head;
  }

  take(length: number): void {
    this.#head = this.#head?.subarray(length);
  }
}
