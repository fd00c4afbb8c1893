import { defineConfig, mergeConfig } from 'vitest/config';
import shared from './vitest.config.ts';

const { exclude: _, include: __, ...test } = shared.test ?? {};

/** What takes minutes: `npm run test:long`. */
export default mergeConfig(
  { ...shared, test },
  defineConfig({ test: { include: ['test/long/**/*.test.ts'], exclude: ['**/node_modules/**'] } }),
);
