import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SOURCE_HASH } from './scanner.data.ts';

test('the scanner is compiled from the source as it is: `npm run generate:scanner`', () => {
  const source = readFileSync(new URL('../../wasm/record-scanner.ts', import.meta.url));
  expect(createHash('sha256').update(source).digest('hex')).toBe(SOURCE_HASH);
});
