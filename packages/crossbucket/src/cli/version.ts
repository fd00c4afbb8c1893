import { createRequire } from 'node:module';

/** Of this package, whose folder is two above the sources, what is compiled of them, and the bundle. */
export function readVersion(): string {
  const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };
  return version;
}
