import { createHash } from 'node:crypto';
import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  PutRolePolicyCommand,
  TagRoleCommand,
  UpdateAccessKeyCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from '@aws-sdk/client-iam';
import { CreateBucketCommand, ListBucketsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import {
  AssumeRoleCommand,
  GetCallerIdentityCommand,
  STSClient,
  type AssumeRoleCommandInput,
} from '@aws-sdk/client-sts';
import { SandboxClock, startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  assume,
  clientsOf,
  DESTINATION,
  documentOf,
  failureOf,
  SOURCE,
  type Clients,
  type Identity,
} from './clients.ts';
import { makeRole, makeUser } from './principals.ts';

const HOUR = 3_600_000;
const BUCKET = 'sessions';
const everything = { Action: '*', Resource: '*' };

const clock = new SandboxClock();
let aws: Sandbox;
let source: Clients;
let owner: Clients;
let user: Clients;
let userArn: string;

beforeAll(async () => {
  aws = await startSandbox({
    clock,
    config: { accounts: [{ id: SOURCE }, { id: DESTINATION, disabledRegions: ['ap-east-1'] }] },
  });
  source = clientsOf(aws, aws.account(SOURCE).root);
  owner = clientsOf(aws, aws.account(DESTINATION).root);
  await owner.s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const made = await makeUser(aws, source, 'app', [{ Action: 'sts:*', Resource: '*' }]);
  user = made.clients;
  userArn = made.arn;
});
afterAll(() => aws.close());

const ask = (RoleArn: string, more: Partial<AssumeRoleCommandInput> = {}, as = user) =>
  as.sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'session', ...more }));
const session = async (RoleArn: string, more: Partial<AssumeRoleCommandInput> = {}, as = user) =>
  clientsOf(aws, await assume(as.sts, { RoleArn, RoleSessionName: 'session', ...more }));
const list = (clients: Clients) => clients.s3.send(new ListBucketsCommand({}));
const put = (clients: Clients) =>
  clients.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'a', Body: 'a' }));
const denied = { code: 'AccessDenied', status: 403 };

describe('the trust policy', () => {
  test.each([
    ['the right ExternalId', 'right-id', true],
    ['another', 'wrong-id', false],
    ['none', undefined, false],
  ])('with %s', async (_, ExternalId, allowed) => {
    const RoleName = `external-${String(ExternalId)}`;
    const { arn } = await makeRole(owner, RoleName, [
      {
        Principal: { AWS: userArn },
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'sts:ExternalId': 'right-id' } },
      },
    ]);
    const call = ask(arn, ExternalId === undefined ? {} : { ExternalId });
    if (allowed) expect((await call).AssumedRoleUser?.Arn).toContain(RoleName);
    else expect(await failureOf(call)).toMatchObject(denied);
  });

  test('must name the caller, also where the caller may do anything', async () => {
    const admin = (await makeUser(aws, source, 'admin', [everything])).clients;
    const { arn } = await makeRole(owner, 'for-the-app', userArn);
    await ask(arn);
    const refused = await failureOf(ask(arn, {}, admin));
    expect(refused).toMatchObject(denied);
    // Across accounts nobody is told why, nor whether there is such a role.
    expect(refused.message).toBe(
      `User: arn:aws:iam::${SOURCE}:user/admin is not authorized to perform: sts:AssumeRole on resource: ${arn}`,
    );
    const missing = `arn:aws:iam::${DESTINATION}:role/there-is-none`;
    expect((await failureOf(ask(missing, {}, admin))).message).toBe(
      `User: arn:aws:iam::${SOURCE}:user/admin is not authorized to perform: sts:AssumeRole on resource: ${missing}`,
    );
  });

  test('is not enough: the caller needs the permission too', async () => {
    const weak = await makeUser(aws, source, 'weak');
    const { arn } = await makeRole(owner, 'for-weak', weak.arn);
    expect(await failureOf(ask(arn, {}, weak.clients))).toMatchObject(denied);
  });

  test('within an account, that it names the user is enough', async () => {
    const weak = await makeUser(aws, owner, 'local');
    const named = await makeRole(owner, 'names-local', weak.arn);
    await ask(named.arn, {}, weak.clients);
    const delegated = await makeRole(owner, 'names-account', DESTINATION);
    expect(await failureOf(ask(delegated.arn, {}, weak.clients))).toMatchObject(denied);
  });

  test('may not be asked by an account root, which is not to be assumed from', async () => {
    const { arn } = await makeRole(owner, 'for-root', SOURCE);
    expect(await failureOf(ask(arn, {}, source))).toMatchObject({
      ...denied,
      message: 'Roles may not be assumed by root accounts.',
    });
  });

  test('decides on tags of the role', async () => {
    const { arn } = await makeRole(owner, 'tagged', [
      {
        Principal: { AWS: userArn },
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'aws:ResourceTag/open': 'yes' } },
      },
    ]);
    expect(await failureOf(ask(arn))).toMatchObject(denied);
    await owner.iam.send(new TagRoleCommand({ RoleName: 'tagged', Tags: [{ Key: 'open', Value: 'yes' }] }));
    await ask(arn);
  });
});

