import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

const source = (name: string) => resolve(import.meta.dirname, 'packages', name, 'src');

export default defineConfig({
  resolve: {
    // Tests run on the sources; what a user runs (dist, the command) is tested as a child process.
    alias: [
      { find: /^@crossbucket\/policy$/, replacement: `${source('policy')}/index.ts` },
      { find: /^@crossbucket\/policy\/access-levels$/, replacement: `${source('policy')}/access-levels.ts` },
      { find: /^@crossbucket\/access$/, replacement: `${source('access')}/index.ts` },
      { find: /^@crossbucket\/access\/credentials$/, replacement: `${source('access')}/credentials.ts` },
      { find: /^@crossbucket\/access\/configuration$/, replacement: `${source('access')}/configuration.ts` },
      { find: /^@crossbucket\/sandbox$/, replacement: `${source('sandbox')}/index.ts` },
      { find: /^@crossbucket\/audit$/, replacement: `${source('audit')}/index.ts` },
      { find: /^@crossbucket\/sandbox\/vitest$/, replacement: `${source('sandbox')}/vitest.ts` },
      { find: /^crossbucket\/explain$/, replacement: `${source('crossbucket')}/explain/index.ts` },
      { find: /^crossbucket$/, replacement: `${source('crossbucket')}/index.ts` },
    ],
  },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/dist/**', '**/node_modules/**', 'test/long/**'],
    reporters: ['default', './test/counts-reporter.ts'],
    // Of two cores, vitest would leave one for itself; most tests wait for child processes.
    maxWorkers: availableParallelism(),
    testTimeout: 20_000,
    hookTimeout: 30_000,
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  },
});
