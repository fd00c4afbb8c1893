import { expect, test } from 'vitest';
import {
  type AccountSnapshot,
  type ApiCall,
  type PolicyDocument,
  type Statement,
  type World,
  authorizeCall,
} from './index.ts';

const app = '111111111111';
const data = '222222222222';
const keyArn = `arn:aws:kms:eu-west-1:${data}:key/k-1`;
const role = `arn:aws:iam::${data}:role/path/reader`;
const alice = `arn:aws:iam::${app}:user/alice`;
const session = `arn:aws:sts::${data}:assumed-role/reader/run-1`;

const named = (name: string, ...statements: Statement[]) => ({ name, document: document(...statements) });
const document = (...statements: Statement[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: statements,
});
const allow = (Action: string | string[], Resource: string, more: Partial<Statement> = {}): Statement => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});

function world(
  change: (accounts: { app: AccountSnapshot; data: AccountSnapshot }) => void = () => {},
): World {
  const accounts: { app: AccountSnapshot; data: AccountSnapshot } = {
    app: {
      id: app,
      principals: {
        [alice]: {
          kind: 'user',
          arn: alice,
          uniqueId: 'AIDAEXAMPLE',
          tags: { team: 'blue' },
          policies: [named('alice', allow(['s3:*', 'sts:*', 'kms:*'], '*'))],
        },
      },
      buckets: {},
      keys: {},
    },
    data: {
      id: data,
      principals: {
        [role]: {
          kind: 'role',
          arn: role,
          uniqueId: 'AROAEXAMPLE',
          policies: [named('read', allow('s3:GetObject', 'arn:aws:s3:::reports/*'))],
          trust: named('trust', {
            Effect: 'Allow',
            Principal: { AWS: alice },
            Action: 'sts:AssumeRole',
            Condition: { StringEquals: { 'sts:ExternalId': 'x-1' } },
          }),
        },
      },
      buckets: {
        reports: {
          name: 'reports',
          region: 'eu-west-1',
          policy: named(
            'bucket policy',
            allow('s3:GetObject', 'arn:aws:s3:::reports/*', { Principal: { AWS: app } }),
          ),
        },
      },
      keys: {
        [keyArn]: {
          arn: keyArn,
          policy: named('key policy', allow('kms:*', '*', { Principal: { AWS: data } })),
        },
      },
    },
  };
  change(accounts);
  return { accounts: { [app]: accounts.app, [data]: accounts.data } };
}

function call(operation: string, input: ApiCall['input'], more: Partial<ApiCall> = {}): ApiCall {
  return { service: 's3', operation, input, principal: alice, ...more };
}

const get = (more: Partial<ApiCall> = {}) => call('GetObject', { Bucket: 'reports', Key: 'a.csv' }, more);
const codes = (world: World, made: ApiCall) => authorizeCall(world, made).causes.map(({ code }) => code);

test('a call across accounts needs the caller’s policies and the bucket’s', () => {
  const { outcome, authorizations } = authorizeCall(world(), get());
  expect(outcome).toBe('allow');
  expect(authorizations[0]?.request).toMatchObject({
    action: 's3:GetObject',
    resourceAccount: data,
    uniqueId: 'AIDAEXAMPLE',
    context: { 'aws:PrincipalTag/team': 'blue' },
  });
  expect(
    codes(
      world(({ data }) => delete data.buckets['reports']!.policy),
      get(),
    ),
  ).toEqual(['resource-policy-missing-allow']);
  expect(
    codes(
      world(({ app }) => (app.principals[alice]!.policies = [])),
      get(),
    ),
  ).toEqual(['identity-policy-missing-allow']);
});

test('a session has its role’s policies, within its own', () => {
  expect(authorizeCall(world(), get({ principal: session })).outcome).toBe('allow');
  const narrow = { policies: [named('session', allow('s3:ListBucket', '*'))] };
  expect(codes(world(), get({ principal: session, session: narrow }))).toEqual([
    'session-policy-missing-allow',
  ]);
  expect(codes(world(), call('PutObject', { Bucket: 'reports', Key: 'a' }, { principal: session }))).toEqual([
    'identity-policy-missing-allow',
  ]);
});

