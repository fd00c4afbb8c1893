import { InvalidArgumentError, Option, type Command } from 'commander';
import type { CommandContext } from '../main.ts';
import type { ImportCommandOptions } from '../grant/import.ts';
import type { GrantOptions } from '../grant/session.ts';

/** `crossbucket grant ...`: each subcommand is loaded when it runs. */
export function addGrant(program: Command, { terminal, finish }: CommandContext): void {
  const grant = program
    .command('grant')
    .description('give code of one account access to a bucket of another: plan, apply, verify, undo')
    .addHelpText('after', '\nExample:\n  $ crossbucket grant plan && crossbucket grant apply\n');

  const add = (name: string, description: string, example: string): Command =>
    grant
      .command(name)
      .description(description)
      .argument('[grant...]', 'names of grants in crossbucket.yaml; without any, all of them')
      .option('--config <file>', 'configuration to use in place of crossbucket.yaml')
      .option('--json', 'print JSON')
      .addHelpText('after', `\nExample:\n  $ crossbucket grant ${example}\n`);

  const side = () =>
    new Option('--side <side>', 'one account only, where another person has the other').choices([
      'source',
      'destination',
      'both',
    ]);
  const settle = () =>
    new Option(
      '--settle <seconds>',
      'when to look again whether somebody else has written over a change',
    ).argParser(readSeconds);

  add('plan', 'read both accounts and show what would change', 'plan reports-reader --out plan.json')
    .addOption(side())
    .option('--out <file>', 'save the plan for `grant apply FILE`')
    .option('--remove-stale', 'take principals that are gone out of statements that AWS would refuse')
    .addHelpText('after', 'Exit code 0 where there is nothing to do, 1 where there is.')
    .action(async (names: string[], options: GrantOptions) => {
      const { plan } = await import('../grant/plan.ts');
      finish(await plan(names, options, terminal));
    });

  add(
    'apply',
    'make the changes that a plan shows, or put back what they changed',
    'apply reports-reader --yes',
  )
    .addOption(side())
    .option('--plan <file>', 'a plan that was saved; also as the argument')
    .option('--yes', 'do not ask')
    .option('--backup <file>', 'where to keep the documents as they were')
    .option('--rollback [file]', 'put every document back as it was, from the latest backup or this one')
    .option('--handover <file>', 'with --side: where to write what the other side has to do')
    .option('--remove-stale', 'take principals that are gone out of statements that AWS would refuse')
    .addOption(settle())
    .action(async (names: string[], options: GrantOptions) => {
      const { apply } = await import('../grant/apply.ts');
      finish(await apply(names, options, terminal));
    });

  add('revoke', 'remove exactly what grants added', 'revoke reports-reader --yes')
    .addOption(side())
    .option('--all', 'every grant of the configuration')
    .option('--end-sessions', 'deny sessions that are still alive, first of all')
    .option('--dry-run', 'show what would change, and change nothing')
    .option('--yes', 'do not ask')
    .option('--backup <file>', 'where to keep the documents as they were')
    .option('--remove-stale', 'take principals that are gone out of statements that AWS would refuse')
    .addOption(settle())
    .action(async (names: string[], options: GrantOptions) => {
      const { revoke } = await import('../grant/revoke.ts');
      finish(await revoke(names, options, terminal));
    });

  add(
    'verify',
    'prove that grants give what they promise, and nothing else',
    'verify reports-reader --as app-service',
  )
    .addOption(side())
    .option('--as <profile>', "profile of one of the grant's principals, to make the calls with")
    .option('--external-id <id>', 'what the role asks for, where only the source is looked at')
    .option('--no-calls', 'decide on the documents only')
    .option(
      '--patience <seconds>',
      'for how long a grant that was just made may not work yet (20)',
      readSeconds,
    )
    .addHelpText('after', 'Exit code 1 where something is not as it should be.')
    .action(async (names: string[], options: GrantOptions) => {
      const { verify } = await import('../grant/verify.ts');
      finish(await verify(names, options, terminal));
    });

  add('drift', 'has anyone changed the documents since?', 'drift')
    .addOption(side())
    .addHelpText('after', 'Exit code 1 where something has changed.')
    .action(async (names: string[], options: GrantOptions) => {
      const { drift } = await import('../grant/drift.ts');
      finish(await drift(names, options, terminal));
    });

  add(
    'export',
    'the same documents as code, or as steps for the web console',
    'export --format terraform --out grants.tf',
  )
    .addOption(side())
    .addOption(
      new Option('--format <format>', 'what to write')
        .choices(['terraform', 'cloudformation', 'aws-cli', 'json', 'steps'])
        .default('steps'),
    )
    .option('--out <file>', 'write there in place of standard output')
    .action(async (names: string[], options: GrantOptions & { format: 'steps' }) => {
      const { exportCommand } = await import('../grant/export.ts');
      finish(await exportCommand(names, options, terminal));
    });

  grant
    .command('import')
    .description('propose the crossbucket.yaml for access that is there already')
    .argument('<bucket>', 'the bucket, as s3://BUCKET')
    .option('--profile <profile>', 'profile of the account that owns the bucket')
    .option('--role <name...>', 'roles of that account by which others come in')
    .option('--source-profile <profile...>', 'profiles of accounts that have access, to be named in the file')
    .option('--out <file>', 'write there in place of standard output')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  $ crossbucket grant import s3://acme-reports --profile data-owner --role reports-reader\n',
    )
    .action(async (bucket: string, options: ImportCommandOptions) => {
      const { importCommand } = await import('../grant/import.ts');
      finish(await importCommand(bucket, options, terminal));
    });
}

function readSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== '' && seconds >= 0 && seconds <= 3600) return seconds;
  throw new InvalidArgumentError('a time is a number of seconds, up to 3600.');
}
