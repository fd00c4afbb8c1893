import { opendir } from 'node:fs/promises';

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
 * The names in a folder, sorted by bytes as S3 sorts the keys below it: `a-b` before `a/`. They are packed into one buffer,
 * so that a folder of a million files takes what its names take. A link sorts as a folder if `isFolder` says so.
 */
export async function readSortedNames(
  path: Buffer | string,
  isFolder: (name: Buffer) => Promise<boolean>,
): Promise<FolderNames> {
  let bytes = Buffer.allocUnsafe(4096);
  let used = 0;
  /** Where each name begins; its kind is the byte before. */
  const starts: number[] = [];
  const ends: number[] = [];
  // The types know of text alone.
  const folder = await opendir(path, { encoding: 'buffer' as 'utf8', bufferSize: 512 });
  for await (const entry of folder) {
    const name = entry.name as unknown as Buffer;
    const link = entry.isSymbolicLink();
    const isDirectory = entry.isDirectory() || (link && (await isFolder(name)));
    const kind: EntryKind = link ? 'link' : isDirectory ? 'folder' : entry.isFile() ? 'file' : 'other';
    const needed = used + name.length + 2;
    if (needed > bytes.length) bytes = grown(bytes, needed);
    bytes[used] = KINDS.indexOf(kind);
    starts.push(used + 1);
    used += 1 + name.copy(bytes, used + 1);
    if (isDirectory) bytes[used++] = SLASH;
    ends.push(used);
  }
  const order = Uint32Array.from(starts.keys());
  order.sort((a, b) => bytes.compare(bytes, starts[b]!, ends[b]!, starts[a]!, ends[a]!));
  return {
    length: order.length,
    at(index) {
      const place = order[index]!;
      const start = starts[place]!;
      return { name: bytes.subarray(start, ends[place]), kind: KINDS[bytes[start - 1]!]! };
    },
  };
}

function grown(bytes: Buffer, needed: number): Buffer<ArrayBuffer> {
  const larger = Buffer.allocUnsafe(Math.max(needed, bytes.length * 2));
  bytes.copy(larger);
  return larger;
}
