import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it. Node's own way of doing so never ends where the system says that the folder is missing
 * in which it is to be made, as /proc does. Rejects with errors of the file system.
 */
export async function makeFolder(path: string): Promise<void> {
  const error = await mkdirUnlessThere(path);
  if (!error) return;
  const parent = dirname(path);
  if (error.code !== 'ENOENT' || parent === path) throw error;
  await makeFolder(parent);
  const again = await mkdirUnlessThere(path);
  if (again) throw again;
}

/** Resolves with what is in the way. */
async function mkdirUnlessThere(path: string): Promise<NodeJS.ErrnoException | undefined> {
  try {
    await mkdir(path);
  } catch (error) {
    const problem = error as NodeJS.ErrnoException;
    return problem.code === 'EEXIST' ? undefined : problem;
  }
  return undefined;
}
