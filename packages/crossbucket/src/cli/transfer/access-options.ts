import { Option, type Command } from 'commander';

/** Whose credentials, and where. */
export interface AccessOptions {
  profile?: string;
  roleArn?: string;
  externalId?: string;
  sessionName?: string;
  region?: string;
  endpointUrl?: string;
  expectedOwner?: string;
  grant?: string;
  config?: string;
  cache?: boolean;
}

const OPTIONS: [flags: string, description: string][] = [
  ['--profile <name>', 'profile of the AWS config files, whose credentials are used or assume the role'],
  ['--role-arn <arn>', "role of the bucket's account to assume"],
  ['--external-id <id>', "what the role's trust policy asks for"],
  ['--session-name <name>', 'how the session is called in the trail of the other account'],
  ['--region <region>', "default: the SDK's configuration, and wherever the bucket is"],
  ['--endpoint-url <url>', "of S3 and STS; default: the SDK's configuration"],
  ['--expected-owner <account>', 'account that must own the bucket; default: of the role or grant'],
  ['--grant <name>', 'grant of crossbucket.yaml to use; default: the one that fits the bucket and key'],
];

const CONFIG: [string, string] = ['--config <file>', 'configuration in place of crossbucket.yaml'];
const CACHE: [string, string] = [
  '--cache',
  'keep the session on disk for the next command, readable by this user alone',
];

const GROUP = 'Credentials:';

/** The options that say whose credentials are used; with `sides`, also for each side of a copy by itself. */
export function addAccessOptions(command: Command, { sides = false } = {}): Command {
  for (const [flags, description] of [...OPTIONS, CONFIG, CACHE])
    command.addOption(new Option(flags, description).helpGroup(GROUP));
  if (!sides) return command;
  for (const side of ['from', 'to'])
    for (const [flags, description] of OPTIONS)
      command.addOption(new Option(flags.replace('--', `--${side}-`), description).hideHelp());
  return command.addHelpText(
    'after',
    `
From one bucket to another, each of these but --config and --cache can be given for one side alone: --from-profile,
--to-role-arn, ...`,
  );
}

/** Every option of a command with sides, as commander names them. */
export type SidedOptions = AccessOptions & Record<`${'from' | 'to'}${string}`, string | undefined>;

/** What holds for one side: its own options before those of both. */
export function optionsOfSide(options: AccessOptions, side: 'from' | 'to'): AccessOptions {
  const own = Object.entries(options).filter(
    ([name]) => name.startsWith(side) && /^[A-Z]/.test(name.slice(side.length)),
  );
  const renamed = own.map(([name, value]) => [lowerFirst(name.slice(side.length)), value]);
  // Another profile or role replaces them both: the role of one side is not that of the other.
  const replaces = renamed.some(([name]) => name === 'profile' || name === 'roleArn' || name === 'grant');
  const { profile, roleArn, externalId, grant, ...rest } = options;
  return {
    ...rest,
    ...(!replaces && { profile, roleArn, externalId, grant }),
    ...Object.fromEntries(renamed),
  };
}

const lowerFirst = (text: string) => text[0]!.toLowerCase() + text.slice(1);
