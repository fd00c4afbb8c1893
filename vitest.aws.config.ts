import { defineConfig, mergeConfig } from 'vitest/config';
import shared from './vitest.config.ts';

const { exclude: _, include: __, ...test } = shared.test ?? {};

/** Against two real accounts, named by profile: `npm run test:aws`. */
export default mergeConfig(
  { ...shared, test },
  defineConfig({ test: { include: ['test/aws/**/*.aws.ts'], exclude: ['**/node_modules/**'] } }),
);
