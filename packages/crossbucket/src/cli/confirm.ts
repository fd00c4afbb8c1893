import { createInterface } from 'node:readline/promises';
import { UsageError } from './errors.ts';
import type { Terminal } from './terminal.ts';

/** Asks on a terminal; elsewhere only `--yes` is an answer. */
export async function confirm(
  question: string,
  { yes }: { yes?: boolean | undefined },
  { err }: Terminal,
): Promise<boolean> {
  if (yes === true) return true;
  if (process.stdin.isTTY !== true)
    throw new UsageError(
      'this changes an account, and there is nobody to ask',
      'look at the plan, then add `--yes`',
    );
  const lines = createInterface({ input: process.stdin, output: err as NodeJS.WriteStream });
  try {
    const answer = await lines.question(`${question} [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}
