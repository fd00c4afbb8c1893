import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import { AuditError } from '../audit-error.ts';
import { isInScope, type Scope } from './key-layout.ts';
import type { Source, SourceFile } from './source.ts';

const SMALL = 2 ** 20;

/** A folder at any depth, or one file. */
export async function folderSource(path: string): Promise<Source> {
  const root = resolve(path);
  const info = await stat(root).catch((cause: unknown) => {
    throw new AuditError(
      'invalid-source',
      `\`${path}\` cannot be read`,
      'name a folder or a file of CloudTrail records that is there, `s3://BUCKET/PREFIX`, `lookup`, or `-`',
      { cause },
    );
  });
  if (info.isFile()) {
    const file = fileAt(root, root, info);
    return {
      name: path,
      id: `file ${root}`,
      async *list() {
        yield file;
      },
    };
  }
  return { name: path, id: `folder ${root}`, list: (scope) => walk(root, root, scope) };
}

async function* walk(root: string, folder: string, scope: Scope): AsyncIterable<SourceFile> {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      // A whole day that is not asked for is not gone into.
      if (isInScope(`${keyOf(root, path)}/x`, scope)) yield* walk(root, path, scope);
    } else if (/\.(json|jsonl|ndjson|gz)$/i.test(entry.name) && isInScope(keyOf(root, path), scope))
      yield fileAt(root, path, await stat(path));
  }
}

const keyOf = (root: string, path: string): string => relative(root, path).split(sep).join('/');

function fileAt(
  root: string,
  path: string,
  { size, mtimeMs }: { size: number; mtimeMs: number },
): SourceFile {
  return {
    key: root === path ? path : keyOf(root, path),
    size,
    stamp: `${size} ${mtimeMs}`,
    // A stream takes longer to open than most files to read.
    open: async () =>
      size <= SMALL
        ? Readable.from([await readFile(path)])
        : createReadStream(path, { highWaterMark: SMALL }),
  };
}
