import { Agent } from 'node:http';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, GetSessionTokenCommand } from '@aws-sdk/client-sts';
import { SandboxClock, startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  clientsOf,
  DESTINATION,
  failureOf,
  OUTSIDER,
  SOURCE,
  type Clients,
  type Identity,
} from './clients.ts';
import { makeUser } from './principals.ts';
import { send, sign } from './signer.ts';

let aws: Sandbox;
let owner: Clients;
let user: Awaited<ReturnType<typeof makeUser>>;
const Bucket = 'has-decisions';

beforeAll(async () => {
  aws = await startSandbox({ accounts: [SOURCE, DESTINATION, OUTSIDER], clock: new SandboxClock() });
  owner = clientsOf(aws, aws.account(DESTINATION).root);
  await owner.s3.send(new CreateBucketCommand({ Bucket }));
  const source = clientsOf(aws, aws.account(SOURCE).root);
  user = await makeUser(aws, source, 'asks', [{ Action: '*', Resource: '*' }]);
});
afterAll(() => aws.close());

describe('the decision of a call that failed', () => {
  /** Denied across accounts, where AWS gives no reason. */
  async function denied() {
    const answer = await send(sign({ url: `${aws.endpoint}/${Bucket}/k` }, { identity: user.key }));
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('<Message>Access Denied</Message>');
    return answer.headers.get('x-crossbucket-decision')!;
  }
  const ask = (id: string, identity: Identity, method = 'GET') =>
    send(sign({ url: `${aws.endpoint}/_crossbucket/decisions/${id}`, method }, { identity }));

  test('is told to the account roots of both sides, whole', async () => {
    const id = await denied();
    for (const account of [SOURCE, DESTINATION]) {
      const answer = await ask(id, aws.account(account).root);
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({
        id,
        call: 's3:GetObject',
        caller: user.arn,
        outcome: 'deny',
        causes: [{ code: 'resource-policy-missing-allow', account: DESTINATION }],
        authorizations: [{ request: { action: 's3:GetObject', principal: user.arn } }],
      });
    }
  });

  test('is told to nobody else, who does not learn that there is one', async () => {
    const id = await denied();
    const none = await ask('there-is-none', aws.account(OUTSIDER).root);
    expect(none.status).toBe(404);
    const message = (await none.text()).replace('there-is-none', 'ID');
    for (const identity of [aws.account(OUTSIDER).root, user.key]) {
      const answer = await ask(id, identity);
      expect(answer.status).toBe(404);
      expect((await answer.text()).replace(id, 'ID')).toBe(message);
    }
    expect((await fetch(`${aws.endpoint}/_crossbucket/decisions/${id}`)).status).toBe(403);
    const forged = { ...aws.account(SOURCE).root, secretAccessKey: 'another' };
    expect((await ask(id, forged)).status).toBe(403);
    expect((await ask(id, aws.account(SOURCE).root, 'POST')).status).toBe(404);
  });

  test('an allowed call carries none, and a reason within an account carries one too', async () => {
    const url = `${aws.endpoint}/${Bucket}/k`;
    await owner.s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
    const allowed = await send(sign({ url }, { identity: aws.account(DESTINATION).root }));
    expect([allowed.status, allowed.headers.get('x-crossbucket-decision')]).toEqual([200, null]);
    const idle = await makeUser(aws, owner, 'idle');
    const refused = await send(sign({ url }, { identity: idle.key }));
    expect(refused.headers.get('x-crossbucket-decision')).toMatch(/^\w+/);
    expect(await refused.text()).toContain('because no identity-based policy allows the s3:GetObject action');
  });

  test('does not stand in the way of a key of that name in a bucket’s own host', async () => {
    const byHost = new S3Client({
      region: 'us-east-1',
      endpoint: aws.endpoint.replace('127.0.0.1', 'localhost'),
      credentials: aws.account(DESTINATION).root,
      requestHandler: {
        httpAgent: new Agent({
          lookup: (_, __, found) => found(null, [{ address: '127.0.0.1', family: 4 }]),
        }),
      },
    });
    const object = { Bucket, Key: '_crossbucket/decisions/1' };
    await byHost.send(new PutObjectCommand({ ...object, Body: 'content' }));
    const { Body } = await byHost.send(new GetObjectCommand(object));
    expect(await Body!.transformToString()).toBe('content');
  });
});

describe('the clock', () => {
  const move = (
    body: unknown,
    headers: Record<string, string> = { 'x-crossbucket-token': aws.controlToken },
  ) => fetch(`${aws.endpoint}/_crossbucket/clock`, { method: 'POST', headers, body: JSON.stringify(body) });

  test('is moved by who has the token, and a session is then expired, not skewed', async () => {
    const { Credentials } = await user.clients.sts.send(new GetSessionTokenCommand({ DurationSeconds: 900 }));
    const session = clientsOf(aws, {
      accessKeyId: Credentials!.AccessKeyId!,
      secretAccessKey: Credentials!.SecretAccessKey!,
      sessionToken: Credentials!.SessionToken!,
    });
    await session.sts.send(new GetCallerIdentityCommand({}));
    const answer = await move({ advance: 901 });
    const { now } = (await answer.json()) as { now: string };
    expect(Date.parse(now) - Date.now()).toBeGreaterThan(890_000);
    expect(await failureOf(session.s3.send(new GetObjectCommand({ Bucket, Key: 'k' })))).toMatchObject({
      code: 'ExpiredToken',
      status: 400,
    });
    expect(await failureOf(session.sts.send(new GetCallerIdentityCommand({})))).toMatchObject({
      code: 'ExpiredToken',
    });
    await user.clients.sts.send(new GetCallerIdentityCommand({}));
    expect((await move({ set: '2040-01-01T00:00:00Z' })).status).toBe(200);
  });

  test('is moved by nobody else, and by nothing that is no time', async () => {
    expect((await move({ advance: 1 }, {})).status).toBe(403);
    expect((await move({ advance: 1 }, { 'x-crossbucket-token': 'x'.repeat(32) })).status).toBe(403);
    for (const body of [
      {},
      [],
      'x',
      null,
      { advance: '1' },
      { set: 'tomorrow' },
      { advance: 1e300 },
      { set: '1969-01-01' },
    ])
      expect((await move(body)).status).toBe(400);
    expect((await move({ pad: 'x'.repeat(5000) })).status).toBe(413);
    const get = await fetch(`${aws.endpoint}/_crossbucket/clock`, {
      headers: { 'x-crossbucket-token': aws.controlToken },
    });
    expect(get.status).toBe(404);
  });

  test('that was given from outside cannot be moved', async () => {
    await using fixed = await startSandbox({ accounts: [SOURCE], clock: { now: () => 1_800_000_000_000 } });
    const answer = await fetch(`${fixed.endpoint}/_crossbucket/clock`, {
      method: 'POST',
      headers: { 'x-crossbucket-token': fixed.controlToken },
      body: '{"advance": 1}',
    });
    expect(answer.status).toBe(409);
  });
});
