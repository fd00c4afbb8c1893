import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { UsageError } from './errors.ts';

/** The text of a file that the user names, or of standard input for `-`. Throws UsageError where it cannot be read. */
export async function readInput(file: string): Promise<string> {
  if (file === '-') return text(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new UsageError(
      `\`${file}\` cannot be read${code === undefined ? '' : ` (${code})`}`,
      'name a file that is there, or `-` for standard input',
      { cause },
    );
  }
}
