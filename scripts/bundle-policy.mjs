// Bundles @crossbucket/policy into one file: a browser loads one module instead of a hundred, and so does Node, where
// the hundred cost more than all that is in them.
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const dist = new URL('../packages/policy/dist/', import.meta.url);

await build({
  input: fileURLToPath(new URL('index.js', dist)),
  platform: 'neutral',
  output: { file: fileURLToPath(new URL('policy.js', dist)), format: 'esm', sourcemap: true },
  logLevel: 'warn',
});