test('the first authorization that is not allowed decides, and all are told', () => {
  const encrypted = get({ object: { kmsKey: keyArn } });
  const decision = authorizeCall(world(), encrypted);
  expect(
    decision.authorizations.map(({ request, decision: { outcome } }) => [request.action, outcome]),
  ).toEqual([
    ['s3:GetObject', 'allow'],
    ['kms:Decrypt', 'deny'],
  ]);
  expect(decision.causes.map(({ code }) => code)).toEqual(['kms-key-policy']);
  const managed = world(({ data }) => (data.keys[keyArn]!.managedBy = 'AWS'));
  expect(codes(managed, encrypted)).toEqual(['kms-managed-key']);
});

test('assuming a role is decided by its trust policy', () => {
  const assume = (more: ApiCall['input'] = {}) =>
    call('AssumeRole', { RoleArn: role, ...more }, { service: 'sts' });
  expect(authorizeCall(world(), assume({ ExternalId: 'x-1' })).outcome).toBe('allow');
  expect(codes(world(), assume())).toEqual(['external-id-mismatch']);
  expect(codes(world(), assume({ RoleArn: `${role}s` }))).toEqual(['role-not-found']);
});

test('beside a trust policy that does not allow it, a boundary that allows no STS is told within an account as well', () => {
  const home = `arn:aws:iam::${app}:role/reader`;
  const given = world(({ app: { principals } }) => {
    principals[alice]!.boundary = named('limits', allow('s3:*', '*'));
    principals[home] = {
      kind: 'role',
      arn: home,
      uniqueId: 'AROAHOME',
      policies: [],
      trust: named('trust', { Effect: 'Allow', Principal: { AWS: data }, Action: 'sts:AssumeRole' }),
    };
  });
  const assume = call('AssumeRole', { RoleArn: home }, { service: 'sts' });
  expect(codes(given, assume)).toEqual(['trust-policy-missing-allow', 'boundary-missing-allow']);
  const { boundary: _, ...unlimited } = given.accounts[app]!.principals[alice]!;
  given.accounts[app]!.principals[alice] = unlimited;
  expect(codes(given, assume)).toEqual(['trust-policy-missing-allow']);
});

test('the root of an account needs no policy in it, and nothing but one in another', () => {
  const root = `arn:aws:iam::${data}:root`;
  expect(authorizeCall(world(), get({ principal: root })).outcome).toBe('allow');
  expect(authorizeCall(world(), get({ principal: `arn:aws:iam::${app}:root` })).outcome).toBe('allow');
  expect(codes(world(), get({ principal: 'arn:aws:iam::333333333333:root' }))).toEqual([
    'resource-policy-missing-allow',
  ]);
});

test('SCPs bind the caller’s account, RCPs the bucket’s, and neither the management account', () => {
  const deny = named('deny', { Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: '*' });
  const scp = named('deny', { Effect: 'Deny', Action: 's3:*', Resource: '*' });
  const full = named('full', allow('*', '*'));
  const within = (managementAccount: string): World => ({
    ...world(),
    organization: {
      id: 'o-1',
      managementAccount,
      accounts: {
        [app]: { path: 'o-1/r-1/', serviceControl: [[full, scp]], resourceControl: [] },
        [data]: { path: 'o-1/r-1/', serviceControl: [[full]], resourceControl: [[deny]] },
      },
    },
  });
  expect(codes(within('333333333333'), get())).toEqual(['rcp-explicit-deny', 'scp-explicit-deny']);
  expect(codes(within(app), get())).toEqual(['rcp-explicit-deny']);
  expect(codes(within(data), get())).toEqual(['scp-explicit-deny']);
});

