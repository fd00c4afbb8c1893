import { Option, type Command } from 'commander';
import type { CommandContext } from '../main.ts';
import { addAccessOptions } from '../transfer/access-options.ts';
import type { PresignFlags } from '../transfer/presign-command.ts';

export function addPresign(program: Command, { terminal, finish }: CommandContext): void {
  const command = program
    .command('presign')
    .description('make a URL that lets whoever has it read or write one object for a time')
    .argument('<object>', 's3://BUCKET/KEY')
    .option('--expires <time>', 'such as 15m, 12h or 3600 seconds; 168h at most', '1h')
    .addOption(new Option('--method <method>', 'to read or to write').choices(['GET', 'PUT']).default('GET'))
    .option('--version-id <id>', 'this version of the object')
    .option('--content-type <type>', 'with PUT: what must be sent')
    .option('--json', 'with the time when it ends');
  addAccessOptions(command);
  command
    .addHelpText(
      'after',
      '\nExample:\n  $ crossbucket presign s3://acme-reports/2026/q1.csv --expires 15m --grant reports-reader',
    )
    .action(async (object: string, flags: PresignFlags) => {
      const { runPresign } = await import('../transfer/presign-command.ts');
      finish(await runPresign(object, flags, terminal));
    });
}
