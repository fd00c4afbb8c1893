import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { SandboxClock, startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  arnsOf,
  assume,
  clientsOf,
  DESTINATION,
  documentOf,
  failureOf,
  OUTSIDER,
  SOURCE,
  type Clients,
  type Identity,
  type Statement,
} from './clients.ts';

const BUCKET = 'acme-reports';
const [bucketArn, objects] = arnsOf(BUCKET);
const KEY = 'reports/2026/q1.csv';
const USER = `arn:aws:iam::${SOURCE}:user/app`;
const ROLE = `arn:aws:iam::${DESTINATION}:role/reader`;
const EXTERNAL_ID = 'acme-7f3a';

const denied = { code: 'AccessDenied', status: 403 };

let aws: Sandbox;
let clock: SandboxClock;
let owner: Clients;
let source: Clients;
let app: Clients;
let outsider: Clients;

beforeAll(async () => {
  clock = new SandboxClock();
  aws = await startSandbox({
    clock,
    accounts: [
      { id: SOURCE, users: [{ name: 'app' }] },
      { id: DESTINATION },
      { id: OUTSIDER, users: [{ name: 'app' }] },
    ],
  });
  owner = clientsOf(aws, aws.account(DESTINATION).root);
  source = clientsOf(aws, aws.account(SOURCE).root);
  app = clientsOf(aws, aws.account(SOURCE).users['app']!);
  outsider = clientsOf(aws, aws.account(OUTSIDER).users['app']!);
  await owner.s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  await owner.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: KEY, Body: 'a,b\n' }));
});
afterAll(() => aws.close());

const get = ({ s3 }: Clients, Key = KEY) => s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
const put = ({ s3 }: Clients, Key = 'new') =>
  s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'x' }));
const list = ({ s3 }: Clients, Prefix?: string) =>
  s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix }));
const readStatements: Statement[] = [
  { Action: 's3:ListBucket', Resource: bucketArn },
  { Action: 's3:GetObject', Resource: objects },
];
const letApp = (...statements: Statement[]) =>
  source.iam.send(
    new PutUserPolicyCommand({ UserName: 'app', PolicyName: 'p', PolicyDocument: documentOf(...statements) }),
  );
const letBy = (Principal: unknown, ...statements: Statement[]) =>
  owner.s3.send(
    new PutBucketPolicyCommand({
      Bucket: BUCKET,
      Policy: documentOf(...statements.map((statement) => ({ Principal, ...statement }))),
    }),
  );
/** A statement that has no part in what is tested: a policy needs one. */
const nothing: Statement = { Action: 'iam:ListUsers', Resource: '*' };

