import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');

test.each([
  ['vitest', ['node_modules/vitest/vitest.mjs', 'run', '--root', 'examples/vitest'], /Tests .*4 passed/],
  ['node-test', ['--test', 'examples/node-test/reports.test.mjs'], /pass 3\b/],
])('the example %s passes', async (_, argv, passed) => {
  const { stdout } = await promisify(execFile)(process.execPath, argv, {
    cwd: root,
    timeout: 60_000,
    env: {
      PATH: process.env['PATH'],
      NO_COLOR: '1',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
  });
  expect(stdout).toMatch(passed);
});
