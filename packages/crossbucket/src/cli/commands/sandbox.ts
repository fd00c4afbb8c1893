import { InvalidArgumentError, type Command } from 'commander';
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { Sandbox } from '@crossbucket/sandbox';
import { EXIT } from '../exit-codes.ts';
import type { CommandContext } from '../main.ts';
import type { Terminal } from '../terminal.ts';

interface Options {
  port: number;
  data?: string;
  config?: string;
  import?: string;
  tls?: boolean;
  json?: boolean;
}

export function addSandbox(program: Command, { terminal, finish }: CommandContext): void {
  const sandbox = program
    .command('sandbox')
    .description(
      'run AWS on localhost: S3, STS, IAM and CloudTrail, with several accounts and every policy enforced',
    )
    .option('--port <n>', 'port to listen on; 0 takes any that is free', readPort, 0)
    .option('--data <dir>', 'folder to keep everything in; without it, all is gone at the end')
    .option('--config <file>', 'YAML file with accounts, users and their keys')
    .option('--import <file>', 'state to begin with, from `sandbox export` or `sandbox import`')
    .option('--tls', 'serve HTTPS, under a certificate made at the first start')
    .option('--json', 'print one line of JSON when ready')
    .addHelpText('after', '\nExample:\n  $ crossbucket sandbox --port 4566 --data ./aws\n')
    .action(async (options: Options) => {
      const { readConfigFile, readStateFile, startSandbox } = await import('@crossbucket/sandbox');
      const stopped = untilStopped();
      subscribe('crossbucket:sandbox:internal-error', (message) => {
        terminal.err.write(`internal error: ${(message as { error: Error }).error.stack}\n`);
      });
      (await import('../sandbox/young-memory.ts')).takeBackEarly();
      const running = await startSandbox({
        port: options.port,
        ...(options.data !== undefined && { data: options.data }),
        ...(options.tls && { tls: true }),
        ...(options.import !== undefined && { state: await readStateFile(options.import) }),
        ...(options.config !== undefined && { config: await readConfigFile(options.config) }),
      });
      terminal.out.write(
        options.json ? `${JSON.stringify(readiness(running))}\n` : describe(running, terminal),
      );
      await stopped;
      await running.close();
      finish(EXIT.done);
    });
  addStateCommands(sandbox, finish, terminal);
}

function addStateCommands(sandbox: Command, finish: CommandContext['finish'], terminal: Terminal): void {
  sandbox
    .command('export')
    .description('print everything that a sandbox holds as YAML, for another to begin with')
    .option('--data <dir>', 'folder of a sandbox that is not running')
    .option('--endpoint <url>', 'a sandbox that is running; with --token')
    .option('--token <token>', 'its control token, which it prints when it starts')
    .option('--objects', 'with the objects in the buckets')
    .option('--mask', 'account ids replaced, secrets left out')
    .option('--out <file>', 'write it to a file of its own')
    .addHelpText('after', '\nExample:\n  $ crossbucket sandbox export --data ./aws --out state.yaml\n')
    // An option of the command above has the name, too.
    .action(async (_: unknown, command: Command) => {
      const { exportState } = await import('../sandbox/state.ts');
      finish(await exportState(command.optsWithGlobals(), terminal));
    });
  sandbox
    .command('import')
    .description(
      'read real accounts with read-only calls into a state, to try on a laptop what was decided there',
    )
    .requiredOption('--from-profile <name...>', 'profiles of the accounts')
    .option('--mask', 'account ids replaced')
    .option('--out <file>', 'write it to a file of its own')
    .addHelpText(
      'after',
      '\nExample:\n  $ crossbucket sandbox import --from-profile app --from-profile data --out state.yaml\n  $ crossbucket sandbox --import state.yaml\n',
    )
    .action(async (options: { fromProfile: string[]; mask?: boolean; out?: string }) => {
      const { importAccounts } = await import('../sandbox/state.ts');
      finish(await importAccounts(options, terminal));
    });
}

export function readPort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('a port is a number from 0 to 65535.');
}

/** Resolves with the first signal that asks to stop. */
export async function untilStopped(): Promise<void> {
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
}

/** What `--json` prints when the sandbox is ready. */
export function readiness(sandbox: Sandbox) {
  return {
    endpoint: sandbox.endpoint,
    configFile: sandbox.profiles,
    credentialsFile: sandbox.credentialsFile,
    controlToken: sandbox.controlToken,
    ...(sandbox.caFile !== undefined && { caFile: sandbox.caFile }),
    vpcEndpoints: sandbox.vpcEndpoints,
    accounts: sandbox.accounts.map(({ id, name, root }) => ({ id, name, ...root })),
  };
}

export function describe(sandbox: Sandbox, { style }: Terminal): string {
  const { endpoint, profiles, credentialsFile, caFile, accounts } = sandbox;
  const names = accounts.flatMap(({ name, users }) => [
    name,
    ...Object.keys(users).map((user) => `${name}-${user}`),
  ]);
  return [
    `${style.bold('The sandbox is ready')} at ${endpoint}. Ctrl-C stops it.`,
    '',
    'For any AWS tool or SDK, in another terminal:',
    `  export AWS_CONFIG_FILE=${quote(profiles)}`,
    `  export AWS_SHARED_CREDENTIALS_FILE=${quote(credentialsFile)}`,
    ...(caFile === undefined
      ? []
      : [`  export AWS_CA_BUNDLE=${quote(caFile)}`, `  export NODE_EXTRA_CA_CERTS=${quote(caFile)}`]),
    `  aws --profile ${names[0]} --endpoint-url ${endpoint} s3 mb s3://my-bucket`,
    '',
    ...Object.entries(sandbox.vpcEndpoints).map(([id, url]) => `VPC endpoint ${id}: ${url}`),
    `Control token (moves the clock, see docs/sandbox.md): ${sandbox.controlToken}`,
    `Profiles, one for each account root and user: ${names.join(', ')}`,
    style.dim(
      '(The AWS CLI reads endpoint_url from the profile since 2.13; older ones need --endpoint-url.)',
    ),
    '',
  ].join('\n');
}

function quote(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
