import { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { damaged } from './storage-errors.ts';

// LMDB maps its file, and takes it to be whole: a file that is not its own, or that ends before its last page, ends the
// process with a signal when it is looked at. So it is looked at here first. Places are those of `MDB_meta` in LMDB's mdb.c.

const MAGIC = Buffer.from([0xde, 0xc0, 0xef, 0xbe]);
const META = { magic: 24, pageSize: 48, lastPage: 144, transaction: 152, end: 160 };

/**
 * Requires that LMDB's file can be opened without harm, if it is there.
 * @param path `data.mdb` in the folder `state` of a data folder.
 * @throws SandboxError `DataFolderDamaged`; Error where it is no database.
 */
export function requireDatabaseFile(path: string): void {
  if (!existsSync(path) || statSync(path).size === 0) {
    // To go on with an empty database would remove the bodies that it does not name.
    const bodies = join(dirname(path), '..', 'blobs');
    if (existsSync(bodies) && readdirSync(bodies).length > 0)
      throw damaged(path, 'is missing or empty, and there are bodies of objects beside it');
    return;
  }
  const file = openSync(path, 'r');
  try {
    const first = readMeta(file, 0);
    if (!first?.isLmdb) throw new Error(`\`${path}\` is not a database`);
    const second = readMeta(file, first.pageSize);
    // Afterwards: another process that has it open may be making it longer.
    const { size } = fstatSync(file);
    if (!second) throw damaged(path, `was cut short: it has ${size} bytes`);
    const { lastPage, pageSize } = second.transaction > first.transaction ? second : first;
    const whole = (lastPage + 1) * pageSize;
    if (size < whole) throw damaged(path, `was cut short: it has ${size} bytes, and its pages take ${whole}`);
  } finally {
    closeSync(file);
  }
}

/** Nothing where the file ends before. */
function readMeta(file: number, at: number) {
  const bytes = Buffer.alloc(META.end);
  if (readSync(file, bytes, 0, bytes.length, at) < bytes.length) return undefined;
  return {
    isLmdb: bytes.subarray(META.magic, META.magic + MAGIC.length).equals(MAGIC),
    pageSize: bytes.readUInt32LE(META.pageSize),
    lastPage: Number(bytes.readBigUInt64LE(META.lastPage)),
    transaction: Number(bytes.readBigUInt64LE(META.transaction)),
  };
}
