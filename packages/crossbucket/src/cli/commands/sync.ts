import { Option, type Command } from 'commander';
import type { CommandContext } from '../main.ts';
import { addAccessOptions } from '../transfer/access-options.ts';
import { addTransferOptions } from '../transfer/transfer-options.ts';
import type { TreeFlags } from '../transfer/tree-command.ts';

export function addSync(program: Command, { terminal, finish }: CommandContext): void {
  const command = program
    .command('sync')
    .description('bring a folder or prefix to the state of another: only what differs is copied')
    .argument('<from>', 'folder or s3://BUCKET/PREFIX')
    .argument('<to>', 'folder or s3://BUCKET/PREFIX')
    .option('--delete', 'delete what only the target has')
    .option('--allow-empty', 'with --delete: even if the source holds nothing')
    .addOption(
      new Option('--compare <by>', 'what counts as the same: size and time, size, or checksum')
        .choices(['time', 'size', 'checksum'])
        .default('time'),
    );
  const { filters } = addTransferOptions(command);
  addAccessOptions(command, { sides: true });
  command
    .addHelpText(
      'after',
      `
Example:
  $ crossbucket sync ./site s3://acme-site --delete --dry-run
  $ crossbucket sync s3://acme-reports/2026 ./reports --grant reports-reader

Files that come from S3 get the time of their object. Exit code: 0 done, 3 nothing was, 4 some objects failed.`,
    )
    .action(async (from: string, to: string, flags: TreeFlags) => {
      const [{ runTree }, { parseLocation }, { requireS3 }] = await Promise.all([
        import('../transfer/tree-command.ts'),
        import('../transfer/location.ts'),
        import('../transfer/copy-command.ts'),
      ]);
      const [source, target] = [parseLocation(from), parseLocation(to)];
      requireS3(source, target);
      finish(await runTree(source, target, flags, filters, terminal));
    });
}
