import { createHash } from 'node:crypto';
import {
  CreatePolicyCommand,
  CreateRoleCommand,
  PutRolePolicyCommand,
  UpdateRoleCommand,
} from '@aws-sdk/client-iam';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import {
  AssumeRoleCommand,
  GetCallerIdentityCommand,
  type AssumeRoleCommandInput,
} from '@aws-sdk/client-sts';
import { SandboxClock, startSandbox, type Sandbox } from '@crossbucket/sandbox';
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

const ROLE = `arn:aws:iam::${DESTINATION}:role/team/reader`;
const SECOND = `arn:aws:iam::${DESTINATION}:role/second`;
const invalid = { code: 'ValidationError', status: 400 };
const denied = { code: 'AccessDenied', status: 403 };

let aws: Sandbox;
let clock: SandboxClock;
let app: Clients;
let owner: Clients;

beforeAll(async () => {
  clock = new SandboxClock();
  const everything = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'sts:*', Resource: '*' }],
  };
  aws = await startSandbox({
    clock,
    accounts: [{ id: SOURCE, users: [{ name: 'app', policies: { everything } }] }, DESTINATION],
  });
  app = clientsOf(aws, aws.account(SOURCE).users['app']!);
  owner = clientsOf(aws, aws.account(DESTINATION).root);
  const trust = documentOf({
    Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
    Principal: { AWS: [SOURCE, DESTINATION] },
  });
  const role = { AssumeRolePolicyDocument: trust, MaxSessionDuration: 12 * 3600 };
  await owner.iam.send(new CreateRoleCommand({ ...role, RoleName: 'reader', Path: '/team/' }));
  await owner.iam.send(new CreateRoleCommand({ ...role, RoleName: 'second' }));
  const PolicyDocument = documentOf({ Action: ['sts:*', 's3:*'], Resource: '*' });
  for (const RoleName of ['reader', 'second'])
    await owner.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument }));
});
afterAll(() => aws.close());

const input = (extra: Partial<AssumeRoleCommandInput> = {}): AssumeRoleCommandInput => ({
  RoleArn: ROLE,
  RoleSessionName: 's1',
  ...extra,
});
const call = (extra: Partial<AssumeRoleCommandInput>, { sts }: Clients = app) =>
  sts.send(new AssumeRoleCommand(input(extra)));
const sessionOf = async (extra: Partial<AssumeRoleCommandInput> = {}, { sts }: Clients = app) =>
  clientsOf(aws, await assume(sts, input(extra)));

describe('GetCallerIdentity', () => {
  const identify = ({ sts }: Clients) => sts.send(new GetCallerIdentityCommand({}));
  test('tells root, user and session', async () => {
    expect(await identify(owner)).toMatchObject({
      Account: DESTINATION,
      Arn: `arn:aws:iam::${DESTINATION}:root`,
      UserId: DESTINATION,
    });
    expect(await identify(app)).toMatchObject({
      Account: SOURCE,
      Arn: `arn:aws:iam::${SOURCE}:user/app`,
      UserId: expect.stringMatching(/^AIDA/),
    });
    // A session's ARN has no path.
    expect(await identify(await sessionOf())).toMatchObject({
      Account: DESTINATION,
      Arn: `arn:aws:sts::${DESTINATION}:assumed-role/reader/s1`,
    });
  });

  test('needs no permission, whatever is denied', async () => {
    const Policy = documentOf({ Effect: 'Deny', Action: '*', Resource: '*' });
    await expect(identify(await sessionOf({ Policy }))).resolves.toBeDefined();
  });
});

