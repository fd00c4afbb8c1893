import type { Command } from 'commander';
import type { CommandContext } from '../main.ts';
import { addAccessOptions } from '../transfer/access-options.ts';
import type { CatFlags } from '../transfer/cat-command.ts';

export function addCat(program: Command, { terminal, finish }: CommandContext): void {
  const command = program
    .command('cat')
    .description('write objects to standard output, one after the other')
    .argument('<object...>', 's3://BUCKET/KEY')
    .option('--version-id <id>', 'this version of the object');
  addAccessOptions(command);
  command
    .addHelpText(
      'after',
      '\nExample:\n  $ crossbucket cat s3://acme-reports/2026/q1.csv --grant reports-reader | head',
    )
    .action(async (objects: string[], flags: CatFlags) => {
      const { runCat } = await import('../transfer/cat-command.ts');
      finish(await runCat(objects, flags, terminal));
    });
}
