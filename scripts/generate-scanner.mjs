// Compiles packages/audit/wasm/record-scanner.ts to packages/audit/src/reading/scanner.data.ts.
// AssemblyScript weighs 100 MB, so it is fetched for this alone.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const COMPILER = 'assemblyscript@0.28.20';
const source = fileURLToPath(new URL('../packages/audit/wasm/record-scanner.ts', import.meta.url));
const target = fileURLToPath(new URL('../packages/audit/src/reading/scanner.data.ts', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'crossbucket-scanner-'));
try {
  const wasm = join(folder, 'scanner.wasm');
  execFileSync(
    'npx',
    ['--yes', '--package', COMPILER, 'asc', source, '-o', wasm, '-O3', '--converge', '--noAssert'].concat([
      '--runtime',
      'minimal',
      '--enable',
      'simd',
    ]),
    { cwd: folder, stdio: 'inherit' },
  );
  const hash = createHash('sha256').update(readFileSync(source)).digest('hex');
  writeFileSync(
    target,
    [
      `// Made by \`npm run generate:scanner\` from wasm/record-scanner.ts with ${COMPILER}. Do not edit.`,
      '/** SHA-256 of the source. */',
      `export const SOURCE_HASH = '${hash}';`,
      '/** The module, in base64. */',
      `export const SCANNER =`,
      `  '${readFileSync(wasm).toString('base64')}';`,
      '',
    ].join('\n'),
  );
} finally {
  rmSync(folder, { recursive: true });
}
