import {
  CreateBucketCommand,
  GetObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  arnsOf,
  assume,
  clientsOf,
  DESTINATION,
  documentOf,
  failureOf,
  SOURCE,
  type Clients,
} from './clients.ts';
import { makeRole, makeUser } from './principals.ts';

let aws: Sandbox;
let owner: Clients;
/** May do anything, as far as the own account says. */
let app: Clients;
let appArn: string;
let other: Clients;
let otherArn: string;

const everything = { Action: '*', Resource: '*' };

beforeAll(async () => {
  aws = await startSandbox({ accounts: [SOURCE, DESTINATION] });
  owner = clientsOf(aws, aws.account(DESTINATION).root);
  const source = clientsOf(aws, aws.account(SOURCE).root);
  ({ clients: app, arn: appArn } = await makeUser(aws, source, 'app', [everything]));
  ({ clients: other, arn: otherArn } = await makeUser(aws, source, 'other', [everything]));
});
afterAll(() => aws.close());

async function bucketWith(Bucket: string, ...statements: Record<string, unknown>[]): Promise<void> {
  await owner.s3.send(new CreateBucketCommand({ Bucket }));
  await owner.s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
  if (statements.length === 0) return;
  const Policy = documentOf(
    ...statements.map((statement) => ({ Resource: arnsOf(Bucket)[1], ...statement })),
  );
  await owner.s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
}

const get = ({ s3 }: Clients, Bucket: string) => s3.send(new GetObjectCommand({ Bucket, Key: 'k' }));
const ask = ({ sts }: Clients, RoleArn: string, more: object = {}) =>
  sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'session', ...more }));

const bare = { code: 'AccessDenied', status: 403, message: 'Access Denied' };
const denied = { code: 'AccessDenied', status: 403 };

describe('what other servers on localhost allow, and AWS does not', () => {
  test("another account's user on a bucket without a policy", async () => {
    await bucketWith('peers-no-policy');
    await get(owner, 'peers-no-policy');
    expect(await failureOf(get(app, 'peers-no-policy'))).toMatchObject(bare);
  });

  test('a bucket policy that names someone else', async () => {
    await bucketWith('peers-someone-else', { Principal: { AWS: otherArn }, Action: 's3:GetObject' });
    await get(other, 'peers-someone-else');
    expect(await failureOf(get(app, 'peers-someone-else'))).toMatchObject(bare);
  });

  test('AssumeRole where the trust policy names someone else', async () => {
    const { arn } = await makeRole(owner, 'peers-someone-else', otherArn);
    await ask(other, arn);
    expect(await failureOf(ask(app, arn))).toMatchObject(denied);
  });

  test('AssumeRole without the ExternalId', async () => {
    const Condition = { StringEquals: { 'sts:ExternalId': 'agreed' } };
    const { arn } = await makeRole(owner, 'peers-external-id', [
      { Principal: { AWS: appArn }, Action: 'sts:AssumeRole', Condition },
    ]);
    await ask(app, arn, { ExternalId: 'agreed' });
    expect(await failureOf(ask(app, arn))).toMatchObject(denied);
    expect(await failureOf(ask(app, arn, { ExternalId: 'guessed' }))).toMatchObject(denied);
  });

  test('AssumeRole of a role that does not exist', async () => {
    expect(await failureOf(ask(app, `arn:aws:iam::${DESTINATION}:role/peers-missing`))).toMatchObject(denied);
    expect(await failureOf(ask(app, `arn:aws:iam::${SOURCE}:role/peers-missing`))).toMatchObject(denied);
  });

  test('what a session policy leaves out', async () => {
    await bucketWith('peers-session-policy');
    const { arn } = await makeRole(owner, 'peers-session-policy', appArn, [everything]);
    const sessionWith = async (Action: string) => {
      const Policy = documentOf({ Action, Resource: '*' });
      return clientsOf(aws, await assume(app.sts, { RoleArn: arn, RoleSessionName: 's1', Policy }));
    };
    await get(await sessionWith('s3:GetObject'), 'peers-session-policy');
    expect(await failureOf(get(await sessionWith('s3:PutObject'), 'peers-session-policy'))).toMatchObject(
      denied,
    );
  });

  test('a signature that was made with another secret', async () => {
    const { accessKeyId } = aws.account(DESTINATION).root;
    const forger = clientsOf(aws, { accessKeyId, secretAccessKey: 'guessed' });
    await bucketWith('peers-signature');
    expect(await failureOf(get(forger, 'peers-signature'))).toMatchObject({
      code: 'SignatureDoesNotMatch',
      status: 403,
    });
    expect(await failureOf(forger.sts.send(new GetCallerIdentityCommand({})))).toMatchObject({
      code: 'SignatureDoesNotMatch',
      status: 403,
    });
  });
});

describe('what they leave out', () => {
  test("both accounts' records of one AssumeRole", async () => {
    const { arn } = await makeRole(owner, 'peers-records', appArn);
    await ask(app, arn);
    const records = aws
      .records('management')
      .filter(
        ({ eventName, requestParameters }) =>
          eventName === 'AssumeRole' && requestParameters?.['roleArn'] === arn,
      );
    expect(records.map(({ recipientAccountId }) => recipientAccountId)).toEqual([SOURCE, DESTINATION]);
    expect(new Set(records.map(({ sharedEventID }) => sharedEventID)).size).toBe(1);
    expect(new Set(records.map(({ eventID }) => eventID)).size).toBe(2);
  });

  test('which statement of which account decided', async () => {
    await bucketWith(
      'peers-decisions',
      { Principal: { AWS: appArn }, Action: 's3:GetObject' },
      {
        Sid: 'NotToday',
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:GetObject',
        Resource: 'arn:aws:s3:::peers-decisions/k',
      },
    );
    const { requestId } = await failureOf(get(app, 'peers-decisions'));
    const decision = aws.decision(requestId!)!;
    expect(decision.causes[0]).toMatchObject({
      code: 'resource-policy-explicit-deny',
      account: DESTINATION,
      statement: { sid: 'NotToday', effect: 'Deny' },
    });
  });
});
