import { Option, type Command } from 'commander';
import type { WhoCommandOptions } from '../explain/who.ts';
import type { CommandContext } from '../main.ts';

export function addWho(program: Command, { terminal, finish }: CommandContext): void {
  program
    .command('who')
    .description('who outside the account can do what to a bucket; or what one principal can reach')
    .argument('[bucket]', 's3://BUCKET or s3://BUCKET/PREFIX')
    .option('--as <who>', 'ARN, profile or grant: to which buckets can it get?')
    .option('--inside', "principals of the bucket's own account, too")
    .option(
      '--profile <name>',
      'profile to read an account with; several',
      (value: string, before: string[] = []) => [...before, value],
    )
    .option('--config <file>', 'configuration to use in place of crossbucket.yaml')
    .addOption(
      new Option('--format <format>', 'how to print')
        .choices(['text', 'json', 'csv', 'mermaid'])
        .default('text'),
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  $ crossbucket who s3://acme-reports/reports/ --profile data-owner\n  $ crossbucket who --as arn:aws:iam::111111111111:role/report-service\n',
    )
    .action(async (bucket: string | undefined, options: WhoCommandOptions) => {
      const { runWho } = await import('../explain/who.ts');
      finish(await runWho(bucket, options, terminal));
    });
}
