import type { Command } from 'commander';
import type { CommandContext } from '../main.ts';
import { addAccessOptions } from '../transfer/access-options.ts';
import type { RemoveFlags } from '../transfer/remove-command.ts';
import { addFilters } from '../transfer/transfer-options.ts';

export function addRm(program: Command, { terminal, finish }: CommandContext): void {
  const command = program
    .command('rm')
    .description('delete objects')
    .argument('<place>', 's3://BUCKET/KEY')
    .option('-r, --recursive', 'everything below the prefix')
    .option('--dry-run', 'tell what would be deleted, and delete nothing')
    .option('--yes', 'do not ask')
    .option('--version-id <id>', 'this version of the object, for good')
    .option('--json', 'events and the summary as JSON lines')
    .option('--quiet', 'no summary')
    .option('--verbose', 'a line for every object');
  const filters = addFilters(command);
  addAccessOptions(command);
  command
    .addHelpText(
      'after',
      `
Example:
  $ crossbucket rm -r s3://acme-inbox/tmp/ --exclude '*.keep' --dry-run

It asks on a terminal. Elsewhere, one object is deleted at once, and --recursive needs --yes.`,
    )
    .action(async (place: string, flags: RemoveFlags) => {
      const { runRemove } = await import('../transfer/remove-command.ts');
      finish(await runRemove(place, flags, filters, terminal));
    });
}
