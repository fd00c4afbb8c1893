import { expect, test } from 'vitest';
import { type AccessRequest, type PrincipalElement, type Statement, authorize } from '../index.ts';

const app = '111111111111';
const alice = `arn:aws:iam::${app}:user/alice`;

function allows(statement: Partial<Statement>, request: Partial<AccessRequest> = {}): boolean {
  const whole = { Effect: 'Allow', Action: '*', Resource: '*', ...statement } as Statement;
  const asked = { principal: alice, action: 's3:GetObject', resource: 'arn:aws:s3:::b/k', ...request };
  return authorize(asked, { identity: [{ Version: '2012-10-17', Statement: whole }] }).outcome === 'allow';
}

test.each<[string, string, boolean]>([
  ['s3:GetObject', 's3:GetObject', true],
  ['S3:getobject', 's3:GetObject', true],
  ['s3:Get*', 's3:GetObject', true],
  ['s3:Get?bject', 's3:GetObject', true],
  ['s3:*Object', 's3:GetObject', true],
  ['s3:*Acl', 's3:GetObject', false],
  ['s3:GetObjec', 's3:GetObject', false],
  ['*', 'iam:CreateUser', true],
  ['GetObject', 's3:GetObject', false],
])('action %s on %s: %s', (pattern, action, expected) => {
  expect(allows({ Action: pattern }, { action })).toBe(expected);
  const inverse = { Effect: 'Allow', NotAction: pattern, Resource: '*' } as Statement;
  const decision = authorize(
    { principal: alice, action, resource: '*' },
    { identity: [{ Version: '', Statement: inverse }] },
  );
  expect(decision.outcome === 'allow').toBe(!expected);
});

test.each<[string, string, boolean]>([
  ['*', 'arn:aws:s3:::b/k', true],
  ['arn:aws:s3:::b/*', 'arn:aws:s3:::b/a/b/c', true],
  ['arn:aws:s3:::b/*', 'arn:aws:s3:::b', false],
  ['arn:aws:s3:::b/*/c', 'arn:aws:s3:::b/a/b/c', true],
  ['arn:aws:s3:::B/*', 'arn:aws:s3:::b/k', false],
  ['arn:aws:s3:::b/?', 'arn:aws:s3:::b/k', true],
  ['arn:aws:s3:::b/?', 'arn:aws:s3:::b/kk', false],
  ['arn:aws:s3:::b/a*', 'arn:aws:s3:::b/a:b', true],
  ['arn:aws:iam::*:role/x', 'arn:aws:iam::111111111111:role/x', true],
  ['arn:aws:kms:*:111111111111:key/*', 'arn:aws:kms:eu-west-1:111111111111:key/k', true],
  ['arn:aws:kms:eu-*-1:111111111111:key/*', 'arn:aws:kms:eu-west-1:111111111111:key/k', true],
  ['arn:aws:s3:*', 'arn:aws:s3:::b/k', true],
  ['arn:aws:s3*', 'arn:aws:s3:::b/k', true],
  ['arn:*', 'arn:aws:s3:::b/k', true],
  ['arn:aws:*b/k', 'arn:aws:s3:::b/k', false],
  ['arn:aws:s3:*b/k', 'arn:aws:s3:::b/k', false],
  ['arn:aws:s?:::b/k', 'arn:aws:s3:::b/k', true],
  ['arn:aws:s3?::b/k', 'arn:aws:s3:::b/k', false],
  ['arn:aws-cn:s3:::b/k', 'arn:aws:s3:::b/k', false],
  ['arn:aws:s3:::b/home/${aws:username}/*', 'arn:aws:s3:::b/home/alice/x', true],
  ['arn:aws:s3:::b/home/${aws:username}/*', 'arn:aws:s3:::b/home/bob/x', false],
  ['arn:aws:s3:::b/${aws:PrincipalTag/team}/*', 'arn:aws:s3:::b//x', false],
  ["arn:aws:s3:::b/${aws:PrincipalTag/team, 'all'}/*", 'arn:aws:s3:::b/all/x', true],
  ['arn:aws:s3:::b/${*}', 'arn:aws:s3:::b/*', true],
  ['arn:aws:s3:::b/${*}', 'arn:aws:s3:::b/k', false],
])('resource %s on %s: %s', (pattern, resource, expected) => {
  expect(allows({ Resource: pattern }, { resource })).toBe(expected);
  expect(allows({ Resource: ['arn:aws:s3:::other', pattern] }, { resource })).toBe(expected);
});

test('a list that leaves out what a variable without a value stands for leaves out everything', () => {
  const notHome = {
    Resource: undefined,
    NotResource: 'arn:aws:s3:::b/${aws:PrincipalTag/team}/*',
  } as Partial<Statement>;
  expect(allows(notHome)).toBe(false);
  expect(allows(notHome, { context: { 'aws:PrincipalTag/team': 'blue' } })).toBe(true);
});

