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
/** A digest, and what `replacePrivateFile` leaves when it is killed. Whatever else is in the folder is not ours. */
const OUR_FILES = /^[\w-]{43}\.json(\.[\da-f]{16}\.tmp)?$/;

/** `undefined` for a cache in memory only. */
export function openDiskCache(cache: CrossAccountRoleOptions['cache']): DiskCache | undefined {
  if (cache === undefined || cache === 'memory') return undefined;
  const directory = cache === 'disk' ? defaultDirectory() : cache.directory;
  const fileOf = (key: string) => join(directory, `${key}.json`);
  return {
    directory,
    async load(key, now) {
      const text = await ignoringTrouble(async () =>
        (await refuseUnsafeFolder(directory)) ? readPrivateFile(fileOf(key)) : undefined,
      );
      const issued = readIssued(text);
      return issued && now < issued.expiration - issued.skew ? issued : undefined;
    },
    save: (key, issued) =>
      ignoringTrouble(async () => {
        await mkdir(directory, { recursive: true, mode: 0o700 });
        await refuseUnsafeFolder(directory);
        await replacePrivateFile(fileOf(key), JSON.stringify({ version: 1, issued }));
        await removeOldFiles(directory, OUR_FILES, OLDEST);
      }),
  };
}

/** A full or unreadable disk is no reason to fail, since STS can be asked all the same; a folder open to others is. */
async function ignoringTrouble<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AccessError) throw error;
    return undefined;
  }
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