describe('AssumeRole', () => {
  test('gives credentials in the form of AWS', async () => {
    const { Credentials, AssumedRoleUser } = await call({});
    expect(Credentials!.AccessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/);
    expect(Credentials!.SecretAccessKey).toHaveLength(40);
    expect(Credentials!.Expiration!.getTime() - clock.now()).toBeGreaterThan(3_598_000);
    expect(AssumedRoleUser).toMatchObject({
      Arn: `arn:aws:sts::${DESTINATION}:assumed-role/reader/s1`,
      AssumedRoleId: expect.stringMatching(/^AROA[A-Z2-7]{17}:s1$/),
    });
  });

  test.each<[string, Partial<AssumeRoleCommandInput>]>([
    ['no ARN', { RoleArn: 'arn:aws:iam::123:role/r' }],
    ['the ARN of a user', { RoleArn: `arn:aws:iam::${DESTINATION}:user/reader` }],
    ['a session name with a space', { RoleSessionName: 'a b' }],
    ['a session name of one letter', { RoleSessionName: 's' }],
    ['a session name of 65 letters', { RoleSessionName: 's'.repeat(65) }],
    ['an ExternalId with a space', { ExternalId: 'a b' }],
    ['899 seconds', { DurationSeconds: 899 }],
    ['more than twelve hours', { DurationSeconds: 43_201 }],
    [
      'a policy of more than 2,048 characters',
      { Policy: documentOf({ Action: 's3:*', Resource: `arn:aws:s3:::${'x'.repeat(2048)}` }) },
    ],
    [
      'a managed policy that is not there',
      { PolicyArns: [{ arn: `arn:aws:iam::${DESTINATION}:policy/none` }] },
    ],
  ])('refuses %s', async (_, extra) => {
    expect(await failureOf(call(extra))).toMatchObject(invalid);
  });

  test('refuses a session policy that is not one', async () => {
    for (const Policy of ['{', documentOf({ Principal: '*', Action: '*', Resource: '*' })])
      expect(await failureOf(call({ Policy }))).toMatchObject({
        code: 'MalformedPolicyDocumentException',
        status: 400,
      });
  });

  test('of a role that is not there is a denial, as of one that says no', async () => {
    const RoleArn = `arn:aws:iam::${DESTINATION}:role/none`;
    expect(await failureOf(call({ RoleArn }))).toMatchObject(denied);
    // The path is part of the name.
    expect(await failureOf(call({ RoleArn: ROLE.replace('/team', '') }))).toMatchObject(denied);
  });

  // https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
  test('is not for account roots', async () => {
    expect(await failureOf(call({}, owner))).toMatchObject({
      ...denied,
      message: 'Roles may not be assumed by root accounts.',
    });
  });

  test("is limited by the role's longest session", async () => {
    await owner.iam.send(new UpdateRoleCommand({ RoleName: 'second', MaxSessionDuration: 3600 }));
    expect(await failureOf(call({ RoleArn: SECOND, DurationSeconds: 3601 }))).toMatchObject(invalid);
    await expect(call({ RoleArn: SECOND, DurationSeconds: 3600 })).resolves.toBeDefined();
    await expect(call({ DurationSeconds: 12 * 3600 })).resolves.toBeDefined();
  });

  test('with a session is limited to an hour, whatever the role says', async () => {
    const session = await sessionOf({ RoleArn: SECOND });
    expect(await failureOf(call({ DurationSeconds: 3601 }, session))).toMatchObject(invalid);
    const { AssumedRoleUser } = await call({ RoleSessionName: 'chained' }, session);
    expect(AssumedRoleUser!.Arn).toMatch(/assumed-role\/reader\/chained$/);
  });

  test('says how much of what a session may carry is used', async () => {
    expect(await call({})).not.toHaveProperty('PackedPolicySize');
    const { PackedPolicySize } = await call({ Policy: documentOf({ Action: 's3:*', Resource: '*' }) });
    expect(PackedPolicySize).toBeGreaterThan(0);
    expect(PackedPolicySize).toBeLessThanOrEqual(100);
  });
});

