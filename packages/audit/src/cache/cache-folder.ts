import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, chmodSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Of what parts hold: another one is another folder, and older ones are removed. */
const VERSION = 1;

/** Where this user's caches are. */
export function userCache(env: NodeJS.ProcessEnv = process.env): string {
  if (env['XDG_CACHE_HOME']) return env['XDG_CACHE_HOME'];
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches');
  if (process.platform === 'win32' && env['LOCALAPPDATA']) return env['LOCALAPPDATA'];
  return join(homedir(), '.cache');
}

/** The folder for what was read of a source, for this user's eyes only. */
export function cacheFolder(source: string, base = userCache()): string {
  const root = join(base, 'crossbucket', 'audit');
  mkdirSync(root, { recursive: true, mode: 0o700 });
  chmodSync(root, 0o700);
  for (const entry of readdirSync(root))
    if (/^v\d+$/.test(entry) && Number(entry.slice(1)) < VERSION)
      rmSync(join(root, entry), { recursive: true });
  const folder = join(root, `v${VERSION}`, createHash('sha256').update(source).digest('hex').slice(0, 32));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}
