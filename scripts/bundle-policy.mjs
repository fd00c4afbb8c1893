// Bundles @crossbucket/policy into one file: a browser loads one module instead of a hundred, and so does Node, where
// the hundred cost more than all that is in them. Most of what is left is V8 reading the text, so it is minified and
// plain ASCII (one character beyond Latin-1 makes V8 hold all of it in two bytes each).
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const dist = new URL('../packages/policy/dist/', import.meta.url);
const bundle = new URL('policy.js', dist);

await build({
  input: fileURLToPath(new URL('index.js', dist)),
  platform: 'neutral',
  output: { file: fileURLToPath(bundle), format: 'esm', sourcemap: true, minify: true },
  logLevel: 'warn',
});

const text = await readFile(bundle, 'utf8');
const escape = (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
await writeFile(bundle, text.replaceAll(/[^\0-\x7f]/g, escape));
