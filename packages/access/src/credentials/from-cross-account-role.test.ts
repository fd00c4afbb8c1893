import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startSts, type StsServer } from '../testing/sts-server.ts';
import { fromCrossAccountRole } from './from-cross-account-role.ts';

const source = { accessKeyId: 'AKIASOURCE', secretAccessKey: 'source-secret' };
let roles = 0;
/** A role of its own for each test, since sessions are shared in the process. */
const freshRole = () => `arn:aws:iam::222222222222:role/reader-${++roles}`;

let sts: StsServer;
beforeEach(async () => {
  sts = await startSts();
});
afterEach(() => sts.close());

const base = (roleArn = freshRole()) => ({
  roleArn,
  credentials: source,
  endpoint: sts.url,
  region: 'eu-west-1',
});

test('1,000 requests over 50 clients, cold, make one call to STS', async () => {
  const options = base();
  const providers = Array.from({ length: 50 }, () =>
    fromCrossAccountRole({ ...options, credentials: { ...source } }),
  );
  const keys = await Promise.all(
    Array.from({ length: 1000 }, async (_, i) => (await providers[i % 50]!()).accessKeyId),
  );
  expect(new Set(keys).size).toBe(1);
  expect(sts.calls).toHaveLength(1);
});

test('sessions that differ in any option never mix', async () => {
  const options = base();
  const variants = [
    {},
    { externalId: 'one' },
    { externalId: 'two' },
    { sessionName: 'named' },
    { duration: '30m' as const },
    { tags: { team: 'a' } },
    { tags: { team: 'b' } },
    { sourceIdentity: 'ada' },
    { policy: '{"Statement":[]}' },
    { policyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'] },
    { region: 'eu-central-1' },
    { credentials: { ...source, accessKeyId: 'AKIAOTHER' } },
  ];
  const all = await Promise.all(variants.map((v) => fromCrossAccountRole({ ...options, ...v })()));
  expect(new Set(all.map((c) => c.accessKeyId)).size).toBe(variants.length);
});

test('asks for what the options say', async () => {
  await fromCrossAccountRole({
    ...base('arn:aws:iam::222222222222:role/path/to/full'),
    externalId: 'ext-1',
    sessionName: 'me',
    duration: '45m',
    tags: { team: 'data' },
    transitiveTagKeys: ['team'],
    sourceIdentity: 'ada',
    policyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
    mfa: { serial: 'arn:aws:iam::111111111111:mfa/ada', code: async () => '123456' },
  })();
  expect(Object.fromEntries(sts.calls[0]!.params)).toMatchObject({
    Action: 'AssumeRole',
    RoleArn: 'arn:aws:iam::222222222222:role/path/to/full',
    ExternalId: 'ext-1',
    RoleSessionName: 'me',
    DurationSeconds: '2700',
    'Tags.member.1.Key': 'team',
    'Tags.member.1.Value': 'data',
    'TransitiveTagKeys.member.1': 'team',
    SourceIdentity: 'ada',
    'PolicyArns.member.1.arn': 'arn:aws:iam::aws:policy/ReadOnlyAccess',
    SerialNumber: 'arn:aws:iam::111111111111:mfa/ada',
    TokenCode: '123456',
  });
  expect(sts.calls[0]!.signer).toBe('AKIASOURCE');
});

test('a client of the SDK signs with the session', async () => {
  const credentials = fromCrossAccountRole(base());
  const client = new STSClient({ endpoint: sts.url, region: 'eu-west-1', credentials });
  await client.send(new GetCallerIdentityCommand({}));
  expect(sts.calls.map(({ action }) => action)).toEqual(['AssumeRole', 'GetCallerIdentity']);
  expect(sts.calls[1]!.signer).toMatch(/^ASIA/);
});

test('a refusal names role and account and keeps the error of STS', async () => {
  sts.answer = () => ({
    status: 403,
    code: 'AccessDenied',
    message: 'User: x is not authorized to perform: sts:AssumeRole',
  });
  const options = base();
  const error = await fromCrossAccountRole(options)().catch((e: unknown) => e);
  expect(error).toMatchObject({
    name: 'AssumeRoleError',
    code: 'assume-role-denied',
    message: expect.stringContaining(
      `account 222222222222 does not let these credentials assume \`${options.roleArn}\``,
    ),
    help: expect.stringContaining('crossbucket explain sts:AssumeRole'),
    cause: { name: 'AccessDenied' },
  });
});

test('a refusal is not hammered', async () => {
  sts.answer = () => ({ status: 403, code: 'AccessDenied', message: 'no' });
  const provider = fromCrossAccountRole(base());
  for (let i = 0; i < 100; i++) await expect(provider()).rejects.toThrow('does not let');
  expect(sts.calls).toHaveLength(1);
});

test('forceRefresh fetches a new session, for all that share it', async () => {
  const options = base();
  const [one, other] = [fromCrossAccountRole(options), fromCrossAccountRole(options)];
  const first = await one();
  const [forced, again] = await Promise.all([one({ forceRefresh: true }), one({ forceRefresh: true })]);
  expect(forced.accessKeyId).not.toBe(first.accessKeyId);
  expect(again).toBe(forced);
  expect(await other()).toBe(forced);
  expect(sts.calls).toHaveLength(2);
});
