import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { AccessError } from '../errors.ts';
import type { Issued } from './live-session.ts';
import { readPrivateFile, refuseUnsafeFolder, removeOldFiles, replacePrivateFile } from './private-files.ts';
import type { CrossAccountRoleOptions } from './role-options.ts';

/** Sessions that outlive the process, one file each. Only sessions: never the credentials that they came from. */
export interface DiskCache {
  readonly directory: string;
  /** A session that is still valid at `now`, if there is one. Rejects with `cache-unsafe` when others could read or write it. */
  load(key: string, now: number): Promise<Issued | undefined>;
  save(key: string, issued: Issued): Promise<void>;
}

/** No session lasts longer than twelve hours. */
const OLDEST = 13 * 3_600_000;

/** `undefined` for a cache in memory only. */
export function openDiskCache(cache: CrossAccountRoleOptions['cache']): DiskCache | undefined {
  if (cache === undefined || cache === 'memory') return undefined;
  const directory = cache === 'disk' ? defaultDirectory() : cache.directory;
  const fileOf = (key: string) => join(directory, `${key}.json`);
  return {
    directory,
    async load(key, now) {
      if (!(await refuseUnsafeFolder(directory))) return undefined;
      const issued = readIssued(await readPrivateFile(fileOf(key)));
      return issued && now < issued.expiration - issued.skew ? issued : undefined;
    },
    async save(key, issued) {
      try {
        await mkdir(directory, { recursive: true, mode: 0o700 });
        await refuseUnsafeFolder(directory);
        await replacePrivateFile(fileOf(key), JSON.stringify({ version: 1, issued }));
        await removeOldFiles(directory, OLDEST);
      } catch (error) {
        // A full or read-only disk is no reason to fail: the session works all the same.
        if (error instanceof AccessError) throw error;
      }
    },
  };
}

function defaultDirectory(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  const bases: Partial<Record<NodeJS.Platform, string>> = {
    darwin: join(homedir(), 'Library', 'Caches'),
    win32: LOCALAPPDATA || join(homedir(), 'AppData', 'Local'),
  };
  const base = bases[process.platform] ?? (XDG_CACHE_HOME || join(homedir(), '.cache'));
  return join(base, 'crossbucket', 'sessions');
}

/** Anything but what `save` writes counts as nothing. */
function readIssued(text: string | undefined): Issued | undefined {
  if (text === undefined) return undefined;
  try {
    const { version, issued } = JSON.parse(text) as { version?: unknown; issued?: Partial<Issued> };
    const { credentials, issuedAt, expiration, skew, arn, region } = issued ?? {};
    const numbers = [issuedAt, expiration, skew].every(Number.isFinite);
    const texts = [
      credentials?.accessKeyId,
      credentials?.secretAccessKey,
      credentials?.sessionToken,
      arn,
      region,
    ];
    const whole = version === 1 && numbers && texts.every((value) => typeof value === 'string');
    return whole ? (issued as Issued) : undefined;
  } catch {
    return undefined;
  }
}