describe('the duration', () => {
  test('is an hour unless more is asked, up to what the role allows', async () => {
    const { arn } = await makeRole(owner, 'long', userArn, [everything], { MaxSessionDuration: 7200 });
    const usual = await ask(arn);
    expect(usual.Credentials!.Expiration!.getTime() - clock.now()).toBeLessThanOrEqual(HOUR);
    const longer = await ask(arn, { DurationSeconds: 7200 });
    expect(longer.Credentials!.Expiration!.getTime() - clock.now()).toBeGreaterThan(HOUR);
    const over = await failureOf(ask(arn, { DurationSeconds: 7201 }));
    expect(over).toMatchObject({ code: 'ValidationError', status: 400 });
    expect(over.message).toContain('MaxSessionDuration');
    await owner.iam.send(new UpdateRoleCommand({ RoleName: 'long', MaxSessionDuration: 3600 }));
    expect((await failureOf(ask(arn, { DurationSeconds: 7200 }))).code).toBe('ValidationError');
    for (const DurationSeconds of [899, 43_201])
      expect((await failureOf(ask(arn, { DurationSeconds }))).code).toBe('ValidationError');
  });

  test('of a chained session is an hour at most, whatever the role allows', async () => {
    const first = await makeRole(source, 'first-link', userArn, [everything]);
    const second = await makeRole(owner, 'second-link', first.arn, [everything], {
      MaxSessionDuration: 43_200,
    });
    const link = await session(first.arn);
    expect(await failureOf(ask(second.arn, { DurationSeconds: 3601 }, link))).toMatchObject({
      code: 'ValidationError',
      message:
        'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    });
    await ask(second.arn, { DurationSeconds: 3600 }, link);
  });

  test('ends the session, as an expiry and not as skew', async () => {
    const { arn } = await makeRole(owner, 'short', userArn, [everything]);
    const short = await session(arn, { DurationSeconds: 900 });
    await put(short);
    clock.advance(900_000);
    expect((await failureOf(put(short))).code).toBe('ExpiredToken');
    expect((await failureOf(short.sts.send(new GetCallerIdentityCommand({})))).code).toBe('ExpiredToken');
  });
});

describe('session policies', () => {
  let arn: string;
  beforeAll(async () => {
    ({ arn } = await makeRole(owner, 'wide', userArn, [everything]));
  });

  test('narrow, and never widen', async () => {
    const listing = documentOf({ Action: 's3:ListAllMyBuckets', Resource: '*' });
    const narrow = await session(arn, { Policy: listing });
    await list(narrow);
    const refused = await failureOf(put(narrow));
    expect(refused).toMatchObject(denied);
    expect(refused.message).toMatch(/because no session policy allows the s3:PutObject action$/);
    const { arn: weak } = await makeRole(owner, 'narrow', userArn, [
      { Action: 's3:ListAllMyBuckets', Resource: '*' },
    ]);
    const widened = await session(weak, { Policy: documentOf(everything) });
    await list(widened);
    expect((await failureOf(put(widened))).message).toMatch(/because no identity-based policy allows/);
  });

  test('may be managed ones, of the account and of AWS', async () => {
    const readOnly = { arn: 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess' };
    const narrow = await session(arn, { PolicyArns: [readOnly] });
    await list(narrow);
    expect(await failureOf(put(narrow))).toMatchObject(denied);
    const of = (policy: string) => ask(arn, { PolicyArns: [{ arn: policy }] });
    for (const policy of [`arn:aws:iam::${DESTINATION}:policy/none`, `arn:aws:iam::${SOURCE}:policy/none`])
      expect((await failureOf(of(policy))).code).toBe('ValidationError');
    const eleven = Array.from({ length: 11 }, () => readOnly);
    expect((await failureOf(ask(arn, { PolicyArns: eleven }))).code).toBe('ValidationError');
  });

  test('have a size, of which the answer tells the share of the token', async () => {
    const plain = await ask(arn);
    expect(plain.PackedPolicySize).toBeUndefined();
    expect(plain.SessionTokenSize).toBe(plain.Credentials!.SessionToken!.length);
    const small = await ask(arn, { Policy: documentOf(everything) });
    expect(small.PackedPolicySize).toBe(small.SessionTokenUtilization);
    expect(small.PackedPolicySize).toBeGreaterThan(plain.SessionTokenUtilization!);
    const long = documentOf({ Action: 's3:GetObject', Resource: `arn:aws:s3:::${'x'.repeat(2000)}` });
    expect((await failureOf(ask(arn, { Policy: long }))).code).toBe('ValidationError');
    const tagged = await makeRole(owner, 'takes-tags', [
      { Principal: { AWS: userArn }, Action: ['sts:AssumeRole', 'sts:TagSession'] },
    ]);
    const Tags = Array.from({ length: 50 }, (_, index) => ({
      Key: `tag-${index}`,
      Value: createHash('sha512').update(String(index)).digest('hex'),
    }));
    await ask(tagged.arn, { Tags: Tags.slice(0, 10) });
    const tooLarge = await failureOf(ask(tagged.arn, { Tags }));
    expect(tooLarge).toMatchObject({ code: 'PackedPolicyTooLargeException', status: 400 });
    expect(tooLarge.message).toMatch(/has \d+ bytes, and the maximum is 4096 bytes/);
    const padded = await ask(arn, { MinimumSessionTokenSize: 2000 });
    expect(padded.SessionTokenSize).toBeGreaterThanOrEqual(2000);
    await list(await session(arn, { MinimumSessionTokenSize: 4000 }));
    expect((await failureOf(ask(arn, { MinimumSessionTokenSize: 4097 }))).code).toBe('ValidationError');
  });

  test('are checked as policies', async () => {
    for (const Policy of ['{', documentOf({ Principal: '*', ...everything })])
      expect((await failureOf(ask(arn, { Policy }))).code).toBe('MalformedPolicyDocumentException');
  });
});

describe('tags and source identity', () => {
  const trusting = (...actions: string[]) => [{ Principal: { AWS: userArn }, Action: actions }];

  test('need their permissions, on both sides', async () => {
    const plain = await makeRole(owner, 'no-tags', trusting('sts:AssumeRole'));
    const Tags = [{ Key: 'team', Value: 'data' }];
    expect(await failureOf(ask(plain.arn, { Tags }))).toMatchObject(denied);
    expect(await failureOf(ask(plain.arn, { SourceIdentity: 'alex' }))).toMatchObject(denied);
    const open = await makeRole(
      owner,
      'with-tags',
      trusting('sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'),
    );
    await ask(open.arn, { Tags, SourceIdentity: 'alex' });
    const only = await makeUser(aws, source, 'only-assumes', [{ Action: 'sts:AssumeRole', Resource: '*' }]);
    const both = await makeRole(owner, 'tags-for-only', [
      { Principal: { AWS: only.arn }, Action: ['sts:AssumeRole', 'sts:TagSession'] },
    ]);
    await ask(both.arn, {}, only.clients);
    expect(await failureOf(ask(both.arn, { Tags }, only.clients))).toMatchObject(denied);
  });

  test('decide as principal tags, before those of the role', async () => {
    const role = await makeRole(
      owner,
      'by-team',
      trusting('sts:AssumeRole', 'sts:TagSession'),
      [
        {
          Action: 's3:PutObject',
          Resource: '*',
          Condition: { StringEquals: { 'aws:PrincipalTag/team': 'data' } },
        },
      ],
      { Tags: [{ Key: 'Team', Value: 'other' }] },
    );
    expect(await failureOf(put(await session(role.arn)))).toMatchObject(denied);
    await put(await session(role.arn, { Tags: [{ Key: 'team', Value: 'data' }] }));
  });

  test('that are transitive pass on through a chain, and cannot be set anew', async () => {
    const first = await makeRole(source, 'tag-link', trusting('sts:AssumeRole', 'sts:TagSession'), [
      { Action: 'sts:*', Resource: '*' },
    ]);
    const second = await makeRole(
      owner,
      'tag-end',
      [{ Principal: { AWS: first.arn }, Action: ['sts:AssumeRole', 'sts:TagSession'] }],
      [
        {
          Action: 's3:PutObject',
          Resource: '*',
          Condition: { StringEquals: { 'aws:PrincipalTag/team': 'data' } },
        },
      ],
    );
    const Tags = [{ Key: 'team', Value: 'data' }];
    const passing = await session(first.arn, { Tags, TransitiveTagKeys: ['team'] });
    await put(await session(second.arn, {}, passing));
    expect((await failureOf(ask(second.arn, { Tags }, passing))).code).toBe('InvalidParameterValue');
    const staying = await session(first.arn, { Tags });
    expect(await failureOf(put(await session(second.arn, {}, staying)))).toMatchObject(denied);
    const stranger = ask(first.arn, { Tags, TransitiveTagKeys: ['colour'] });
    expect((await failureOf(stranger)).code).toBe('InvalidParameterValue');
    const twice = [...Tags, { Key: 'TEAM', Value: 'other' }];
    expect(await failureOf(ask(first.arn, { Tags: [{ Key: 'a*', Value: 'b' }] }))).toMatchObject({
      code: 'ValidationError',
      message: String.raw`1 validation error detected: Value 'a*' at 'tags.1.member.key' failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+`,
    });
    expect((await failureOf(ask(first.arn, { Tags: twice }))).code).toBe('InvalidParameterValue');
  });

  test('a source identity stays through a chain', async () => {
    const open = ['sts:AssumeRole', 'sts:SetSourceIdentity'];
    const first = await makeRole(source, 'who-link', trusting(...open), [{ Action: 'sts:*', Resource: '*' }]);
    const second = await makeRole(
      owner,
      'who-end',
      [{ Principal: { AWS: first.arn }, Action: open }],
      [
        {
          Action: 's3:PutObject',
          Resource: '*',
          Condition: { StringEquals: { 'aws:SourceIdentity': 'alex' } },
        },
      ],
    );
    const link = await session(first.arn, { SourceIdentity: 'alex' });
    const end = await ask(second.arn, {}, link);
    expect(end.SourceIdentity).toBe('alex');
    await put(await session(second.arn, {}, link));
    expect(await failureOf(ask(second.arn, { SourceIdentity: 'sam' }, link))).toMatchObject(denied);
  });
});

describe('what takes effect on the next request', () => {
  test('the policy that revokes older sessions', async () => {
    const { arn } = await makeRole(owner, 'revoked', userArn, [everything]);
    const older = await session(arn);
    await put(older);
    clock.advance(1_000);
    const PolicyDocument = documentOf({
      Effect: 'Deny',
      ...everything,
      Condition: { DateLessThan: { 'aws:TokenIssueTime': new Date(clock.now()).toISOString() } },
    });
    await owner.iam.send(
      new PutRolePolicyCommand({ RoleName: 'revoked', PolicyName: 'AWSRevokeOlderSessions', PolicyDocument }),
    );
    expect((await failureOf(put(older))).message).toMatch(
      /with an explicit deny in an identity-based policy/,
    );
    clock.advance(1_000);
    await put(await session(arn));
  });

  test('the deletion of the role', async () => {
    const { arn } = await makeRole(owner, 'deleted', userArn, [everything]);
    const gone = await session(arn);
    await put(gone);
    await owner.iam.send(new DeleteRolePolicyCommand({ RoleName: 'deleted', PolicyName: 'own' }));
    expect(await failureOf(put(gone))).toMatchObject(denied);
    await owner.iam.send(new DeleteRoleCommand({ RoleName: 'deleted' }));
    expect((await failureOf(put(gone))).code).toBe('InvalidAccessKeyId');
    await owner.iam.send(
      new CreateRoleCommand({
        RoleName: 'deleted',
        AssumeRolePolicyDocument: documentOf({ Principal: { AWS: userArn }, Action: 'sts:AssumeRole' }),
      }),
    );
    expect((await failureOf(gone.sts.send(new GetCallerIdentityCommand({})))).code).toBe(
      'InvalidClientTokenId',
    );
  });

  test('a key that is turned off, and on again', async () => {
    const { clients, key } = await makeUser(aws, source, 'switched');
    const whoAmI = () => clients.sts.send(new GetCallerIdentityCommand({}));
    await whoAmI();
    const change = (Status: 'Active' | 'Inactive') =>
      source.iam.send(
        new UpdateAccessKeyCommand({ UserName: 'switched', AccessKeyId: key.accessKeyId, Status }),
      );
    await change('Inactive');
    expect((await failureOf(whoAmI())).code).toBe('InvalidClientTokenId');
    await change('Active');
    await whoAmI();
  });

  test('a trust policy that is changed, for sessions to come', async () => {
    const { arn } = await makeRole(owner, 'retrusted', userArn, [everything]);
    const before = await session(arn);
    const PolicyDocument = documentOf({ Principal: { AWS: DESTINATION }, Action: 'sts:AssumeRole' });
    await owner.iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'retrusted', PolicyDocument }));
    expect(await failureOf(ask(arn))).toMatchObject(denied);
    await put(before);
  });
});

