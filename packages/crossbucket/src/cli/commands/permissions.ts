import type { Command } from 'commander';
import type { CommandPermissions } from '../../permissions/permissions.ts';
import { UsageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { CommandContext } from '../main.ts';
import type { Style, Terminal } from '../terminal.ts';

interface Options {
  config?: string;
  grant?: string[];
  json?: boolean;
}

export function addPermissions(program: Command, { terminal, finish }: CommandContext): void {
  program
    .command('permissions')
    .description('the least IAM policy that a command needs, in each account')
    .argument('<command...>', 'such as `grant apply` or `explain`')
    .option('--config <file>', 'name what the grants of this configuration touch, in place of anything')
    .option('--grant <name...>', 'of these grants only')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ crossbucket permissions grant apply --config crossbucket.yaml\n')
    .action(async (words: string[], options: Options) => {
      finish(await permissions(words.join(' '), options, terminal));
    });
}

async function permissions(
  command: string,
  { config, grant = [], json }: Options,
  { out, style }: Terminal,
): Promise<ExitCode> {
  const [{ COMMAND_NAMES, permissionsFor }, { readSpec }, { chooseGrants }] = await Promise.all([
    import('../../permissions/permissions.ts'),
    import('../../spec/index.ts'),
    import('../../grant/index.ts'),
  ]);
  const spec = config === undefined ? undefined : await readSpec(config);
  const found = permissionsFor(command, spec, spec === undefined ? [] : chooseGrants(spec, grant));
  if (found === undefined)
    throw new UsageError(
      `nothing is known of \`${command}\``,
      `the commands are ${COMMAND_NAMES.join(', ')}`,
    );
  out.write(json ? `${JSON.stringify(found)}\n` : found.map((one) => asText(one, style)).join('\n'));
  return EXIT.done;
}

const WHERE = {
  source: 'the source account',
  destination: 'the destination account',
  organization:
    "the organization's management account, where SCPs and RCPs are to be read (without, they stay unknown)",
  trail: 'the account that has the trail (`audit lookup` and `audit s3` print the part of either source)',
} as const;

function asText({ in: where, account, policy, command }: CommandPermissions, style: Style): string {
  const place = account === undefined ? WHERE[where] : `account ${account} (${where})`;
  return `${style.bold(`crossbucket ${command}, in ${place}`)}\n${JSON.stringify(policy, null, 2)}\n`;
}
