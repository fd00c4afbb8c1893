// Writes the JSON Schema of crossbucket.yaml, which editors read; `--check` says whether it is old.
import { readFileSync, writeFileSync } from 'node:fs';
import { specJsonSchema } from '../packages/crossbucket/dist/spec/index.js';

const file = new URL('../packages/crossbucket/crossbucket.schema.json', import.meta.url);
const text = `${JSON.stringify(specJsonSchema(), null, 2)}\n`;
if (!process.argv.includes('--check')) writeFileSync(file, text);
else if (JSON.stringify(JSON.parse(readFileSync(file, 'utf8'))) !== JSON.stringify(JSON.parse(text))) {
  process.stderr.write('crossbucket.schema.json is old: npm run generate:spec-schema\n');
  process.exitCode = 1;
}
