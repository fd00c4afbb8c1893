import { InvalidArgumentError, Option, type Command } from 'commander';
import type { AskOptions } from '../audit/ask.ts';
import type { ExplainerOptions } from '../audit/open-explainer.ts';
import type { FindingsOptions } from '../audit/findings.ts';
import type { SetupOptions } from '../audit/setup.ts';
import type { WatchCommandOptions } from '../audit/watch.ts';
import type { ShrinkOptions } from '../audit/shrink.ts';
import type { CommandContext } from '../main.ts';

/** `crossbucket audit ...`: each subcommand is loaded when it runs. */
export function addAudit(program: Command, { terminal, finish }: CommandContext): void {
  const audit = program
    .command('audit')
    .description('who crossed accounts and what they did, from CloudTrail')
    .addHelpText('after', '\nExample:\n  $ crossbucket audit access --source s3://acme-trail --since 7d\n');

  const add = (
    name: string,
    description: string,
    example: string,
    formats = ['text', 'json', 'csv'],
  ): Command =>
    audit
      .command(name)
      .description(description)
      .option('--source <where>', 'folder or file, s3://BUCKET/PREFIX, `lookup`, or `-` for standard input')
      .option('--profile <name>', 'profile of the AWS config files, for s3:// and lookup')
      .option('--region <name>', 'only files of this region; more than once for more', collect)
      .option('--trail <account>', "only files of this account's trail; more than once for more", collect)
      .option('--since <time>', '`2026-08-01`, ISO 8601, or `7d`, `12h` ago')
      .option('--until <time>', 'calls before this time')
      .option('--bucket <name>', 'only calls to this bucket')
      .option('--principal <arn>', 'only calls of principals whose ARN contains this')
      .option('--account <id>', 'only calls that come from this account', readAccount)
      .option('--action <name>', 'only this call (`GetObject`), or what an action covers (`s3:GetObject`)')
      .addOption(new Option('--format <format>', 'how to print').choices(formats))
      .option('--json', 'print JSON')
      .option('--no-cache', 'read everything anew and keep nothing')
      .addHelpText('after', `\nExample:\n  $ crossbucket audit ${example}\n`);

  const ask = (...parts: Parameters<typeof add>): Command =>
    add(...parts)
      .addOption(new Option('--engine <engine>', 'where it is worked out').choices(['duckdb', 'athena']))
      .option('--workgroup <name>', 'of Athena (primary)')
      .option('--output <s3-uri>', 'where Athena puts results, where the workgroup does not say')
      .option('--database <name>', "where Athena's table is (default)")
      .option('--dry-run', 'print what Athena would be asked, and ask nothing')
      .option('--yes', "create Athena's table without asking")
      .addOption(new Option('--poll <seconds>').argParser(readSeconds).hideHelp());

  ask(
    'access',
    'who from which account did what to which bucket',
    'access --source ./logs --bucket acme-reports',
  ).action(async (options: AskOptions) => {
    const { ask: run } = await import('../audit/ask.ts');
    finish(await run('access', options, terminal));
  });
  ask(
    'sessions',
    'each assumed session: who asked for it, and what it did',
    'sessions --source ./logs --since 1d',
  ).action(async (options: AskOptions) => {
    const { ask: run } = await import('../audit/ask.ts');
    finish(await run('sessions', options, terminal));
  });
  ask('top', 'the largest groups of calls from outside, as bars', 'top --by day --source ./logs')
    .option(
      '--by <what>',
      'account, principal, role, session, bucket, prefix, action, ip, agent, error, route, region, day, hour',
    )
    .option('--limit <n>', 'how many (20)', readCount)
    .action(async (options: AskOptions) => {
      const { ask: run } = await import('../audit/ask.ts');
      finish(await run('top', options, terminal));
    });
  add(
    'watch',
    'calls from outside as their records come, one a line, until Ctrl-C',
    'watch --source s3://acme-trail --bucket acme-reports',
    ['text', 'json'],
  )
    .option('--every <seconds>', 'between two looks (2 for a folder, else 30)', readSeconds)
    .action(async (options: WatchCommandOptions) => {
      const { watch } = await import('../audit/watch.ts');
      finish(await watch(options, terminal));
    });
  ask(
    'denied',
    'denied calls in groups, each with its causes and fixes',
    'denied --source ./logs --since 1d --config crossbucket.yaml',
  )
    .option(
      '--config <file>',
      'explain by the accounts of this configuration, as they are now (crossbucket.yaml)',
    )
    .option('--state <file>', 'explain by a state file of then, as `crossbucket sandbox export` writes it')
    .addHelpText('after', 'Exit code 1 where calls were denied.')
    .action(async (options: AskOptions & ExplainerOptions) => {
      const { denied } = await import('../audit/denied.ts');
      finish(await denied(options, terminal));
    });
  ask(
    'findings',
    'what an auditor would want to be told: policies, keys and trails changed, odd access',
    'findings --source ./logs --format sarif',
    ['text', 'json', 'csv', 'sarif'],
  )
    .option('--rule <code>', 'only this rule; more than once for more', collect)
    .addHelpText('after', 'Exit code 1 where there is one that is not low.')
    .action(async (options: FindingsOptions) => {
      const { findings } = await import('../audit/findings.ts');
      finish(await findings(options, terminal));
    });
  add(
    'verify',
    'check digests, signatures and log files of a trail',
    'verify --source s3://acme-trail --since 7d',
  )
    .addHelpText('after', 'Exit code 1 where something is not valid, or missing.')
    .action(async (options: AskOptions) => {
      const { verify } = await import('../audit/verify.ts');
      finish(await verify(options, terminal));
    });
  audit
    .command('setup')
    .description('a trail that logs every call to shared buckets: what it takes, what it costs, and --apply')
    .option('--bucket <name>', 'bucket whose calls are to be logged; more than once for more', collect)
    .option('--name <trail>', 'this trail, which is made if it is not there')
    .option('--logs <bucket>', "bucket for a new trail's files (crossbucket-trail-ACCOUNT)")
    .option('--profile <name>', "profile of the buckets' account")
    .option('--region <name>', 'where a new trail is made; it logs all regions')
    .option('--apply', 'make the changes, after asking')
    .option('--yes', 'do not ask')
    .option('--backup <file>', 'where to keep the documents as they were')
    .option('--rollback <file>', 'put every document of this backup back as it was')
    .option(
      '--settle <seconds>',
      'when to look again whether somebody else has written over a change (2)',
      readSeconds,
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  $ crossbucket audit setup --bucket acme-reports --profile data-owner --apply\n\nExit code 0 where there is nothing to do, 1 where there is.',
    )
    .action(async (options: SetupOptions) => {
      const { setup } = await import('../audit/setup.ts');
      finish(await setup(options, terminal));
    });
  ask('grants', 'what each grant allows beside what was used of it', 'grants reports-reader --source ./logs')
    .argument('[grant...]', 'names of grants in crossbucket.yaml; without any, all of them')
    .option('--config <file>', 'configuration to use in place of crossbucket.yaml')
    .addHelpText('after', 'Exit code 1 where something was never used.')
    .action(async (names: string[], options: AskOptions) => {
      const { grants } = await import('../audit/grants.ts');
      finish(await grants(names, options, terminal));
    });
  ask(
    'shrink',
    'the least grant that covers what was used, proved by replaying it',
    'shrink reports-reader --source ./logs --since 90d',
  )
    .argument('<grant>', 'name of a grant in crossbucket.yaml')
    .option('--config <file>', 'configuration to use in place of crossbucket.yaml')
    .option('--days <n>', 'on how many days records are needed (14)', readCount)
    .option('--write', 'change the configuration, where the smaller grant is proved')
    .addHelpText('after', 'Exit code 1 where the grant can be smaller, or too few days were seen to say so.')
    .action(async (name: string, options: ShrinkOptions) => {
      const { shrink } = await import('../audit/shrink.ts');
      finish(await shrink(name, options, terminal));
    });
  ask(
    'sql',
    'any other question, over the table `events`',
    'sql "SELECT event_name, count(*) FROM events GROUP BY 1" --source ./logs',
  )
    .argument('<sql>', 'a query; docs/audit.md lists the columns')
    .action(async (sql: string, options: AskOptions) => {
      const { askSql } = await import('../audit/ask.ts');
      finish(await askSql(sql, options, terminal));
    });
}

const collect = (value: string, earlier: string[] = []): string[] => [...earlier, value];

function readAccount(text: string): string {
  if (/^(\d{12}|anonymous|service|unknown)$/.test(text)) return text;
  throw new InvalidArgumentError(
    'an account id has 12 digits; `anonymous`, `service` and `unknown` are others.',
  );
}

function readSeconds(text: string): number {
  const seconds = Number(text);
  if (/^\d{1,5}(\.\d{1,3})?$/.test(text) && seconds > 0) return seconds;
  throw new InvalidArgumentError('seconds, such as 10.');
}

function readCount(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('a number from 1 to 99999.');
}