describe('requests that make no sense', () => {
  const role = `arn:aws:iam::${DESTINATION}:role/any-role`;
  test.each<[string, Partial<AssumeRoleCommandInput>]>([
    ['an ARN that is none', { RoleArn: 'role/any-role-at-all' }],
    ['an ARN of a user', { RoleArn: `arn:aws:iam::${DESTINATION}:user/any` }],
    ['a session name of one letter', { RoleSessionName: 'x' }],
    ['a session name with a space', { RoleSessionName: 'a b' }],
    ['an external id of one letter', { ExternalId: 'x' }],
    ['an MFA code of five digits', { SerialNumber: `arn:aws:iam::${SOURCE}:mfa/x`, TokenCode: '12345' }],
    ['a policy that is too long', { Policy: ' '.repeat(2049) }],
  ])('%s', async (_, more) => {
    const call = ask(role, more);
    expect(await failureOf(call)).toMatchObject({ code: 'ValidationError', status: 400 });
  });
});

test('a region that the account of the role has turned off gives no credentials of it', async () => {
  const { arn } = await makeRole(owner, 'regional', userArn);
  const credentials = await keysOf();
  const stsIn = (region: string) => new STSClient({ region, endpoint: aws.endpoint, credentials });
  const input = { RoleArn: arn, RoleSessionName: 'session' };
  await stsIn('eu-west-1').send(new AssumeRoleCommand(input));
  const off = await failureOf(stsIn('ap-east-1').send(new AssumeRoleCommand(input)));
  expect(off).toMatchObject({ code: 'RegionDisabledException', status: 403 });
  expect(off.message).toContain(`account:${DESTINATION}`);
  // It is the account that is asked for credentials that counts, not the caller's.
  const own = await makeRole(source, 'regional', `arn:aws:iam::${SOURCE}:user/regional`);
  await stsIn('ap-east-1').send(new AssumeRoleCommand({ ...input, RoleArn: own.arn }));
  await stsIn('ap-east-1').send(new GetCallerIdentityCommand({}));

  async function keysOf(): Promise<Identity> {
    const { key } = await makeUser(aws, source, 'regional', [{ Action: 'sts:*', Resource: '*' }]);
    const trust = documentOf({ Principal: { AWS: [userArn, SOURCE] }, Action: 'sts:AssumeRole' });
    await owner.iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'regional', PolicyDocument: trust }));
    return key;
  }
});
