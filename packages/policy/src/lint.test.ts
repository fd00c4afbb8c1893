import { expect, test } from 'vitest';
import {
  POLICY_RULES,
  type PolicyDocument,
  type PolicyKind,
  type Statement,
  lint,
  parsePolicy,
} from './index.ts';
import { CHECKS } from './check/check.ts';

type Elements = Partial<Statement>;

const policy = (...statements: Elements[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: statements.map((elements) => ({ Effect: 'Allow', ...elements }) as Statement),
});

const identity = (elements: Elements) =>
  policy({ Action: 's3:GetObject', Resource: 'arn:aws:s3:::acme/*', ...elements });
const role = { AWS: 'arn:aws:iam::111111111111:role/reader' };
const bucket = (elements: Elements) => identity({ Principal: role, ...elements });
const trust = (elements: Elements) => policy({ Action: 'sts:AssumeRole', Principal: role, ...elements });
const cloudtrail = { Service: 'cloudtrail.amazonaws.com' };

type Row = [code: string, kind: PolicyKind, document: PolicyDocument, path: string, message: string];

/** What each rule finds, and where. */
const FOUND: Row[] = [
  ['public-principal', 'bucket', bucket({ Principal: '*' }), 'Statement.0.Principal', 'everyone'],
  [
    'public-principal',
    'bucket',
    bucket({ Principal: { AWS: '*' } }),
    'Statement.0.Principal.AWS',
    'everyone',
  ],
  [
    'public-principal',
    'bucket',
    bucket({ Principal: '*', Condition: { IpAddress: { 'aws:SourceIp': '0.0.0.0/0' } } }),
    'Statement.0.Principal',
    'everyone',
  ],
  [
    'whole-account',
    'bucket',
    bucket({ Principal: { AWS: ['111111111111'] } }),
    'Statement.0.Principal.AWS.0',
    '111111111111',
  ],
  [
    'whole-account',
    'trust',
    trust({ Principal: { AWS: 'arn:aws:iam::111111111111:root' } }),
    'Statement.0.Principal.AWS',
    '111111111111',
  ],
  [
    'not-principal-with-deny',
    'bucket',
    policy({ Effect: 'Deny', NotPrincipal: role, Action: 's3:GetObject', Resource: 'arn:aws:s3:::acme/*' }),
    'Statement.0.NotPrincipal',
    'permissions boundary',
  ],
  [
    'confused-deputy-service',
    'bucket',
    bucket({ Principal: cloudtrail }),
    'Statement.0.Principal.Service',
    'whichever account',
  ],
  [
    'third-party-without-external-id',
    'trust',
    trust({ Principal: { AWS: '222222222222' } }),
    'Statement.0.Principal.AWS',
    'account 222222222222',
  ],
  ['wildcard-action', 'identity', identity({ Action: 's3:*' }), 'Statement.0.Action', 'such as `s3:'],
  [
    'wildcard-action',
    'identity',
    identity({ Action: ['s3:GetObject', 's3:Put*'] }),
    'Statement.0.Action.1',
    '`s3:Put*`',
  ],
  ['wildcard-action', 'identity', identity({ Action: '*' }), 'Statement.0.Action', 'every action there is'],
  [
    'wildcard-action',
    'identity',
    identity({ Action: 'ec2:*', Resource: '*' }),
    'Statement.0.Action',
    'every action of ec2',
  ],
  [
    'not-action-with-allow',
    'identity',
    policy({ NotAction: 'iam:*', Resource: '*' }),
    'Statement.0.NotAction',
    'to come',
  ],
  [
    'not-resource-with-allow',
    'identity',
    policy({ Action: 's3:GetObject', NotResource: 'arn:aws:s3:::secret/*' }),
    'Statement.0.NotResource',
    'to come',
  ],
  [
    'pass-any-role',
    'identity',
    policy({ Action: ['iam:PassRole'], Resource: '*' }),
    'Statement.0.Action.0',
    'every role',
  ],
  [
    'key-of-other-action',
    'identity',
    identity({ Condition: { StringLike: { 's3:prefix': 'a/*' } } }),
    'Statement.0.Condition.StringLike.s3:prefix',
    '`s3:GetObject` never have `s3:prefix`, so the condition never holds',
  ],
  [
    'key-of-other-action',
    'identity',
    policy({
      Effect: 'Deny',
      Action: ['s3:ListBucket', 's3:GetObject'],
      Resource: ['arn:aws:s3:::acme', 'arn:aws:s3:::acme/*'],
      Condition: { StringNotLike: { 's3:prefix': 'a/*' } },
    }),
    'Statement.0.Condition.StringNotLike.s3:prefix',
    '`s3:GetObject` never have `s3:prefix`, so the condition always holds',
  ],
  [
    'for-all-values-without-null',
    'identity',
    identity({ Condition: { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['a'] } } }),
    'Statement.0.Condition.ForAllValues:StringEquals.aws:TagKeys',
    'missing',
  ],
  [
    'set-of-single-value',
    'identity',
    identity({ Condition: { 'ForAnyValue:StringEquals': { 'aws:PrincipalOrgID': 'o-a' } } }),
    'Statement.0.Condition.ForAnyValue:StringEquals.aws:PrincipalOrgID',
    'one value',
  ],
  [
    'multivalued-without-set',
    'identity',
    identity({ Condition: { StringEquals: { 'aws:PrincipalOrgPaths': 'o-a/r-b/' } } }),
    'Statement.0.Condition.StringEquals.aws:PrincipalOrgPaths',
    'several values',
  ],
  [
    'literal-wildcard',
    'identity',
    identity({ Condition: { StringEquals: { 'aws:PrincipalTag/team': ['a', 'b*'] } } }),
    'Statement.0.Condition.StringEquals.aws:PrincipalTag/team.1',
    '`b*` letter by letter',
  ],
  [
    'deny-without-key',
    'bucket',
    bucket({
      Effect: 'Deny',
      Principal: '*',
      Condition: { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } },
    }),
    'Statement.0.Condition.StringNotEquals.aws:SourceVpce',
    'outside of a VPC endpoint',
  ],
  ['missing-version', 'identity', { Statement: identity({}).Statement }, '', '2008-10-17'],
  [
    'variable-without-version',
    'identity',
    { ...identity({ Resource: 'arn:aws:s3:::acme/${aws:username}/*' }), Version: '2008-10-17' },
    'Statement.0.Resource',
    '`${aws:username}`',
  ],
  [
    'redundant-element',
    'identity',
    identity({ Action: ['s3:GetObject', 's3:Get*'] }),
    'Statement.0.Action.0',
    '`s3:Get*` covers `s3:GetObject`',
  ],
  [
    'redundant-element',
    'identity',
    identity({ Resource: ['arn:aws:s3:::acme/*', 'arn:aws:s3:::acme/a/*', 'arn:aws:s3:::acme/*'] }),
    'Statement.0.Resource.1',
    '`arn:aws:s3:::acme/*` covers',
  ],
  [
    'redundant-statement',
    'identity',
    policy(
      { Sid: 'Narrow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::acme/a/*' },
      {
        Sid: 'Wide',
        Action: ['s3:getobject', 's3:ListBucket'],
        Resource: ['arn:aws:s3:::acme', 'arn:aws:s3:::acme/*'],
      },
    ),
    'Statement.0',
    'statement `Wide`',
  ],
  // Rules about what AWS refuses hold for documents that never were text, too.
  [
    'unknown-action',
    'identity',
    identity({ Action: 's3:GetObjcet' }),
    'Statement.0.Action',
    '`s3:GetObjcet`',
  ],
  ['forbidden-element', 'identity', bucket({}), 'Statement.0.Principal', 'may not have'],
];

