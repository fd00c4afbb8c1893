import { request } from 'node:http';
import { CreateBucketCommand, GetObjectCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientsOf } from './clients.ts';

const [APP, DATA] = ['111111111111', '222222222222'] as const;
let aws: Sandbox;
beforeAll(async () => {
  aws = await startSandbox({ accounts: [{ id: APP, users: [{ name: 'reader' }] }, DATA] });
  const owner = clientsOf(aws, aws.account(DATA).root).s3;
  await owner.send(new CreateBucketCommand({ Bucket: 'shared' }));
  const statement = {
    Effect: 'Allow',
    Principal: { AWS: APP },
    Action: 's3:*',
    Resource: 'arn:aws:s3:::shared',
  };
  await owner.send(
    new PutBucketPolicyCommand({
      Bucket: 'shared',
      Policy: JSON.stringify({ Version: '2012-10-17', Statement: statement }),
    }),
  );
});
afterAll(() => aws.close());

/** `fetch` sends no Host or Origin but its own. */
function ask(path: string, headers: Record<string, string> = {}): Promise<{ status: number; text: string }> {
  const token = { 'x-crossbucket-token': aws.controlToken };
  return new Promise((resolve, reject) => {
    request(`${aws.endpoint}/_crossbucket/${path}`, { headers: { ...token, ...headers } }, (answer) => {
      let text = '';
      answer.on('data', (part: Buffer) => (text += part.toString()));
      answer.on('end', () => resolve({ status: answer.statusCode!, text }));
    })
      .on('error', reject)
      .end();
  });
}

describe.each(['events', 'snapshot', 'state'])('%s', (path) => {
  test.each([
    ['without a token', { 'x-crossbucket-token': '' }],
    ['with a token of another', { 'x-crossbucket-token': 'x'.repeat(32) }],
    ['under a name that was made to lead here', { host: 'evil.example' }],
    ['under a name that only begins like ours', { host: '127.0.0.1.evil.example' }],
    ["from another origin's page", { origin: 'https://evil.example' }],
    ['from a page without an origin', { origin: 'null' }],
    ['from a page at another port', { origin: 'http://127.0.0.1:1' }],
  ])('%s is refused', async (_, headers) => {
    expect(await ask(path, headers as Record<string, string>)).toMatchObject({ status: 403 });
  });
});

test('the snapshot has accounts, principals, buckets and policies, and no secret', async () => {
  const own = { origin: aws.endpoint };
  const { status, text } = await ask('snapshot', own);
  expect(status).toBe(200);
  expect(JSON.parse(text)).toMatchObject({
    time: expect.stringMatching(/Z$/),
    accounts: [
      { id: APP, users: [{ name: 'reader' }] },
      { id: DATA, buckets: [{ name: 'shared', policy: { Statement: { Principal: { AWS: APP } } } }] },
    ],
  });
  for (const { root, users } of aws.accounts)
    for (const { secretAccessKey } of [root, ...Object.values(users)])
      expect(text).not.toContain(secretAccessKey);
});

test('the state is what exportState gives', async () => {
  expect(await ask('state')).toEqual({ status: 200, text: await aws.exportState() });
  expect(await ask('state?mask&objects')).toEqual({
    status: 200,
    text: await aws.exportState({ mask: true }),
  });
});

test('events are every call from now on with its decision, and end with the sandbox', async () => {
  const answer = await fetch(`${aws.endpoint}/_crossbucket/events`, {
    headers: { 'x-crossbucket-token': aws.controlToken },
  });
  expect(answer.headers.get('content-type')).toBe('text/event-stream');
  const reader = clientsOf(aws, aws.account(APP).users['reader']!).s3;
  await expect(reader.send(new GetObjectCommand({ Bucket: 'shared', Key: 'a' }))).rejects.toThrow(
    'Access Denied',
  );
  let text = '';
  const seen = (async () => {
    for await (const part of answer.body!) text += Buffer.from(part).toString();
  })();
  await expect.poll(() => text).toContain('event: call');
  const event = JSON.parse(/^data: (.*)$/m.exec(text)![1]!) as Record<string, unknown>;
  expect(event).toMatchObject({
    call: 's3:GetObject',
    caller: `arn:aws:iam::${APP}:user/reader`,
    recipients: [APP, DATA],
    error: { code: 'AccessDenied' },
    decision: { outcome: expect.stringMatching(/deny/i) },
  });
  await aws.close();
  await seen.catch(() => {});
  expect(text.match(/^event: /gm)).toHaveLength(1);
});
