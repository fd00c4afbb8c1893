import type { AccountSnapshot, PrincipalSnapshot, Statement, World } from '@crossbucket/policy';
import { describe, expect, test } from 'vitest';
import type { AccessRow } from './access-row.ts';
import { LeftOut } from './left-out.ts';
import { reachOf } from './reach.ts';
import { whoCan } from './who-can.ts';

const OWNER = '222222222222';
const OTHER = '111111111111';
const role = (name: string, account = OWNER) => `arn:aws:iam::${account}:role/${name}`;

const policy = (...Statement: Statement[]) => ({ Version: '2012-10-17' as const, Statement });
const allow = (Principal: Statement['Principal'], more: Partial<Statement> = {}): Statement => ({
  Effect: 'Allow',
  ...(Principal !== undefined && { Principal }),
  Action: 's3:GetObject',
  Resource: 'arn:aws:s3:::acme/*',
  ...more,
});
const trusts = (Principal: Statement['Principal'], more: Partial<Statement> = {}): Statement => ({
  Effect: 'Allow',
  Principal: Principal!,
  Action: 'sts:AssumeRole',
  ...more,
});

function principal(arn: string, own: Statement[], trust?: Statement[]): PrincipalSnapshot {
  return {
    kind: arn.includes(':role/') ? 'role' : 'user',
    arn,
    uniqueId: `ID-${arn}`,
    policies: [{ name: 'own', document: policy(...own) }],
    ...(trust && { trust: { name: `trust policy of ${arn}`, document: policy(...trust) } }),
  };
}

interface Given {
  bucket?: Statement[];
  owners?: PrincipalSnapshot[];
  others?: PrincipalSnapshot[];
}

function worldOf({ bucket = [], owners = [], others }: Given): World {
  const account = (id: string, principals: PrincipalSnapshot[]): AccountSnapshot => ({
    id,
    principals: Object.fromEntries(principals.map((one) => [one.arn, one])),
    buckets: {},
    keys: {},
  });
  const owner = account(OWNER, owners);
  owner.buckets = {
    acme: {
      name: 'acme',
      region: 'us-east-1',
      ownership: 'BucketOwnerEnforced',
      ...(bucket.length > 0 && { policy: { name: 'bucket policy of acme', document: policy(...bucket) } }),
    },
  };
  return { accounts: { [OWNER]: owner, ...(others && { [OTHER]: account(OTHER, others) }) } };
}

function rowsOf(given: Given, options: Parameters<typeof whoCan>[3] = {}): AccessRow[] {
  const world = worldOf(given);
  const owner = world.accounts[OWNER]!;
  return whoCan(world, owner, owner.buckets['acme']!, options);
}

