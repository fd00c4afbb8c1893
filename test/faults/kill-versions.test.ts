import { test } from 'vitest';
import { killWhileVersioning } from './version-kills.ts';

test('a sandbox that is killed while it keeps versions has every one that it has acknowledged, in order', async () => {
  await killWhileVersioning(2);
}, 60_000);
