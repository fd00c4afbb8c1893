import { inspect } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startSts, type StsServer } from '../testing/sts-server.ts';
import { providerFrom } from './from-cross-account-role.ts';
import { systemClock } from './clock.ts';
import { SessionRegistry } from './session-registry.ts';

const SECRETS = /source-secret|source-token|secret-\d|token-\d/;

let sts: StsServer;
beforeEach(async () => {
  sts = await startSts();
});
afterEach(() => sts.close());

const sessions = new SessionRegistry(systemClock);
const provider = () =>
  providerFrom(sessions, {
    roleArn: 'arn:aws:iam::222222222222:role/secretive',
    credentials: {
      accessKeyId: 'AKIASOURCE',
      secretAccessKey: 'source-secret',
      sessionToken: 'source-token',
    },
    endpoint: sts.url,
    region: 'eu-west-1',
  });

const views: [string, (value: unknown) => string][] = [
  ['util.inspect', (value) => inspect(value, { depth: 20, showHidden: true })],
  ['console.dir', (value) => inspect(value, { depth: 20, customInspect: false })],
  ['JSON', (value) => JSON.stringify(value) ?? ''],
  ['a string', (value) => `${String(value)}`],
];

test.each(views)('credentials, provider and registry keep their secrets from %s', async (_, view) => {
  const get = provider();
  const credentials = await get();
  for (const value of [credentials, { nested: [credentials] }, get, get.describe(), sessions]) {
    expect(view(value)).not.toMatch(SECRETS);
  }
  expect(view([credentials])).toBeDefined();
});

test.each(views)('errors keep them from %s', async (_, view) => {
  sts.answer = () => ({ status: 403, code: 'AccessDenied' });
  const get = providerFrom(new SessionRegistry(systemClock), {
    roleArn: 'arn:aws:iam::222222222222:role/denied',
    credentials: {
      accessKeyId: 'AKIASOURCE',
      secretAccessKey: 'source-secret',
      sessionToken: 'source-token',
    },
    endpoint: sts.url,
    region: 'eu-west-1',
  });
  const error = await get().catch((e: unknown) => e);
  expect(error).toBeInstanceOf(Error);
  expect(view(error)).not.toMatch(SECRETS);
});

test('whoever asks for a secret by name gets it', async () => {
  const credentials = await provider()();
  expect({ ...credentials }).toMatchObject({ secretAccessKey: 'secret-1', sessionToken: 'token-1' });
  const { secretAccessKey, sessionToken, accountId } = credentials;
  expect([secretAccessKey, sessionToken, accountId]).toEqual(['secret-1', 'token-1', '222222222222']);
  expect(structuredClone(credentials).sessionToken).toBe('token-1');
});
