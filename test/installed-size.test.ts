import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';

// What an installation takes on the disk, as `du --apparent-size` counts: a folder is 4 KiB.
const FOLDER = 4096;
const MB = 1_000_000;
const root = resolve(import.meta.dirname, '..');

interface Packed {
  files: { path: string; size: number }[];
}

const packed = new Map<string, Packed>();
beforeAll(async () => {
  const pack = async (name: string) => {
    const cwd = join(root, 'packages', name);
    const { stdout } = await promisify(execFile)('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd,
    });
    packed.set(`@crossbucket/${name}`, (JSON.parse(stdout) as [Packed])[0]);
  };
  await Promise.all(['policy', 'access'].map(pack));
});

interface Manifest {
  dependencies?: Record<string, string>;
  exports: Record<string, string | { default: string }>;
}
const manifest = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

/** Where Node finds a package from another. */
function find(name: string, from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = join(folder, 'node_modules', name);
    if (existsSync(found)) return found;
    if (folder === dirname(folder)) throw new Error(`${name} is not installed`);
  }
}

function closure(names: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (name: string, from: string) => {
    const folder = find(name, from);
    if (found.has(folder)) return;
    found.set(folder, name);
    for (const dependency of Object.keys(manifest(folder).dependencies ?? {})) visit(dependency, folder);
  };
  for (const name of names) visit(name, root);
  return found;
}

function sizeOf(folder: string): number {
  const entries = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => name !== 'node_modules');
  const sizes = entries.map((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? sizeOf(path) : statSync(path).size;
  });
  return sizes.reduce((sum, size) => sum + size, FOLDER);
}

function packedSize({ files }: Packed): number {
  const folders = new Set(['']);
  for (const { path } of files)
    for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) folders.add(folder);
  return files.reduce((sum, { size }) => sum + size, folders.size * FOLDER);
}

test.each([
  [['@crossbucket/access'], 9 * MB],
  [['@crossbucket/access', '@aws-sdk/client-s3'], 14 * MB],
])('%j with all that it needs is small', (names, limit) => {
  const sizes = [...closure(names)].map(([folder, name]) => {
    const own = packed.get(name);
    return own ? packedSize(own) : sizeOf(folder);
  });
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(limit);
});

test.each(['policy', 'access'])('@crossbucket/%s is packed with every module that it loads', (name) => {
  const { files } = packed.get(`@crossbucket/${name}`)!;
  const there = new Set(files.map(({ path }) => path));
  const folder = join(root, 'packages', name);
  const entries = Object.values(manifest(folder).exports).flatMap((entry) =>
    typeof entry === 'string' ? [] : [entry.default],
  );
  const seen = new Set<string>();
  const visit = (path: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    expect(there).toContain(path);
    const text = readFileSync(join(folder, path), 'utf8');
    for (const [, target] of text.matchAll(/(?:from|import\()\s*['"](\.[^'"]+)['"]/g))
      visit(join(dirname(path), target!));
  };
  for (const entry of entries) visit(join(entry));
  expect(seen.size).toBeGreaterThan(0);
});

test('the licence is in the packages', () => {
  for (const { files } of packed.values()) expect(files.map(({ path }) => path)).toContain('LICENSE');
});

test.each(['access', 'crossbucket'])('a bundler sees all that the library %s loads', (name) => {
  const folder = join(root, 'packages', name, 'dist/bundle');
  const files = readdirSync(folder).filter((file) => file.endsWith('.js'));
  expect(files.length).toBeGreaterThan(0);
  expect(files.filter((file) => readFileSync(join(folder, file), 'utf8').includes('createRequire'))).toEqual(
    [],
  );
});
