import { SandboxError } from '../errors.ts';

export function notWritable(folder: string, cause: unknown): SandboxError {
  return new SandboxError(
    'DataFolderNotWritable',
    `cannot use \`${folder}\` as the data folder: ${(cause as Error).message}`,
    'name a folder that you may write to, or leave out --data for a temporary one',
    { cause },
  );
}

/** @param what Follows the name of the file. */
export function damaged(path: string, what: string): SandboxError {
  return new SandboxError(
    'DataFolderDamaged',
    `the database \`${path}\` ${what}`,
    'put the data folder back from a copy that was made while no sandbox ran on it, or name another folder',
  );
}

export function diskFull(cause: unknown): SandboxError {
  return new SandboxError(
    'DiskFull',
    'the disk that holds the data folder is full',
    'free some space on it; nothing that was stored is lost, and writes work again as soon as there is room',
    { cause },
  );
}

/** Waits for work on a file, and says what its failure means. */
export async function onDisk<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') throw diskFull(cause);
    throw new SandboxError(
      'StorageFailed',
      `a file in the data folder could not be written${code === undefined ? '' : ` (${code})`}`,
      'see that its disk is in order; what was acknowledged before is kept',
      { cause },
    );
  }
}
