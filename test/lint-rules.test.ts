import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';

/** Who may import whom: each of these must be refused by the repository's own lint configuration. */
const REFUSED: readonly [file: string, imported: string][] = [
  ['packages/policy/src/pure.ts', 'node:fs'],
  ['packages/policy/src/pure.ts', 'yaml'],
  ['packages/policy/src/pure.ts', '@crossbucket/access'],
  ['packages/access/src/narrow.ts', '@crossbucket/sandbox'],
  ['packages/access/src/narrow.ts', 'crossbucket'],
  ['packages/sandbox/src/narrow.ts', '@crossbucket/access/credentials'],
  ['packages/sandbox/src/narrow.ts', 'crossbucket'],
  ['packages/audit/src/narrow.ts', '@crossbucket/sandbox'],
  ['packages/crossbucket/src/accounts/below.ts', '../grant/plan.ts'],
  ['packages/crossbucket/src/changes/below.ts', '../cli/main.ts'],
  ['packages/crossbucket/src/grant/beside.ts', '../explain/explain.ts'],
  ['packages/crossbucket/src/explain/beside.ts', '../grant/plan.ts'],
];

const ALLOWED: readonly [file: string, imported: string][] = [
  ['packages/access/src/narrow.ts', '@crossbucket/policy'],
  ['packages/sandbox/src/narrow.ts', '@crossbucket/policy'],
  ['packages/crossbucket/src/cli/above.ts', '../grant/plan.ts'],
  ['packages/policy/src/pure.ts', './other.ts'],
];

const repository = fileURLToPath(new URL('..', import.meta.url));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossbucket-lint-'));
  cpSync(join(repository, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
  symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}

/** What the repository's lint says of the files written, as text. */
async function lint(): Promise<string> {
  const oxlint = join(repository, 'node_modules/.bin/oxlint');
  const run = promisify(execFile)(oxlint, ['--deny-warnings', 'packages'], { cwd: folder });
  return run.then(
    ({ stdout }) => stdout,
    ({ stdout }: { stdout: string }) => stdout,
  );
}

test.each(REFUSED)('%s may not import %s', async (file, imported) => {
  write(file, `import { thing } from '${imported}';\n\nexport const it = thing;\n`);
  expect(await lint()).toContain('no-restricted-imports');
});

test.each(ALLOWED)('%s may import %s', async (file, imported) => {
  write(file, `import { thing } from '${imported}';\n\nexport const it = thing;\n`);
  expect(await lint()).not.toContain('no-restricted-imports');
});

test('imports may not go round in a circle', async () => {
  write('packages/access/src/a.ts', `import { b } from './b.ts';\n\nexport const a = () => b;\n`);
  write('packages/access/src/b.ts', `import { a } from './a.ts';\n\nexport const b = () => a;\n`);
  expect(await lint()).toContain('no-cycle');
});
