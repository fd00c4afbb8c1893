import { randomUUID } from 'node:crypto';
import { chmodSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { UsageError } from '../errors.ts';

/**
 * Gives a file another text. It is whole at any time, stays where a link says that it is, and whoever may read it stays the same.
 * @throws UsageError where it cannot be written
 */
export function replaceFile(path: string, text: string): void {
  let written: string | undefined;
  try {
    const file = realpathSync(path);
    written = `${file}.${randomUUID()}.new`;
    writeFileSync(written, text, { flag: 'wx', mode: 0o600 });
    chmodSync(written, statSync(file).mode);
    renameSync(written, file);
  } catch (cause) {
    if (written !== undefined) rmSync(written, { force: true });
    throw new UsageError(
      `\`${path}\` cannot be written (${(cause as NodeJS.ErrnoException).code ?? 'unknown'})`,
      'make it and its folder writable, or make the change by hand',
      { cause },
    );
  }
}