describe('managed session policies', () => {
  const BUCKET = 'session-policies';
  const [, objects] = arnsOf(BUCKET);
  beforeAll(async () => {
    await owner.s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    await owner.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'k', Body: 'x' }));
  });
  const get = ({ s3 }: Clients) => s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'k' }));
  const put = ({ s3 }: Clients) => s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'new', Body: 'x' }));

  test('narrow a session as inline ones do', async () => {
    const PolicyDocument = documentOf({ Action: 's3:GetObject', Resource: objects });
    const { Policy } = await owner.iam.send(
      new CreatePolicyCommand({ PolicyName: 'narrow', PolicyDocument }),
    );
    const session = await sessionOf({ PolicyArns: [{ arn: Policy!.Arn! }] });
    await expect(get(session)).resolves.toBeDefined();
    expect(await failureOf(put(session))).toMatchObject(denied);
  });

  test('may be ten, each as long as a managed policy may be', async () => {
    const arns: string[] = [];
    for (let index = 0; index < 10; index++) {
      const resources = Array.from(
        { length: 90 },
        (_, at) => `arn:aws:s3:::bucket-${index}/a-rather-long-prefix/of-the-key/${at}/*`,
      );
      const { Policy } = await owner.iam.send(
        new CreatePolicyCommand({
          PolicyName: `long-${index}`,
          PolicyDocument: documentOf({
            Action: 's3:GetObject',
            Resource: index === 0 ? [objects] : resources,
          }),
        }),
      );
      arns.push(Policy!.Arn!);
    }
    const session = await sessionOf({ PolicyArns: arns.map((arn) => ({ arn })) });
    await expect(get(session)).resolves.toBeDefined();
    expect(await failureOf(put(session))).toMatchObject(denied);
    const eleven = [...arns, arns[0]!].map((arn) => ({ arn }));
    expect(await failureOf(call({ PolicyArns: eleven }))).toMatchObject(invalid);
  });
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
describe('session tags', () => {
  const tags = (...pairs: [string, string][]) => pairs.map(([Key, Value]) => ({ Key, Value }));
  const invalidTag = { code: 'InvalidParameterValue', status: 400 };

  test.each<[string, Partial<AssumeRoleCommandInput>]>([
    ['one key twice', { Tags: tags(['a', '1'], ['A', '2']) }],
    ['a key of AWS', { Tags: tags(['aws:x', '1']) }],
    ['a transitive key that is no tag', { Tags: tags(['a', '1']), TransitiveTagKeys: ['b'] }],
  ])('%s is refused', async (_, extra) => {
    expect(await failureOf(call(extra))).toMatchObject(invalidTag);
  });

  test.each<[string, Partial<AssumeRoleCommandInput>]>([
    ['a key that is too long', { Tags: tags(['k'.repeat(129), '1']) }],
    ['a value that is too long', { Tags: tags(['k', '1'.repeat(257)]) }],
    ['an empty key', { Tags: tags(['', '1']) }],
  ])('%s breaks the rules of the model', async (_, extra) => {
    expect(await failureOf(call(extra))).toMatchObject({ code: 'ValidationError', status: 400 });
  });

  test('that are transitive go on through a chain, and cannot be set again', async () => {
    const first = await sessionOf({
      Tags: tags(['team', 'reports'], ['level', '1']),
      TransitiveTagKeys: ['team'],
    });
    expect(await failureOf(call({ Tags: tags(['team', 'other']) }, first))).toMatchObject(invalidTag);
    const tagged = documentOf({
      Action: 's3:GetObject',
      Resource: 'arn:aws:s3:::tagged/${aws:PrincipalTag/team}/*',
    });
    await owner.s3.send(new CreateBucketCommand({ Bucket: 'tagged' }));
    await owner.s3.send(new PutObjectCommand({ Bucket: 'tagged', Key: 'reports/k', Body: 'x' }));
    const second = await sessionOf({ RoleArn: SECOND, Policy: tagged }, first);
    const get = ({ s3 }: Clients) => s3.send(new GetObjectCommand({ Bucket: 'tagged', Key: 'reports/k' }));
    await expect(get(second)).resolves.toBeDefined();
    // Without the chain there is no such tag.
    expect(await failureOf(get(await sessionOf({ RoleArn: SECOND, Policy: tagged })))).toMatchObject(denied);
  });

  test('fifty fit where they are short, and are refused where they do not', async () => {
    const many = (length: number) =>
      tags(
        ...Array.from({ length: 50 }, (_, index): [string, string] => [
          `key-${index}`,
          // A token is packed, so what repeats itself would take no room.
          createHash('sha512').update(String(index)).digest('hex').repeat(2).slice(0, length),
        ]),
      );
    await expect(call({ Tags: many(20) })).resolves.toBeDefined();
    expect(await failureOf(call({ Tags: many(256) }))).toMatchObject({
      code: 'PackedPolicyTooLargeException',
      status: 400,
    });
    expect(await failureOf(call({ Tags: [...many(1), { Key: 'one-more', Value: '1' }] }))).toMatchObject(
      invalidTag,
    );
  });
});

describe('source identity', () => {
  test('stays through a chain', async () => {
    const first = await sessionOf({ SourceIdentity: 'ann' });
    const second = await first.sts.send(new AssumeRoleCommand({ RoleArn: SECOND, RoleSessionName: 's2' }));
    expect(second.SourceIdentity).toBe('ann');
    expect(await failureOf(call({ SourceIdentity: 'bob' }, first))).toMatchObject(denied);
  });
});

test('provided contexts are not implemented, and are not ignored', async () => {
  const contexts = [
    { ProviderArn: 'arn:aws:iam::aws:contextProvider/IdentityCenter', ContextAssertion: 'x'.repeat(4) },
  ];
  expect(await failureOf(call({ ProvidedContexts: contexts }))).toMatchObject({
    code: 'NotImplemented',
    status: 501,
  });
});
