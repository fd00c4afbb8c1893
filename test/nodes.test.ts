import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

/**
 * The built packages on every Node that is supported: this one, and those whose paths `CROSSBUCKET_NODES` lists (with
 * colons between), as `.ci/run` does for 22 and 24.
 */
const nodes = [
  process.execPath,
  ...(process.env['CROSSBUCKET_NODES'] ?? '').split(':').filter((path) => path !== ''),
];
const run = promisify(execFile);
const command = fileURLToPath(new URL('../packages/crossbucket/bin/crossbucket.js', import.meta.url));
const PACKAGES = [
  '@crossbucket/policy',
  '@crossbucket/access',
  '@crossbucket/access/credentials',
  '@crossbucket/sandbox',
  '@crossbucket/audit',
  'crossbucket',
];

describe.each(nodes)('on %s', (node) => {
  test('the demo comes out as expected', async () => {
    const { stdout } = await run(node, [command, 'demo', '--json']);
    const { ok, steps } = JSON.parse(stdout) as { ok: boolean; steps: unknown[] };
    expect({ ok, some: steps.length > 10 }).toEqual({ ok: true, some: true });
  });

  test('CommonJS code can require every package', async () => {
    const script = `for (const name of ${JSON.stringify(PACKAGES)}) console.log(Object.keys(require(name)).length > 0)`;
    const { stdout } = await run(node, ['-e', script], { cwd: fileURLToPath(new URL('.', import.meta.url)) });
    expect(stdout.trim().split('\n')).toEqual(PACKAGES.map(() => 'true'));
  });
});