describe('route bucket-policy', () => {
  beforeEach(async () => {
    await owner.s3.send(new DeleteBucketPolicyCommand({ Bucket: BUCKET }));
    await letApp(nothing);
  });

  test('needs both sides', async () => {
    expect(await failureOf(get(app))).toMatchObject(denied);
    await letApp(...readStatements);
    expect(await failureOf(get(app))).toMatchObject(denied);
    await letBy({ AWS: USER }, ...readStatements);
    expect(await (await get(app)).Body!.transformToString()).toBe('a,b\n');
    expect((await list(app)).Contents).toHaveLength(1);
    await letApp(nothing);
    expect(await failureOf(get(app))).toMatchObject(denied);
    // No more than that, and nobody else.
    await letApp(...readStatements);
    expect(await failureOf(put(app))).toMatchObject(denied);
    expect(await failureOf(get(outsider))).toMatchObject(denied);
  });

  test.each([
    ['the account by its root', { AWS: `arn:aws:iam::${SOURCE}:root` }],
    ['the account by its id', { AWS: SOURCE }],
  ])('naming %s leaves it to that account', async (_, principal) => {
    await letBy(principal, ...readStatements);
    expect(await failureOf(get(app))).toMatchObject(denied);
    await letApp(...readStatements);
    await expect(get(app)).resolves.toBeDefined();
    await expect(get(source)).resolves.toBeDefined();
  });

  test('an explicit deny on either side ends it', async () => {
    await letApp(...readStatements);
    await letBy({ AWS: USER }, ...readStatements, {
      Effect: 'Deny',
      Action: 's3:GetObject',
      Resource: `${bucketArn}/reports/*`,
    });
    expect(await failureOf(get(app))).toMatchObject(denied);
    await expect(list(app)).resolves.toBeDefined();
    await letBy({ AWS: USER }, ...readStatements);
    await letApp(...readStatements, { Effect: 'Deny', Action: 's3:Get*', Resource: '*' });
    expect(await failureOf(get(app))).toMatchObject(denied);
  });

  test('conditions hold for listing by prefix', async () => {
    const onlyReports = { Condition: { StringLike: { 's3:prefix': 'reports/*' } } };
    await letApp({ ...readStatements[0], ...onlyReports });
    await letBy({ AWS: USER }, readStatements[0]!);
    await expect(list(app, 'reports/2026')).resolves.toBeDefined();
    expect(await failureOf(list(app, 'secret/'))).toMatchObject(denied);
    expect(await failureOf(list(app))).toMatchObject(denied);
  });

  test('a key that is not there is 404 with ListBucket, and 403 without', async () => {
    await letApp(...readStatements);
    await letBy({ AWS: USER }, readStatements[1]!);
    expect(await failureOf(get(app, 'none'))).toMatchObject(denied);
    expect(
      await failureOf(app.s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'none' }))),
    ).toMatchObject({
      status: 403,
    });
    await letBy({ AWS: USER }, ...readStatements);
    expect(await failureOf(get(app, 'none'))).toMatchObject({ code: 'NoSuchKey', status: 404 });
  });

  test('what another account writes belongs to the owner of the bucket', async () => {
    const write: Statement = { Action: ['s3:PutObject', 's3:DeleteObject'], Resource: objects };
    await letApp(write);
    await letBy({ AWS: USER }, write);
    await put(app, 'inbox/from-app');
    expect(await (await get(owner, 'inbox/from-app')).Body!.transformToString()).toBe('x');
    await app.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'inbox/from-app' }));
    expect(await failureOf(get(owner, 'inbox/from-app'))).toMatchObject({ code: 'NoSuchKey' });
  });

  test('the denial is bare for others, and says why within the account', async () => {
    await owner.iam.send(new CreateUserCommand({ UserName: 'own' }));
    const { AccessKey } = await owner.iam.send(new CreateAccessKeyCommand({ UserName: 'own' }));
    const ownUser = clientsOf(aws, {
      accessKeyId: AccessKey!.AccessKeyId!,
      secretAccessKey: AccessKey!.SecretAccessKey!,
    });
    expect((await failureOf(get(app))).message).toBe('Access Denied');
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    expect((await failureOf(get(ownUser))).message).toBe(
      `User: arn:aws:iam::${DESTINATION}:user/own is not authorized to perform: s3:GetObject on resource: "${bucketArn}/${KEY}" because no identity-based policy allows the s3:GetObject action`,
    );
  });
});

