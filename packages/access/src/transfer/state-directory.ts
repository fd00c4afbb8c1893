import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { digest } from '../credentials/digest.ts';
import { fileError } from './file-error.ts';

/** Where uploads and copies note how far they are: what they write to is no place for that. */
function stateDirectory(): string {
  const { XDG_STATE_HOME, LOCALAPPDATA } = process.env;
  const bases: Partial<Record<NodeJS.Platform, string>> = {
    darwin: join(homedir(), 'Library', 'Application Support'),
    win32: LOCALAPPDATA || join(homedir(), 'AppData', 'Local'),
  };
  const base = bases[process.platform] ?? (XDG_STATE_HOME || join(homedir(), '.local', 'state'));
  return join(base, 'crossbucket', 'transfers');
}

/** The journal of one transfer, told from all others by `names`; its folder is made. */
export async function stateJournal(directory: string | undefined, names: unknown[]): Promise<string> {
  const folder = directory ?? stateDirectory();
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw fileError(error, folder);
  }
  return join(folder, `${digest(names)}.journal`);
}
