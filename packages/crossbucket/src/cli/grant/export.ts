import { writeFile } from 'node:fs/promises';
import { exportGrants, freshReaders, type ExportFormat } from '../../grant/index.ts';
import { UsageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { problemLines } from './plan-view.ts';
import { openSession, type GrantOptions } from './session.ts';

export interface ExportCommandOptions extends GrantOptions {
  format: ExportFormat;
  out?: string;
}

/** Looks at the destination, from which all documents follow, and at the source too unless only the one is asked for. */
export async function exportCommand(
  names: string[],
  options: ExportCommandOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const side = options.side ?? 'both';
  const { spec, grants, connections } = await openSession(names, options);
  const format = options.json ? 'json' : options.format;
  const { text, plan } = await exportGrants(spec, grants, freshReaders(connections), format, {
    side,
    read: side,
  });
  for (const problem of plan.problems)
    terminal.err.write(`${problemLines(problem, terminal.style).join('\n')}\n`);
  if (plan.problems.some(({ severity }) => severity === 'error')) return EXIT.usage;
  if (options.out === undefined) terminal.out.write(text);
  else
    await writeFile(options.out, text).catch((cause: NodeJS.ErrnoException) => {
      throw new UsageError(
        `cannot write \`${options.out}\` (${cause.code})`,
        'name a file in a folder that is there',
        { cause },
      );
    });
  return EXIT.done;
}