test.each(FOUND)('%s in a %s policy', (code, kind, document, path, message) => {
  const found = lint(document, kind).filter((problem) => problem.code === code);
  expect(found.map((problem) => problem.path.join('.'))).toContain(path);
  expect(found.find((problem) => problem.path.join('.') === path)?.message).toContain(message);
  expect(found.every(({ help }) => help !== '')).toBe(true);
});

/** What comes near to a rule and is right. */
const RIGHT: [code: string, kind: PolicyKind, document: PolicyDocument][] = [
  [
    'public-principal',
    'bucket',
    bucket({ Principal: '*', Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-a' } } }),
  ],
  ['public-principal', 'bucket', bucket({ Effect: 'Deny', Principal: '*' })],
  ['public-principal', 'rcp', bucket({ Effect: 'Deny', Principal: '*' })],
  ['public-principal', 'vpc-endpoint', bucket({ Principal: '*' })],
  ['whole-account', 'bucket', bucket({})],
  ['whole-account', 'key', policy({ Principal: { AWS: '111111111111' }, Action: 'kms:*', Resource: '*' })],
  ['not-principal-with-deny', 'bucket', bucket({ Effect: 'Deny' })],
  [
    'confused-deputy-service',
    'bucket',
    bucket({ Principal: cloudtrail, Condition: { StringEquals: { 'aws:SourceAccount': '111111111111' } } }),
  ],
  ['confused-deputy-service', 'trust', trust({ Principal: { Service: 'ec2.amazonaws.com' } })],
  [
    'third-party-without-external-id',
    'trust',
    trust({ Principal: { AWS: '222222222222' }, Condition: { StringEquals: { 'sts:ExternalId': 'x' } } }),
  ],
  ['third-party-without-external-id', 'trust', trust({})],
  ['wildcard-action', 'identity', identity({ Action: ['s3:Get*', 's3:List*'] })],
  ['wildcard-action', 'identity', identity({ Effect: 'Deny', Action: 's3:*' })],
  ['wildcard-action', 'scp', policy({ Action: '*', Resource: '*' })],
  ['wildcard-action', 'key', policy({ Principal: role, Action: 'kms:*', Resource: '*' })],
  ['not-action-with-allow', 'scp', policy({ NotAction: 'iam:*', Resource: '*' })],
  ['not-action-with-allow', 'identity', policy({ Effect: 'Deny', NotAction: 'iam:*', Resource: '*' })],
  [
    'pass-any-role',
    'identity',
    policy({ Action: 'iam:PassRole', Resource: 'arn:aws:iam::111111111111:role/task' }),
  ],
  [
    'key-of-other-action',
    'identity',
    policy({
      Action: 's3:ListBucket',
      Resource: 'arn:aws:s3:::acme',
      Condition: { StringLike: { 's3:prefix': 'a/*' } },
    }),
  ],
  [
    'key-of-other-action',
    'identity',
    identity({ Condition: { StringEquals: { 's3:ExistingObjectTag/team': 'a', 'aws:SourceVpc': 'vpc-1' } } }),
  ],
  [
    'key-of-other-action',
    'identity',
    identity({ Action: 's3:*', Resource: '*', Condition: { StringLike: { 's3:prefix': 'a/*' } } }),
  ],
  [
    'for-all-values-without-null',
    'identity',
    identity({
      Condition: { 'ForAllValues:StringEquals': { 'aws:TagKeys': 'a' }, Null: { 'aws:TagKeys': 'false' } },
    }),
  ],
  [
    'for-all-values-without-null',
    'identity',
    identity({ Effect: 'Deny', Condition: { 'ForAllValues:StringEquals': { 'aws:TagKeys': 'a' } } }),
  ],
  [
    'set-of-single-value',
    'identity',
    identity({ Condition: { 'ForAnyValue:StringEquals': { 'aws:TagKeys': 'a' } } }),
  ],
  ['multivalued-without-set', 'identity', identity({ Condition: { Null: { 'aws:TagKeys': 'false' } } })],
  [
    'literal-wildcard',
    'identity',
    identity({ Condition: { StringLike: { 'aws:PrincipalTag/team': 'b*' } } }),
  ],
  [
    'literal-wildcard',
    'bucket',
    bucket({ Action: 's3:PutObject', Condition: { StringEquals: { 's3:if-none-match': '*' } } }),
  ],
  [
    'deny-without-key',
    'bucket',
    bucket({
      Effect: 'Deny',
      Condition: { StringNotEquals: { 'aws:SourceVpce': 'v' }, Null: { 'aws:SourceVpce': 'false' } },
    }),
  ],
  [
    'deny-without-key',
    'bucket',
    bucket({ Effect: 'Deny', Condition: { StringEquals: { 'aws:SourceVpce': 'v' } } }),
  ],
  ['missing-version', 'identity', identity({})],
  ['variable-without-version', 'identity', identity({ Resource: 'arn:aws:s3:::acme/${aws:username}/*' })],
  ['redundant-element', 'identity', identity({ Action: ['s3:GetObject', 's3:GetObjectTagging'] })],
  [
    'redundant-statement',
    'identity',
    policy(
      { Action: 's3:GetObject', Resource: 'arn:aws:s3:::a/*' },
      { Action: 's3:GetObject', Resource: 'arn:aws:s3:::a/*', Effect: 'Deny' },
    ),
  ],
  [
    'redundant-statement',
    'bucket',
    policy(
      { Action: 's3:GetObject', Resource: 'arn:aws:s3:::a/*', Principal: role },
      {
        Action: 's3:GetObject',
        Resource: 'arn:aws:s3:::a/*',
        Principal: '*',
        Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-a' } },
      },
    ),
  ],
];

test.each(RIGHT)('no %s in a right %s policy', (code, kind, document) => {
  expect(lint(document, kind).filter((problem) => problem.code === code)).toEqual([]);
});

test('every rule of what is unwise has a row of either sort', () => {
  const checks = new Set(['json-syntax', 'duplicate-key', ...CHECKS.map(({ code }) => code)]);
  const advice = POLICY_RULES.map(({ code }) => code).filter((code) => !checks.has(code));
  expect(advice.length).toBeGreaterThan(15);
  expect(advice.filter((code) => !FOUND.some(([found]) => found === code))).toEqual([]);
  const always = new Set(['not-resource-with-allow']);
  expect(advice.filter((code) => !RIGHT.some(([right]) => right === code) && !always.has(code))).toEqual([]);
});

test('a third party is who is not of the account', () => {
  const document = trust({
    Principal: { AWS: ['arn:aws:iam::111111111111:role/a', 'arn:aws:iam::222222222222:role/b'] },
  });
  const found = lint(document, 'trust', { account: '111111111111' });
  expect(found.map(({ code, path }) => `${code} ${path.join('.')}`)).toEqual([
    'third-party-without-external-id Statement.0.Principal.AWS.1',
  ]);
});

test('a least grant has nothing to criticize', () => {
  const grant = policy(
    {
      Sid: 'List',
      Action: 's3:ListBucket',
      Resource: 'arn:aws:s3:::acme-reports',
      Principal: role,
      Condition: { StringLike: { 's3:prefix': 'reports/*' } },
    },
    { Sid: 'Read', Action: 's3:GetObject', Resource: 'arn:aws:s3:::acme-reports/reports/*', Principal: role },
  );
  expect(lint(grant, 'bucket')).toEqual([]);
});

test('problems of a parsed document are found in its text', () => {
  const text = `{"Version": "2012-10-17",
 "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*",
   "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": "a"}}}}`;
  const { document, locate } = parsePolicy(text, 'identity');
  const places = lint(document!, 'identity').map((problem) => {
    const { code, line, column } = locate(problem);
    return `${line}:${column} ${code}`;
  });
  expect(places).toEqual(['2:45 wildcard-action', '3:48 for-all-values-without-null']);
});

test('codes are unique', () => {
  const codes = POLICY_RULES.map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
});

test('what is no policy at all gets an answer, too', () => {
  const circle: Record<string, unknown> = { Version: '2012-10-17' };
  circle['Statement'] = [circle];
  for (const document of [undefined, null, 7, 'x', [], {}, circle, { Statement: [null] }]) {
    expect(lint(document, 'bucket').some(({ severity }) => severity === 'error')).toBe(true);
  }
});

test('hundreds of statements take no long time', () => {
  const statements = Array.from({ length: 400 }, (_, i) => ({
    Action: ['s3:GetObject', 's3:PutObject', `s3:*Tag*${i % 7}*`],
    Resource: [`arn:aws:s3:::acme-${i}/*`, `arn:aws:s3:::*-${i}*/*/*`],
  }));
  expect(lint(policy(...statements), 'identity').length).toBeGreaterThan(0);
});
