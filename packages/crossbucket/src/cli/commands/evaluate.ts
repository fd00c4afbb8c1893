import type { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { CommandContext } from '../main.ts';
import { readInput } from '../read-input.ts';
import type { Terminal } from '../terminal.ts';

export function addEvaluate(program: Command, { terminal, finish }: CommandContext): void {
  program
    .command('evaluate')
    .description('raw decisions of the policy engine, one JSON line for each entry')
    .argument(
      '<file>',
      'JSON file with one `{request, policies}` or an array of them, or `-` for standard input',
    )
    .option('--json', 'print JSON lines, as it does anyway')
    .addHelpText(
      'after',
      `
Example:
  $ echo '{"request": {"principal": "arn:aws:iam::111111111111:role/r", "action": "s3:GetObject",
      "resource": "arn:aws:s3:::acme/key"}, "policies": {"identity": []}}' | crossbucket evaluate -

Exit code of one entry: 0 allowed, 1 not. Of several: 0 all were decided, 4 some entries are bad, 2 all are.`,
    )
    .action(async (file: string) => {
      finish(await evaluate(file, terminal));
    });
}

async function evaluate(file: string, { out, err }: Terminal): Promise<ExitCode> {
  const { evaluateEntries, isRefused } = await import('../../evaluate-entries.ts');
  const input = parse(await readInput(file), file);
  let decided = 0;
  let refused = 0;
  let denied = 0;
  for (const entry of evaluateEntries(input)) {
    out.write(`${JSON.stringify(entry)}\n`);
    if (isRefused(entry)) {
      refused++;
      err.write(`entry ${entry.index}: ${entry.error.message}\n`);
    } else {
      decided++;
      if (entry.outcome !== 'allow') denied++;
    }
  }
  if (refused > 0) return decided > 0 ? EXIT.partly : EXIT.usage;
  return !Array.isArray(input) && denied > 0 ? EXIT.no : EXIT.done;
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new UsageError(
      `\`${file}\` is not JSON: ${(cause as Error).message}`,
      'write one `{"request": ..., "policies": ...}` or an array of them',
      { cause },
    );
  }
}