test('what nobody could read makes the outcome depend on it', () => {
  const partial = world(
    ({ app }) => (app.unknown = [{ what: 'scp', why: 'no organizations:ListPoliciesForTarget' }]),
  );
  const decision = authorizeCall(partial, get());
  expect(decision.outcome).toBe('depends');
  expect(decision.reason).toContain('unread service control policy');
});

const putPolicy = (Principal: Statement['Principal']) =>
  call(
    'PutBucketPolicy',
    {
      Bucket: 'reports',
      Policy: JSON.stringify(document(allow('s3:GetObject', 'arn:aws:s3:::reports/*', { Principal }))),
    },
    { principal: `arn:aws:iam::${data}:root` },
  );

test('an account that is not in the world may say anything', () => {
  const stranger = get({ principal: 'arn:aws:iam::333333333333:user/sue' });
  expect(authorizeCall(world(), stranger).outcome).toBe('deny');
  const open = world(({ data }) => {
    const statement = allow('s3:GetObject', 'arn:aws:s3:::reports/*', { Principal: '*' });
    data.buckets['reports']!.policy = named('bucket policy', statement);
  });
  const decision = authorizeCall(open, stranger);
  expect(decision.outcome).toBe('depends');
  expect(decision.reason).toContain('unread identity policy');
});

test('a requester who must pay has to say so', () => {
  const paid = world(({ data }) => (data.buckets['reports']!.requesterPays = true));
  expect(codes(paid, get())).toEqual(['requester-pays']);
  const willing = call('GetObject', { Bucket: 'reports', Key: 'a', RequestPayer: 'requester' });
  expect(authorizeCall(paid, willing).outcome).toBe('allow');
  expect(authorizeCall(paid, get({ principal: session })).outcome).toBe('allow');
});

test('an access point of a VPC is reached from there only', () => {
  const arn = `arn:aws:s3:eu-west-1:${data}:accesspoint/ap`;
  const policy = named('ap', allow('s3:GetObject', `${arn}/object/*`, { Principal: '*' }));
  const inside = world(
    ({ data }) => (data.accessPoints = { [arn]: { arn, bucket: 'reports', policy, vpc: 'vpc-1' } }),
  );
  const through = (vpc: string) =>
    call('GetObject', { Bucket: arn, Key: 'a.csv' }, { context: { 'aws:SourceVpc': vpc } });
  expect(authorizeCall(inside, through('vpc-1')).outcome).toBe('allow');
  expect(codes(inside, through('vpc-2'))).toEqual(['access-point-policy-explicit-deny']);
});

test('a public policy is refused where Block Public Access is on', () => {
  const blocked = world(({ data }) => (data.publicAccessBlock = { BlockPublicPolicy: true }));
  expect(codes(blocked, putPolicy('*'))).toEqual(['public-access-block']);
  expect(authorizeCall(blocked, putPolicy({ AWS: app })).outcome).toBe('allow');
});

test('a bucket that is not the expected owner’s is refused', () => {
  expect(
    codes(world(), call('GetObject', { Bucket: 'reports', Key: 'a', ExpectedBucketOwner: app })),
  ).toEqual(['expected-owner-mismatch']);
});

test('an access point’s policy and the bucket’s must both allow another account', () => {
  const arn = `arn:aws:s3:eu-west-1:${data}:accesspoint/ap`;
  const policy = named('ap', allow('s3:GetObject', `${arn}/object/*`, { Principal: { AWS: alice } }));
  const through = call('GetObject', { Bucket: arn, Key: 'a.csv' });
  const open = world(({ data }) => (data.accessPoints = { [arn]: { arn, bucket: 'reports', policy } }));
  expect(authorizeCall(open, through).outcome).toBe('allow');
  const closed = world(({ data }) => (data.accessPoints = { [arn]: { arn, bucket: 'reports' } }));
  expect(codes(closed, through)).toEqual(['access-point-policy-missing-allow']);
});

