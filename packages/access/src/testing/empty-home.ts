import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';

/**
 * Takes every AWS setting out of the environment and puts these shared config files in a home of their own, always a new
 * one, since the SDK keeps what it read. `vi.unstubAllEnvs` undoes it. Returns the home.
 */
export function emptyHome(files: { config?: string; credentials?: string } = {}): string {
  const home = mkdtempSync(join(tmpdir(), 'crossbucket-home-'));
  for (const name of Object.keys(process.env)) if (/^AWS_(?!SDK_JS_)/.test(name)) vi.stubEnv(name, undefined);
  writeFileSync(join(home, 'config'), files.config ?? '');
  writeFileSync(join(home, 'credentials'), files.credentials ?? '');
  vi.stubEnv('HOME', home);
  vi.stubEnv('AWS_CONFIG_FILE', join(home, 'config'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(home, 'credentials'));
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  return home;
}
