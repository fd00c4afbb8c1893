import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import type { AccessOptions } from './access-options.ts';
import { openSession } from './session-credentials.ts';

export interface CredentialsFlags extends AccessOptions {
  env?: boolean;
  json?: boolean;
}

/** `crossbucket credentials`: the one command that prints secrets. */
export async function runCredentials(flags: CredentialsFlags, { out }: Terminal): Promise<ExitCode> {
  const session = await openSession(flags);
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = await session.credentials();
  const { roleArn, region } = session;
  const values = { accessKeyId, secretAccessKey, sessionToken, expiration: expiration?.toISOString() };
  if (flags.env) out.write(`${exports({ ...credentialVariables(values), AWS_REGION: region })}\n`);
  else if (flags.json) out.write(`${JSON.stringify({ ...values, roleArn, region })}\n`);
  else out.write(`${JSON.stringify(processCredentials(values))}\n`);
  return EXIT.done;
}

export interface PlainCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string | undefined;
  expiration: string | undefined;
}

// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
const processCredentials = (values: PlainCredentials) => ({
  Version: 1,
  AccessKeyId: values.accessKeyId,
  SecretAccessKey: values.secretAccessKey,
  SessionToken: values.sessionToken,
  Expiration: values.expiration,
});

export const credentialVariables = (values: PlainCredentials): Record<string, string | undefined> => ({
  AWS_ACCESS_KEY_ID: values.accessKeyId,
  AWS_SECRET_ACCESS_KEY: values.secretAccessKey,
  AWS_SESSION_TOKEN: values.sessionToken,
  AWS_CREDENTIAL_EXPIRATION: values.expiration,
});

/** For `eval`; what is not set must not stay from before. */
const exports = (variables: Record<string, string | undefined>): string =>
  Object.entries(variables)
    .map(([name, value]) =>
      value === undefined ? `unset ${name}` : `export ${name}='${value.replaceAll("'", String.raw`'\''`)}'`,
    )
    .join('\n');