describe('route role', () => {
  const trust = (Principal: unknown, Condition?: unknown) =>
    documentOf({
      Principal,
      Action: ['sts:AssumeRole', 'sts:TagSession'],
      ...(Condition !== undefined && { Condition }),
    });
  const make = async (document: string) => {
    await owner.iam.send(new CreateRoleCommand({ RoleName: 'reader', AssumeRolePolicyDocument: document }));
    await owner.iam.send(
      new PutRolePolicyCommand({
        RoleName: 'reader',
        PolicyName: 'read',
        PolicyDocument: documentOf(...readStatements),
      }),
    );
  };
  const remove = async () => {
    await owner.iam.send(new DeleteRolePolicyCommand({ RoleName: 'reader', PolicyName: 'read' }));
    await owner.iam.send(new DeleteRoleCommand({ RoleName: 'reader' }));
  };
  afterEach(remove);
  const assumeRole: Statement = { Action: 'sts:AssumeRole', Resource: ROLE };
  const role = { RoleArn: ROLE, RoleSessionName: 's1' };
  const reading = async (identity: Identity) => get(clientsOf(aws, identity));

  test('needs trust, permission, and then reads as the role', async () => {
    await make(trust({ AWS: USER }));
    await letApp(nothing);
    expect(await failureOf(assume(app.sts, role))).toMatchObject({
      ...denied,
      message: `User: ${USER} is not authorized to perform: sts:AssumeRole on resource: ${ROLE}`,
    });
    await letApp(assumeRole);
    expect(await failureOf(assume(outsider.sts, role))).toMatchObject(denied);
    const session = await assume(app.sts, role);
    const asRole = clientsOf(aws, session);
    const sessionArn = `arn:aws:sts::${DESTINATION}:assumed-role/reader/s1`;
    expect(await asRole.sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: DESTINATION,
      Arn: sessionArn,
      UserId: expect.stringMatching(/^AROA[A-Z2-7]{17}:s1$/),
    });
    expect(await (await get(asRole)).Body!.transformToString()).toBe('a,b\n');
    expect((await list(asRole)).KeyCount).toBe(1);
    expect(await failureOf(put(asRole))).toMatchObject({
      ...denied,
      message: expect.stringContaining(`User: ${sessionArn} is not authorized to perform: s3:PutObject`),
    });
    // The source account itself has nothing.
    expect(await failureOf(get(source))).toMatchObject(denied);
  });

  test('the ExternalId must be the one that the trust policy asks for', async () => {
    await make(trust({ AWS: SOURCE }, { StringEquals: { 'sts:ExternalId': EXTERNAL_ID } }));
    await letApp(assumeRole);
    expect(await failureOf(assume(app.sts, role))).toMatchObject(denied);
    expect(await failureOf(assume(app.sts, { ...role, ExternalId: 'guess' }))).toMatchObject(denied);
    await expect(assume(app.sts, { ...role, ExternalId: EXTERNAL_ID })).resolves.toBeDefined();
  });

  test('a session policy narrows and never widens', async () => {
    await make(trust({ AWS: USER }));
    await letApp(assumeRole);
    const Policy = documentOf(
      { Action: 's3:GetObject', Resource: `${bucketArn}/reports/*` },
      { Action: 's3:PutObject', Resource: objects },
    );
    const narrowed = clientsOf(aws, await assume(app.sts, { ...role, Policy }));
    await expect(get(narrowed)).resolves.toBeDefined();
    await put(owner, 'other/key');
    expect(await failureOf(get(narrowed, 'other/key'))).toMatchObject({
      ...denied,
      message: expect.stringContaining('because no session policy allows'),
    });
    expect(await failureOf(list(narrowed))).toMatchObject(denied);
    expect(await failureOf(put(narrowed))).toMatchObject(denied);
  });

  test("session tags count as the principal's", async () => {
    await make(trust({ AWS: USER }));
    await owner.iam.send(
      new PutRolePolicyCommand({
        RoleName: 'reader',
        PolicyName: 'read',
        PolicyDocument: documentOf({
          Action: 's3:GetObject',
          Resource: `${bucketArn}/\${aws:PrincipalTag/team}/*`,
        }),
      }),
    );
    await letApp(assumeRole);
    const Tags = [{ Key: 'team', Value: 'reports' }];
    // Tagging a session is a permission of its own, on the source's side too.
    expect(await failureOf(assume(app.sts, { ...role, Tags }))).toMatchObject(denied);
    await letApp({ ...assumeRole, Action: ['sts:AssumeRole', 'sts:TagSession'] });
    await expect(reading(await assume(app.sts, { ...role, Tags }))).resolves.toBeDefined();
    expect(await failureOf(reading(await assume(app.sts, role)))).toMatchObject(denied);
    const otherTeam = [{ Key: 'team', Value: 'sales' }];
    expect(await failureOf(reading(await assume(app.sts, { ...role, Tags: otherTeam })))).toMatchObject(
      denied,
    );
  });

  test('a session ends by the clock, to the second', async () => {
    await make(trust({ AWS: USER }));
    await letApp(assumeRole);
    const { Credentials } = await app.sts.send(new AssumeRoleCommand({ ...role, DurationSeconds: 900 }));
    const session = clientsOf(aws, {
      accessKeyId: Credentials!.AccessKeyId!,
      secretAccessKey: Credentials!.SecretAccessKey!,
      sessionToken: Credentials!.SessionToken!,
    });
    const left = Credentials!.Expiration!.getTime() - clock.now();
    expect(left).toBeGreaterThan(898_000);
    expect(left).toBeLessThanOrEqual(900_000);
    clock.advance(left - 30_000);
    await expect(get(session)).resolves.toBeDefined();
    clock.advance(31_000);
    expect(await failureOf(get(session))).toMatchObject({ code: 'ExpiredToken', status: 400 });
    expect(await failureOf(session.sts.send(new GetCallerIdentityCommand({})))).toMatchObject({
      code: 'ExpiredToken',
      status: 403,
    });
  });

  test('a session dies with its role, also when one of the same name follows', async () => {
    await make(trust({ AWS: USER }));
    await letApp(assumeRole);
    const session = await assume(app.sts, role);
    await expect(reading(session)).resolves.toBeDefined();
    await remove();
    expect(await failureOf(reading(session))).toMatchObject({ code: 'InvalidAccessKeyId', status: 403 });
    await make(trust({ AWS: USER }));
    expect(await failureOf(reading(session))).toMatchObject({ code: 'InvalidAccessKeyId', status: 403 });
  });

  test('what the role may changes for sessions that are there', async () => {
    await make(trust({ AWS: USER }));
    await letApp(assumeRole);
    const session = await assume(app.sts, role);
    await expect(reading(session)).resolves.toBeDefined();
    await owner.iam.send(
      new PutRolePolicyCommand({
        RoleName: 'reader',
        PolicyName: 'read',
        PolicyDocument: documentOf(nothing),
      }),
    );
    expect(await failureOf(reading(session))).toMatchObject(denied);
  });
});
