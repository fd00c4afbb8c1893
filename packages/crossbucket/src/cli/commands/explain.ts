import { InvalidArgumentError, Option, type Command } from 'commander';
import type { ExplainCommandOptions } from '../explain/run.ts';
import type { CommandContext } from '../main.ts';

export function addExplain(program: Command, { terminal, finish }: CommandContext): void {
  program
    .command('explain')
    .description('why a call is allowed or denied: the account, the document, the statement, and the fix')
    .argument('[action]', 's3:GetObject, or an operation such as HeadObject')
    .argument('[target]', 's3://BUCKET/KEY, or the ARN of a bucket, object, access point, role or key')
    .option(
      '--as <who>',
      "ARN, profile, or grant of crossbucket.yaml; without it, the SDK's default credentials",
    )
    .option('--via <role>', 'ARN of a role that is assumed on the way; several make a chain', collect)
    .option('--external-id <id>', 'external id that is passed when the role is assumed')
    .option(
      '--context <key=value>',
      'a condition key that is known, such as aws:SourceIp=203.0.113.7',
      collect,
    )
    .option('--input <json>', 'further members of the SDK\'s input, such as \'{"RequestPayer":"requester"}\'')
    .option('--expected-owner <account>', 'account that the call expects to own the bucket', readAccount)
    .option('--region <region>', 'region that the client of S3 is made for')
    .option('--error <text>', 'what AWS, an SDK or the AWS CLI said, or `-` for standard input')
    .option('--event <file>', 'a CloudTrail record or file of the call, or `-`')
    .option(
      '--probe',
      "make harmless calls as well (HeadBucket, HeadObject, AssumeRole, ...): none writes or reads an object's content",
    )
    .option('--fix <file>', 'write the first fix of each cause: as JSON to *.json, else as a diff')
    .option('--apply', 'ask, make the first fix of the first cause, and ask again until the call is allowed')
    .option('--pick <n>', 'with --apply: which fix of the first cause, counted from 1', readCount)
    .option('--yes', 'do not ask')
    .option('--endpoint-policy <file>', 'policy of the VPC endpoint that the call goes through')
    .option('--profile <name>', 'profile to read an account with; several', collect)
    .option('--config <file>', 'configuration to use in place of crossbucket.yaml')
    .addOption(
      new Option('--format <format>', 'how to print').choices(['text', 'json', 'mermaid']).default('text'),
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Example:
  $ crossbucket explain s3:GetObject s3://acme-reports/reports/q1.csv --as arn:aws:iam::111111111111:role/report-service
Exit code 0 where the call is allowed, 1 where it is not, or where it depends.
Without crossbucket.yaml and --profile, every profile of the AWS config files is read with, if they are few.`,
    )
    .action(
      async (action: string | undefined, target: string | undefined, options: ExplainCommandOptions) => {
        const { runExplain } = await import('../explain/run.ts');
        finish(await runExplain(action, target, options, terminal));
      },
    );
}

function readAccount(text: string): string {
  if (/^\d{12}$/.test(text)) return text;
  throw new InvalidArgumentError('an account id has 12 digits.');
}

function readCount(text: string): number {
  if (/^[1-9]\d?$/.test(text)) return Number(text);
  throw new InvalidArgumentError('it is a number from 1.');
}

function collect(value: string, before: string[] = []): string[] {
  if (value === '') throw new InvalidArgumentError('it is empty.');
  return [...before, value];
}