test('listing all buckets is on everything, however that is spelt', () => {
  const list = { action: 's3:ListAllMyBuckets', resource: '*' };
  expect(allows({ Resource: 'arn:aws:s3:::*' }, list)).toBe(true);
  expect(allows({ Resource: 'arn:aws:s3:::b' }, list)).toBe(false);
});

test('many stars and a long key are matched, where backtracking would never end', () => {
  const resource = `arn:aws:s3:::b/${'a'.repeat(10_000)}`;
  for (const tail of ['b', '?b', ''])
    expect(allows({ Resource: `arn:aws:s3:::b/${'a*'.repeat(500)}${tail}` }, { resource })).toBe(tail === '');
  expect(allows({ Resource: `arn:aws:s3:*::b/${'a*'.repeat(500)}b` }, { resource })).toBe(false);
});

const names = {
  session: `arn:aws:sts::${app}:assumed-role/reporter/run-1`,
  federated: `arn:aws:sts::${app}:federated-user/fay`,
  service: 'cloudtrail.amazonaws.com',
  provider: `arn:aws:iam::${app}:oidc-provider/token.example.com`,
};

test.each<[string, PrincipalElement, boolean]>([
  [alice, { AWS: alice }, true],
  [alice, { AWS: app }, true],
  [alice, { AWS: `arn:aws:iam::${app}:root` }, true],
  [alice, { AWS: '222222222222' }, false],
  [alice, '*', true],
  [alice, { AWS: '*' }, true],
  [alice, { AWS: `arn:aws:iam::${app}:user/*` }, false],
  [alice, { AWS: `arn:aws:iam::${app}:user/Alice` }, false],
  [alice, { AWS: 'AIDAEXAMPLEID' }, false],
  [alice, { Service: names.service }, false],
  [names.session, { AWS: names.session }, true],
  [names.session, { AWS: `arn:aws:iam::${app}:role/reporter` }, true],
  [names.session, { AWS: `arn:aws:iam::${app}:role/with/a/path/reporter` }, true],
  [names.session, { AWS: `arn:aws:iam::222222222222:role/reporter` }, false],
  [names.session, { AWS: `arn:aws:sts::${app}:assumed-role/reporter/run-2` }, false],
  [names.session, { AWS: `arn:aws:sts::${app}:assumed-role/reporter/*` }, false],
  [names.federated, { AWS: names.federated }, true],
  [names.service, { Service: names.service }, true],
  [names.service, { Service: ['s3.amazonaws.com', names.service] }, true],
  [names.service, { AWS: app }, false],
  [names.service, '*', true],
  [names.provider, { Federated: names.provider }, true],
  ['token.example.com', { Federated: names.provider }, true],
  [names.provider, { AWS: app }, false],
  ['*', '*', true],
  ['*', { AWS: app }, false],
  [`arn:aws:iam::${app}:group/admins`, '*', false],
  ['no principal', '*', false],
])('%s is named by %j: %s', (principal, Principal, expected) => {
  const resource = `arn:aws:iam::${app}:role/target`;
  const trust: Statement = { Effect: 'Allow', Principal, Action: '*' };
  const identity: Statement = { Effect: 'Allow', Action: '*', Resource: '*' };
  const decision = authorize(
    { principal, action: 'sts:TagSession', resource },
    {
      identity: [{ Statement: identity }],
      session: [{ Statement: identity }],
      resource: { Version: '2012-10-17', Statement: trust },
    },
  );
  expect(decision.outcome === 'allow').toBe(expected);
});

test.each<[string, string[], boolean]>([
  [alice, [alice, app], true],
  [alice, [alice], false],
  [alice, [app], false],
  [names.session, [names.session, `arn:aws:iam::${app}:role/reporter`, app], true],
  [names.session, [names.session, `arn:aws:iam::${app}:role/reporter`], false],
  [names.session, [`arn:aws:iam::${app}:role/reporter`, app], false],
])('a Deny with NotPrincipal spares %s for %j: %s', (principal, AWS, spared) => {
  const resource = (NotPrincipal: PrincipalElement) => ({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' },
      { Effect: 'Deny', NotPrincipal, Action: '*', Resource: '*' },
    ] satisfies Statement[],
  });
  const request = { principal, action: 's3:GetObject', resource: 'arn:aws:s3:::b/k' };
  const policies = { resource: resource({ AWS }) };
  expect(authorize(request, policies).outcome === 'allow').toBe(spared);
  const boundary = { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } satisfies Statement };
  expect(authorize(request, { ...policies, boundary }).outcome).toBe('deny');
});
