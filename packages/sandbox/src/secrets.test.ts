import { inspect } from 'node:util';
import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SandboxError } from './errors.ts';
import { startSandbox, type Sandbox } from './sandbox.ts';
import { Store } from './store/store.ts';

let aws: Sandbox;
beforeAll(async () => {
  aws = await startSandbox({ accounts: [{ id: '111111111111', users: [{ name: 'app' }] }] });
});
afterAll(() => aws.close());

const everything = {
  depth: Infinity,
  showHidden: true,
  maxArrayLength: null,
  maxStringLength: null,
};

test('a sandbox shows no secret to whoever looks at it, unless asked for an account', () => {
  const { root, users } = aws.account('111111111111');
  const shown = inspect(aws, everything) + JSON.stringify(aws);
  for (const { secretAccessKey } of [root, users['app']!]) expect(shown).not.toContain(secretAccessKey);
});

test('a store shows neither secrets nor the key of sessions', async () => {
  const store = await Store.open();
  store.accessKeys.set('AKIA0000000000000000', {
    id: 'AKIA0000000000000000',
    secret: 'a-secret-that-nobody-may-see',
    account: '111111111111',
    status: 'Active',
    created: 0,
  });
  const shown = inspect(store, everything) + JSON.stringify(store);
  expect(shown).not.toContain('a-secret-that-nobody-may-see');
  expect(shown).not.toContain(store.sessionKey.toString('hex'));
  expect(shown).not.toContain(
    store.sessionKey.toString('hex').slice(0, 20).replaceAll(/(..)/g, '$1 ').trim(),
  );
  await store.close();
});

test('no error says more than what was sent', async () => {
  const { secretAccessKey, accessKeyId } = aws.account('111111111111').root;
  const s3 = (credentials: { accessKeyId: string; secretAccessKey: string }) =>
    new S3Client({
      region: 'us-east-1',
      endpoint: aws.endpoint,
      forcePathStyle: true,
      maxAttempts: 1,
      credentials,
    });
  await s3({ accessKeyId, secretAccessKey }).send(new CreateBucketCommand({ Bucket: 'secrets' }));
  for (const client of [
    s3({ accessKeyId, secretAccessKey: 'wrong' }),
    s3({ accessKeyId, secretAccessKey }),
  ]) {
    const error: unknown = await client
      .send(new GetObjectCommand({ Bucket: 'secrets', Key: 'none' }))
      .catch((error: unknown) => error);
    const { message, stack, $response: _, ...members } = error as Error & { $response?: unknown };
    expect(JSON.stringify([message, stack, members])).not.toContain(secretAccessKey);
  }
  const startup: unknown = await startSandbox({
    accounts: [
      { id: '111111111111', root: { accessKeyId: 'AKIA0000000000000000', secretAccessKey: 'in-the-config' } },
      { id: '111111111111' },
    ],
  }).catch((error: unknown) => error);
  expect(startup).toBeInstanceOf(SandboxError);
  expect(inspect(startup, everything)).not.toContain('in-the-config');
});

test('decisions and records are without secrets', () => {
  const { secretAccessKey } = aws.account('111111111111').root;
  const records = aws.records();
  expect(records.length).toBeGreaterThan(0);
  const decisions = records.map(({ requestID }) => aws.decision(requestID));
  expect(inspect([records, decisions], everything)).not.toContain(secretAccessKey);
});
