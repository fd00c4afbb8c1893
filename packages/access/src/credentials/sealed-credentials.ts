import { inspect } from 'node:util';
import type { AwsCredentialIdentity } from '@aws-sdk/types';

const HIDDEN = '[hidden]';

/**
 * Credentials that work like any others (they can be read, destructured and spread), and whose secret and token stay
 * out of logs: `util.inspect`, `console.log`, `JSON.stringify` and string conversion show `[hidden]`.
 */
export function sealCredentials(credentials: AwsCredentialIdentity): AwsCredentialIdentity {
  const shown = { ...credentials, secretAccessKey: HIDDEN, sessionToken: HIDDEN };
  const hiddenViews = {
    toJSON: () => shown,
    toString: () => `credentials ${credentials.accessKeyId}`,
    [inspect.custom]: () => shown,
  };
  const sealed: AwsCredentialIdentity = { ...credentials };
  // Getters, because `console.dir` passes custom inspection by and prints plain values.
  for (const name of ['secretAccessKey', 'sessionToken'] as const) {
    const value = credentials[name];
    Object.defineProperty(sealed, name, { get: () => value, enumerable: true });
  }
  for (const [name, value] of [
    ...Object.entries(hiddenViews),
    [inspect.custom, hiddenViews[inspect.custom]] as const,
  ]) {
    Object.defineProperty(sealed, name, { value, enumerable: false });
  }
  return sealed;
}
