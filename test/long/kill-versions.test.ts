import { test } from 'vitest';
import { killWhileVersioning } from '../faults/version-kills.ts';

test('a sandbox that is killed a hundred times has every version that it has acknowledged', async () => {
  await killWhileVersioning(100);
}, 900_000);
