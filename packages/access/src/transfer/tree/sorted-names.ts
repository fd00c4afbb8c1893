import { opendir } from 'node:fs/promises';
import type { FilePace } from '../file-pace.ts';

/** What a folder holds; names of folders end in a slash. */
export interface FolderNames {
  readonly length: number;
  /** As bytes: a name need not be UTF-8. */
  at(index: number): { name: Buffer; kind: EntryKind };
}

export type EntryKind = 'file' | 'folder' | 'link' | 'other';

const KINDS: readonly EntryKind[] = ['file', 'folder', 'link', 'other'];
const SLASH = 0x2f;

/**
 * The names in a folder, sorted by bytes as S3 sorts the keys below it: `a-b` before `a/`. They are packed, so that a folder
 * of a million files takes what its names take. A link sorts as a folder if `isFolder` says so.
 */
export async function readSortedNames(
  path: Buffer | string,
  pace: FilePace,
  isFolder: (name: Buffer) => Promise<boolean>,
): Promise<FolderNames> {
  const names = new PackedNames();
  // The types know of text alone.
  const folder = await opendir(path, { encoding: 'buffer' as 'utf8', bufferSize: 512 });
  try {
    for (;;) {
      const entry = pace.atOnce(() => folder.readSync()) ?? (await folder.read());
      if (!entry) break;
      const name = entry.name as unknown as Buffer;
      const link = entry.isSymbolicLink();
      const isDirectory = entry.isDirectory() || (link && (await isFolder(name)));
      names.add(
        name,
        isDirectory,
        link ? 'link' : isDirectory ? 'folder' : entry.isFile() ? 'file' : 'other',
      );
    }
  } finally {
    await folder.close();
  }
  names.sort();
  return names;
}

/** Bytes of a block of names at most. The first is smaller: most folders hold little. */
const BLOCK = 2 ** 20;
const FIRST_BLOCK = 2 ** 12;
/** Before each name: its kind, and its length in two bytes. */
const HEAD = 3;

class PackedNames implements FolderNames {
  readonly #blocks: Buffer[] = [];
  #last: Buffer = Buffer.alloc(0);
  #used = 0;
  /** Where each name begins: the number of its block, and the place in there. */
  #places = new Uint32Array(64);
  length = 0;

  add(name: Buffer, isFolder: boolean, kind: EntryKind): void {
    const size = HEAD + name.length + (isFolder ? 1 : 0);
    if (this.#used + size > this.#last.length) {
      this.#last = Buffer.allocUnsafeSlow(Math.min(BLOCK, FIRST_BLOCK * 4 ** this.#blocks.length));
      this.#blocks.push(this.#last);
      this.#used = 0;
    }
    const block = this.#last;
    block[this.#used] = KINDS.indexOf(kind);
    block.writeUInt16LE(size - HEAD, this.#used + 1);
    name.copy(block, this.#used + HEAD);
    if (isFolder) block[this.#used + size - 1] = SLASH;
    if (this.length === this.#places.length) this.#places = doubled(this.#places);
    this.#places[this.length++] = (this.#blocks.length - 1) * BLOCK + this.#used;
    this.#used += size;
  }

  sort(): void {
    this.#places.subarray(0, this.length).sort((a, b) => {
      const [one, other] = [this.#blockOf(a), this.#blockOf(b)];
      const [start, from] = [a % BLOCK, b % BLOCK];
      const [end, to] = [endOf(one, start), endOf(other, from)];
      return one.compare(other, from + HEAD, to, start + HEAD, end);
    });
  }

  at(index: number): { name: Buffer; kind: EntryKind } {
    const place = this.#places[index]!;
    const block = this.#blockOf(place);
    const start = place % BLOCK;
    return { name: block.subarray(start + HEAD, endOf(block, start)), kind: KINDS[block[start]!]! };
  }

  #blockOf(place: number): Buffer {
    return this.#blocks[Math.floor(place / BLOCK)]!;
  }
}

const endOf = (block: Buffer, start: number) => start + HEAD + block.readUInt16LE(start + 1);

function doubled(numbers: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(numbers.length * 2);
  larger.set(numbers);
  return larger;
}
