import type { Command } from 'commander';
import type { CommandContext } from '../main.ts';
import { addAccessOptions } from '../transfer/access-options.ts';
import type { ListFlags } from '../transfer/list-command.ts';

export function addLs(program: Command, { terminal, finish }: CommandContext): void {
  const command = program
    .command('ls')
    .description('list the objects of a bucket')
    .argument('<place>', 's3://BUCKET/PREFIX')
    .option('-r, --recursive', 'everything below the prefix, not one level')
    .option('-h, --human', 'sizes such as 1.5 MiB, not bytes')
    .option('--totals', 'how many objects, and their bytes, at the end')
    .option('--json', 'a JSON line for each entry')
    .helpOption('--help', 'display help for command');
  addAccessOptions(command);
  command
    .addHelpText(
      'after',
      '\nExample:\n  $ crossbucket ls s3://acme-reports/2026/ --human --totals --grant reports-reader',
    )
    .action(async (place: string, flags: ListFlags) => {
      const { runList } = await import('../transfer/list-command.ts');
      finish(await runList(place, flags, terminal));
    });
}
