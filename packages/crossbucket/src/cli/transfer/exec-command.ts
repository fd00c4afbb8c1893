import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { UsageError } from '../errors.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { AccessOptions } from './access-options.ts';
import { serveCredentials, type CredentialServer } from './credential-server.ts';
import { credentialVariables } from './credentials-command.ts';
import { openSession, type SessionSource } from './session-credentials.ts';

export interface ExecFlags extends AccessOptions {
  serve?: boolean;
}

/** What would be found before or beside the credentials that the program is to use. */
const TAKEN_OUT = new Set([
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_CREDENTIAL_EXPIRATION',
  'AWS_ROLE_ARN',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
]);

/** `crossbucket exec`: ends as the program ends. */
export async function runExec(command: readonly string[], flags: ExecFlags): Promise<ExitCode> {
  const [program, ...parameters] = command;
  if (program === undefined) throw new UsageError('there is no program to run', 'write it after `--`');
  const session = await openSession(flags);
  // A role that cannot be assumed is told here, and not by the program in its own words.
  await session.credentials();
  const server = flags.serve ? await serveCredentials(session.credentials) : undefined;
  try {
    const variables = server ? serverVariables(server) : await sessionVariables(session);
    return await runProgram(program, parameters, environment(session, variables));
  } finally {
    await server?.close();
  }
}

const serverVariables = ({ url, token }: CredentialServer) => ({
  AWS_CONTAINER_CREDENTIALS_FULL_URI: url,
  AWS_CONTAINER_AUTHORIZATION_TOKEN: token,
});

async function sessionVariables(session: SessionSource) {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = await session.credentials();
  return credentialVariables({
    accessKeyId,
    secretAccessKey,
    sessionToken,
    expiration: expiration?.toISOString(),
  });
}

function environment(
  { region, endpoints }: SessionSource,
  variables: Record<string, string | undefined>,
): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !TAKEN_OUT.has(name));
  return {
    ...Object.fromEntries(kept),
    ...(region !== undefined && { AWS_REGION: region, AWS_DEFAULT_REGION: region }),
    ...endpoints,
    ...variables,
  };
}

const FORWARDED = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const;

function runProgram(program: string, parameters: string[], env: NodeJS.ProcessEnv): Promise<ExitCode> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, { stdio: 'inherit', env });
    // The terminal sends Ctrl-C to both: what it means is the program's to say.
    const forward = (signal: NodeJS.Signals) => {
      if (!process.stdin.isTTY || signal === 'SIGTERM' || signal === 'SIGHUP') child.kill(signal);
    };
    for (const signal of FORWARDED) process.on(signal, forward);
    const done = () => {
      for (const signal of FORWARDED) process.off(signal, forward);
    };
    child.once('error', (error: NodeJS.ErrnoException) => {
      done();
      const help = 'check its name and PATH';
      reject(new UsageError(`\`${program}\` cannot be run (${error.code})`, help, { cause: error }));
    });
    child.once('exit', (code, signal) => {
      done();
      resolve((code ?? 128 + constants.signals[signal!]) as ExitCode);
    });
  });
}
