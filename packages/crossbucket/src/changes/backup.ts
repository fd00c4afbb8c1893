import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Change } from './change.ts';
import { ChangeError } from './change-error.ts';
import { changeSchema } from './change-schema.ts';

/** Documents as they were before an apply began, in the order in which it changed them. */
export interface Backup {
  format: 1;
  /** ISO 8601. */
  madeAt: string;
  changes: Change[];
}

const backupSchema = z.strictObject({
  format: z.literal(1),
  madeAt: z.string(),
  changes: z.array(changeSchema),
});

/** Where backups go, beside `crossbucket.yaml`. */
export const BACKUP_FOLDER = '.crossbucket';

/** Written and on the disk before the first change is made. Policies are no secrets, but nobody else's business. */
export async function writeBackup(file: string, changes: readonly Change[], now: Date): Promise<void> {
  const backup: Backup = { format: 1, madeAt: now.toISOString(), changes: [...changes] };
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, `${JSON.stringify(backup, null, 2)}\n`, { mode: 0o600, flag: 'wx', flush: true });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new ChangeError(
      'invalid-backup',
      `nothing was changed: the backup \`${file}\` cannot be written (${code === 'EEXIST' ? 'it is there already' : code})`,
      'name another file with `--backup`',
      { cause },
    );
  }
}

export const backupFile = (folder: string, now: Date, random: string): string =>
  join(folder, BACKUP_FOLDER, `backup-${now.toISOString().replaceAll(/[:.]/g, '-')}-${random}.json`);

/** The newest backup beside a configuration, if there is one. */
export async function latestBackup(folder: string): Promise<string | undefined> {
  const names = await readdir(join(folder, BACKUP_FOLDER)).catch(() => []);
  const latest = names
    .filter((name) => /^backup-.*\.json$/.test(name))
    .toSorted()
    .at(-1);
  return latest === undefined ? undefined : join(folder, BACKUP_FOLDER, latest);
}

/** @throws ChangeError `invalid-backup` */
export async function readBackup(file: string): Promise<Backup> {
  try {
    return backupSchema.parse(JSON.parse(await readFile(file, 'utf8'))) as Backup;
  } catch (cause) {
    throw new ChangeError(
      'invalid-backup',
      `\`${file}\` is no backup of crossbucket`,
      'name a file that `grant apply` wrote before its first change',
      { cause },
    );
  }
}
