import type { Command } from 'commander';
import type { CommandContext } from '../main.ts';
import { addAccessOptions } from '../transfer/access-options.ts';
import type { CredentialsFlags } from '../transfer/credentials-command.ts';

export function addCredentials(program: Command, { terminal, finish }: CommandContext): void {
  const command = program
    .command('credentials')
    .description("print a session's credentials, for credential_process in ~/.aws/config")
    .option('--env', 'as `export` lines for a shell')
    .option('--json', 'as JSON with role and region');
  addAccessOptions(command);
  command
    .addHelpText(
      'after',
      `
Example, in ~/.aws/config:
  [profile acme-reports]
  credential_process = crossbucket credentials --profile app --role-arn arn:aws:iam::222222222222:role/reports-reader --cache

Example:
  $ eval "$(crossbucket credentials --grant reports-reader --env)"`,
    )
    .action(async (flags: CredentialsFlags) => {
      const { runCredentials } = await import('../transfer/credentials-command.ts');
      finish(await runCredentials(flags, terminal));
    });
}
