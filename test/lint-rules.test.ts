import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const fixture = join(import.meta.dirname, 'lint-fixture');
/** Each file is named after what the rules are to make of it. */
const files = readdirSync(fixture, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(fixture, join(entry.parentPath, entry.name)));
const named = (prefix: string) => files.filter((file) => basename(file).startsWith(prefix));

interface Diagnostic {
  code: string;
  filename: string;
}

let folder: string;
/** Codes of what the repository's own rules find in the fixture, by file. */
const found = new Map<string, string[]>();

beforeAll(() => {
  // The rules go by paths from where their file is: so the fixture lies beside it, as if it were the repository.
  folder = mkdtempSync(join(tmpdir(), 'crossbucket-lint-'));
  copyFileSync(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
  cpSync(fixture, folder, { recursive: true });
  const refused = join(folder, 'packages/policy/src/refused-node');
  copyFileSync(`${refused}.ts`, `${refused}.test.ts`);
  const { stdout } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/oxlint/bin/oxlint'), '--format', 'json'],
    {
      cwd: folder,
      encoding: 'utf8',
    },
  );
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: Diagnostic[] };
  for (const { filename, code } of diagnostics) found.set(filename, [...(found.get(filename) ?? []), code]);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the import rules', () => {
  test.each(named('refused'))('refuse %s', (file) => {
    expect(found.get(file)).toEqual(['eslint(no-restricted-imports)']);
  });

  test.each(named('allowed'))('let %s be', (file) => {
    expect(found.get(file)).toBeUndefined();
  });

  test.each(named('cycle'))('refuse the cycle of %s', (file) => {
    expect(found.get(file)).toEqual(['import(no-cycle)']);
  });

  test('let a test import what it needs', () => {
    expect(found.get('packages/policy/src/refused-node.test.ts')).toBeUndefined();
  });

  test('have a case for every folder that they name', () => {
    const { overrides } = JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8')) as {
      overrides: { files: string[]; rules: Record<string, unknown> }[];
    };
    const folders = overrides
      .filter(({ rules }) => Array.isArray(rules['no-restricted-imports']))
      .flatMap((override) => override.files.map((glob) => glob.replace(/\/\*\*$/, '')));
    expect(folders.length).toBeGreaterThan(5);
    for (const path of folders)
      expect(
        named('refused').some((file) => file.startsWith(`${path}/`)),
        path,
      ).toBe(true);
  });
});

describe('the project references', () => {
  test.each([
    ['policy', []],
    ['access', ['policy']],
    ['sandbox', ['policy']],
    ['audit', ['policy']],
    ['crossbucket', ['access', 'audit', 'policy', 'sandbox']],
  ])('of %s are those that it may import', (name, allowed) => {
    const { references = [] } = JSON.parse(
      readFileSync(join(root, 'packages', name, 'tsconfig.json'), 'utf8'),
    ) as {
      references?: { path: string }[];
    };
    expect(references.map(({ path }) => basename(path)).toSorted()).toEqual(allowed);
  });
});
