import { writeFile } from 'node:fs/promises';
import type { Explanation, Fix } from '../../explain/explanation.ts';
import { UsageError } from '../errors.ts';
import type { Terminal } from '../terminal.ts';

/** Writes the first fix of each cause that a document shows. */
export async function writeFixes(file: string, { causes }: Explanation, { err }: Terminal): Promise<void> {
  const fixes = causes.flatMap(({ code, fixes: all }) =>
    all
      .filter(({ patch }) => patch !== undefined)
      .slice(0, 1)
      .map((fix) => ({ code, ...fix })),
  );
  const text = file.endsWith('.json') ? `${JSON.stringify(fixes, null, 2)}\n` : fixes.map(asDiff).join('\n');
  try {
    await writeFile(file, text);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new UsageError(
      `\`${file}\` cannot be written (${code ?? 'unknown'})`,
      'name a file in a folder that is there',
      { cause },
    );
  }
  err.write(
    fixes.length === 0
      ? `No document would change: ${file} is empty.\n`
      : `${fixes.length} ${fixes.length === 1 ? 'fix is' : 'fixes are'} in ${file}.\n`,
  );
}

function asDiff({ code, account, document, summary, patch, also }: Fix & { code: string }): string {
  const name = `account ${account}, ${document.name}`;
  return [
    `# ${code}: ${summary}`,
    ...(also === '' ? [] : [`# also allows: ${also}`]),
    `--- ${name}`,
    `+++ ${name}`,
    patch!.diff,
    '',
  ].join('\n');
}
