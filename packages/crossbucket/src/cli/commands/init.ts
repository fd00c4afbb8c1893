import { Option, type Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { CommandContext } from '../main.ts';
import type { Terminal } from '../terminal.ts';

interface Options {
  sourceProfile?: string;
  destinationProfile?: string;
  bucket?: string;
  principal?: string[];
  read?: string[];
  write?: string[];
  delete?: string[];
  list?: string[];
  route?: 'role' | 'bucket-policy';
  name?: string;
  out: string;
  force?: boolean;
  json?: boolean;
}

export function addInit(program: Command, { terminal, finish }: CommandContext): void {
  program
    .command('init')
    .description('ask, or take flags, and write a commented crossbucket.yaml')
    .option('--source-profile <profile>', 'profile of the account whose code wants access')
    .option('--destination-profile <profile>', 'profile of the account that owns the bucket')
    .option('--bucket <name>', 'the bucket')
    .option('--principal <principal...>', 'who in the source: role/NAME or user/NAME')
    .option('--read <pattern...>', 'keys to read, such as `reports/*`')
    .option('--write <pattern...>', 'keys to write')
    .option('--delete <pattern...>', 'keys to delete')
    .option('--list <pattern...>', 'prefixes to list')
    .addOption(new Option('--route <route>', 'how access is given').choices(['role', 'bucket-policy']))
    .option('--name <name>', 'what the grant is called')
    .option('--out <file>', 'where to write it', 'crossbucket.yaml')
    .option('--force', 'write over a file that is there')
    .option('--json', 'print what was written as JSON')
    .addHelpText(
      'after',
      `
Example:
  $ crossbucket init --source-profile app --destination-profile data-owner --bucket acme-reports \\
      --principal role/report-service --read 'reports/*' --list 'reports/*'`,
    )
    .action(async (options: Options) => {
      finish(await init(options, terminal));
    });
}

async function init(options: Options, terminal: Terminal): Promise<ExitCode> {
  const [{ access, writeFile }, { composeSpec }, { Cancelled }, { InitError }] = await Promise.all([
    import('node:fs/promises'),
    import('../../init/init.ts'),
    import('../../init/ask.ts'),
    import('../../init/init-error.ts'),
  ]);
  const { out, force, json, principal, ...given } = options;
  const isThere = await access(out).then(
    () => true,
    () => false,
  );
  if (isThere && force !== true)
    throw new InitError(
      'file-exists',
      `\`${out}\` is there already`,
      'add the grant to it by hand, name another file with --out, or write over it with --force',
    );
  const canAsk = process.stdin.isTTY === true && process.stdout.isTTY === true && json !== true;
  try {
    const text = await composeSpec({ ...given, ...(principal && { principals: principal }) }, canAsk);
    await writeFile(out, text, { flag: force === true ? 'w' : 'wx' });
    if (json === true) terminal.out.write(`${JSON.stringify({ file: out, text })}\n`);
    else
      terminal.out.write(
        `Written to ${out}. Next: crossbucket grant plan${out === 'crossbucket.yaml' ? '' : ` --config ${out}`}\n`,
      );
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
    terminal.err.write('Nothing was written.\n');
    return EXIT.no;
  }
}
