import { Option, type Command } from 'commander';
import type { CommandContext } from '../main.ts';
import { addAccessOptions } from '../transfer/access-options.ts';
import type { CopyFlags } from '../transfer/copy-command.ts';
import { addTransferOptions, size } from '../transfer/transfer-options.ts';

export function addCp(program: Command, { terminal, finish }: CommandContext): void {
  const command = program
    .command('cp')
    .description('copy between files and S3, or between buckets of two accounts')
    .argument('<from>', 'file, folder, s3://BUCKET/KEY, or - for standard input')
    .argument('<to>', 'file, folder, s3://BUCKET/KEY, or - for standard output')
    .option('-r, --recursive', 'everything below a folder or prefix');
  const { filters } = addTransferOptions(command);
  command
    .option('--version-id <id>', 'this version of the object')
    .option('--expected-size <size>', 'of standard input, roughly: needed for more than 470GiB', size);
  const batch = (flags: string, description: string) => {
    const option = new Option(flags, description).helpGroup('By S3 itself, for very many objects:');
    command.addOption(option);
    return option;
  };
  batch('--engine <engine>', 'batch: S3 Batch Operations copy from bucket to bucket').choices(['batch']);
  batch('--batch-role <arn>', 'role that the job assumes; default: one is made');
  batch('--poll <seconds>', 'how often to look at the job; default: 10').argParser(Number);
  batch('--yes', 'do not ask before the role and the job are made');
  addAccessOptions(command, { sides: true });
  command
    .addHelpText(
      'after',
      `
Example:
  $ crossbucket cp s3://acme-reports/2026/q1.csv . --role-arn arn:aws:iam::222222222222:role/reports-reader
  $ crossbucket cp -r ./out s3://acme-inbox/out --include '*.csv'
  $ crossbucket cp -r s3://acme-reports s3://our-archive --from-grant reports-reader --to-profile archive

What is cut off goes on where it stopped when the same command is run again.
Exit code: 0 done, 3 nothing was, 4 some objects failed, 130 stopped by Ctrl-C.`,
    )
    .action(async (from: string, to: string, flags: CopyFlags) => {
      const { runCopy } = await import('../transfer/copy-command.ts');
      finish(await runCopy(from, to, flags, filters, terminal));
    });
}