describe('by the bucket policy', () => {
  test.each<[string, Statement, Partial<AccessRow>]>([
    ['everybody', allow('*'), { kind: 'public', outcome: 'allow' }],
    [
      'everybody of an organization, which is not public',
      allow('*', { Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-acme' } } }),
      {
        kind: 'limited',
        outcome: 'depends',
        requires: [{ key: 'aws:PrincipalOrgID', operator: 'StringEquals', values: ['o-acme'] }],
      },
    ],
    ['an account', allow({ AWS: OTHER }), { kind: 'account', account: OTHER, outcome: 'depends' }],
    ['a service', allow({ Service: 'logging.s3.amazonaws.com' }), { kind: 'service', outcome: 'allow' }],
    [
      'somebody who is gone',
      allow({ AWS: 'AROAGONE000000000000' }),
      { kind: 'stale', outcome: 'deny', because: 'stale-principal' },
    ],
    [
      'an account that nobody knows by its canonical id',
      allow({ CanonicalUser: 'f'.repeat(64) }),
      { kind: 'account', outcome: 'depends' },
    ],
    [
      'actions that belong to no level are named',
      allow({ AWS: OTHER }, { Action: ['s3:PutBucketPolicy'], Resource: 'arn:aws:s3:::acme' }),
      { can: ['other'], actions: ['s3:PutBucketPolicy'] },
    ],
  ])('%s', (_, statement, wanted) => {
    expect(rowsOf({ bucket: [statement] })).toMatchObject([
      { route: 'bucket-policy', outside: true, ...wanted },
    ]);
  });

  test('public grants and whole accounts come first, whoever is gone last', () => {
    const bucket = [
      allow({ AWS: 'AIDAGONE000000000000' }),
      allow({ AWS: `arn:aws:iam::${OTHER}:user/a` }),
      allow({ AWS: `arn:aws:iam::${OTHER}:root` }),
      allow('*'),
    ];
    expect(rowsOf({ bucket }).map(({ kind }) => kind)).toEqual(['public', 'account', 'principal', 'stale']);
  });

  test('what a Deny takes away is not among what somebody can', () => {
    const user = `arn:aws:iam::${OTHER}:user/a`;
    const others = [principal(user, [allow(undefined, { Action: 's3:*', Resource: '*' })])];
    const bucket = [
      allow({ AWS: user }, { Action: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'] }),
      allow('*', { Effect: 'Deny', Action: 's3:PutObject' }),
      allow('*', {
        Effect: 'Deny',
        Action: 's3:DeleteObject',
        Condition: { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } },
      }),
    ];
    expect(rowsOf({ bucket, others })).toMatchObject([
      { can: ['read'], outcome: 'allow', requires: [] },
      {
        can: ['delete'],
        outcome: 'depends',
        requires: [{ key: 'aws:SourceVpce', operator: 'StringNotEquals', values: ['vpce-1'], negated: true }],
      },
    ]);
  });
});

describe('by roles', () => {
  const reads = allow(undefined);
  const hops = (...roles: string[]): Statement => ({
    Effect: 'Allow',
    Action: 'sts:AssumeRole',
    Resource: roles,
  });

  test('a chain through roles of both accounts, with the conditions of every trust', () => {
    const user = `arn:aws:iam::${OTHER}:user/a`;
    const [hop, reader] = [role('hop', OTHER), role('reader')];
    const rows = rowsOf({
      owners: [
        principal(
          reader,
          [reads],
          [trusts({ AWS: hop }, { Condition: { StringEquals: { 'sts:ExternalId': 'x-1' } } })],
        ),
      ],
      others: [
        principal(user, [hops(hop)]),
        principal(hop, [hops(reader)], [trusts({ AWS: `arn:aws:iam::${OTHER}:root` })]),
      ],
    });
    expect(rows).toMatchObject([
      { principal: `arn:aws:iam::${OTHER}:root`, kind: 'account', via: [hop, reader], outcome: 'depends' },
      { principal: hop, via: [reader] },
      {
        principal: user,
        via: [hop, reader],
        can: ['read'],
        conditions: [{ key: 'sts:ExternalId', operator: 'StringEquals', values: ['x-1'] }],
        requires: [{ key: 'sts:ExternalId', operator: 'StringEquals', values: ['x-1'] }],
      },
    ]);
  });

  test('a role of the owner that the bucket policy names is a way in as well', () => {
    const reader = role('reader');
    const rows = rowsOf({
      bucket: [allow({ AWS: reader })],
      owners: [principal(reader, [], [trusts({ AWS: `arn:aws:iam::${OTHER}:role/app` })])],
      others: [principal(role('app', OTHER), [hops(reader)], [trusts({ Service: 'ec2.amazonaws.com' })])],
    });
    expect(rows).toMatchObject([{ principal: role('app', OTHER), via: [reader], outcome: 'allow' }]);
  });

  test('a trust policy for those of an account with a name is open to nobody else', () => {
    const trust = trusts(
      { AWS: `arn:aws:iam::${OTHER}:root` },
      { Condition: { ArnLike: { 'aws:PrincipalArn': role('app-*', OTHER) } } },
    );
    const owners = [principal(role('reader'), [reads], [trust])];
    expect(rowsOf({ owners })).toMatchObject([
      {
        kind: 'account',
        outcome: 'depends',
        requires: [{ key: 'aws:PrincipalArn', operator: 'ArnLike', values: [role('app-*', OTHER)] }],
      },
    ]);
  });

  test('whoever signs in at a provider is outside, a service that works for the account is not', () => {
    const provider = `arn:aws:iam::${OWNER}:oidc-provider/ci.example.com`;
    const rows = rowsOf({
      owners: [
        principal(
          role('ci'),
          [reads],
          [
            trusts(
              { Federated: provider },
              {
                Action: 'sts:AssumeRoleWithWebIdentity',
                Condition: { StringLike: { 'ci.example.com:sub': 'repo:acme/*' } },
              },
            ),
          ],
        ),
        principal(role('lambda'), [reads], [trusts({ Service: 'lambda.amazonaws.com' })]),
      ],
    });
    expect(rows).toMatchObject([
      {
        principal: provider,
        kind: 'federated',
        via: [role('ci')],
        requires: [{ key: 'ci.example.com:sub', operator: 'StringLike', values: ['repo:acme/*'] }],
      },
    ]);
  });

  test('roles that trust each other end', () => {
    const names = ['a', 'b', 'c', 'd'].map((name) => role(name));
    const owners = names.map((arn) =>
      principal(arn, [reads, hops(...names)], [trusts({ AWS: OWNER }), trusts({ AWS: OTHER })]),
    );
    const rows = rowsOf({ owners });
    expect(rows.every(({ kind, via }) => kind === 'account' && new Set(via).size === via.length)).toBe(true);
    expect(reachOf(worldOf({ owners }), names[0]!).length).toBeGreaterThan(3);
  });

  test('what is not followed is told', () => {
    const chain = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => role(name));
    const owners = chain.map((arn, index) =>
      principal(
        arn,
        [hops(...chain.slice(index + 1, index + 2)), ...(index === 6 ? [reads] : [])],
        [trusts({ AWS: index === 0 ? OTHER : chain[index - 1]! })],
      ),
    );
    const links = { account: OWNER, what: 'longer-chains', why: expect.stringContaining('4 roles') };
    const [reached, entered] = [new LeftOut(), new LeftOut()];
    const world = worldOf({ owners });
    reachOf(world, chain[0]!, reached);
    const { [OWNER]: account } = world.accounts;
    whoCan(world, account!, account!.buckets['acme']!, { leftOut: entered });
    expect([reached.all, entered.all]).toEqual([[links], [links]]);

    const keys = Array.from({ length: 30 }, (_, index) => `arn:aws:s3:::acme/${index}/*`);
    const many = new LeftOut();
    const reader = principal(role('reader'), [{ ...reads, Resource: keys }]);
    expect(reachOf(worldOf({ owners: [reader] }), reader.arn, many).length).toBeGreaterThan(0);
    expect(many.all).toMatchObject([{ what: 'further-keys acme' }]);
  });

  test('those inside come when they are asked for', () => {
    const owners = [principal(`arn:aws:iam::${OWNER}:user/own`, [reads])];
    expect(rowsOf({ owners })).toEqual([]);
    expect(rowsOf({ owners }, { inside: true })).toMatchObject([
      { route: 'identity-policy', outside: false, can: ['read'], outcome: 'allow' },
    ]);
  });
});