test('an object of another account is not the bucket policy’s to give', () => {
  const mixed = world(({ data }) => (data.buckets['reports']!.ownership = 'ObjectWriter'));
  const theirs = { owner: '333333333333' };
  expect(codes(mixed, get({ object: theirs }))).toEqual(['object-ownership']);
  const grant = { grantee: { account: app }, permission: 'READ' } as const;
  expect(authorizeCall(mixed, get({ object: { ...theirs, acl: [grant] } })).outcome).toBe('allow');
});

test('a copy reads one object and writes another, each with its own tags', () => {
  const onTag = allow(['s3:GetObject', 's3:GetObjectTagging'], 'arn:aws:s3:::reports/*', {
    Principal: { AWS: app },
    Condition: { StringEquals: { 's3:ExistingObjectTag/class': 'open' } },
  });
  const write = allow(['s3:PutObject', 's3:PutObjectTagging'], 'arn:aws:s3:::reports/*', {
    Principal: { AWS: app },
  });
  const tagged = world(
    ({ data }) => (data.buckets['reports']!.policy = named('bucket policy', onTag, write)),
  );
  const copy = (more: Partial<ApiCall>) =>
    call('CopyObject', { Bucket: 'reports', Key: 'to', CopySource: 'reports/from' }, more);
  const openSource = { copySource: { tags: { class: 'open' } }, object: { tags: { class: 'secret' } } };
  expect(authorizeCall(tagged, copy(openSource)).outcome).toBe('allow');
  expect(codes(tagged, copy({ copySource: { tags: { class: 'secret' } } }))).toEqual([
    'resource-policy-missing-allow',
  ]);
});

test('session tags, issue time and MFA are conditions', () => {
  const facts = {
    tags: { Team: 'red' },
    issuedAt: '2026-03-01T10:00:00Z',
    sourceIdentity: 'alice',
    mfa: true,
  };
  const [made] = authorizeCall(world(), get({ session: facts })).authorizations;
  expect(made?.request.context).toMatchObject({
    'aws:PrincipalTag/Team': 'red',
    'aws:TokenIssueTime': '2026-03-01T10:00:00Z',
    'aws:SourceIdentity': 'alice',
    'aws:MultiFactorAuthPresent': true,
  });
  expect(made?.request.context).not.toHaveProperty('aws:PrincipalTag/team');
});

test('an endpoint’s policy counts for what comes through it', () => {
  const through = (policy: Statement): World => ({
    ...world(),
    endpoints: { 'vpce-1': { id: 'vpce-1', policy: named('endpoint', policy) } },
  });
  const context = { 'aws:SourceVpce': 'vpce-1' };
  const other = allow('s3:*', 'arn:aws:s3:::other/*', { Principal: '*' });
  expect(codes(through(other), get({ context }))).toEqual(['vpc-endpoint-policy-missing-allow']);
  expect(authorizeCall(through(other), get()).outcome).toBe('allow');
  expect(authorizeCall(through(allow('*', '*', { Principal: '*' })), get({ context })).outcome).toBe('allow');
});

test('a disabled key serves nobody', () => {
  const open = world(({ data }) => {
    data.keys[keyArn]!.policy = named('key policy', allow('kms:*', '*', { Principal: { AWS: alice } }));
  });
  const encrypted = get({ object: { kmsKey: keyArn } });
  expect(authorizeCall(open, encrypted).outcome).toBe('allow');
  open.accounts[data]!.keys[keyArn]!.state = 'Disabled';
  expect(codes(open, encrypted)).toEqual(['kms-key-unavailable']);
});

test('a federated user has its user’s policies, within those of its session', () => {
  const fay = { principal: `arn:aws:sts::${app}:federated-user/fay` };
  const narrow = { federatedBy: alice, policies: [named('session', allow('s3:Get*', '*'))] };
  expect(authorizeCall(world(), get({ ...fay, session: narrow })).outcome).toBe('allow');
  expect(codes(world(), get({ ...fay, session: { federatedBy: alice } }))).toEqual([
    'session-policy-missing-allow',
  ]);
});
