import { describe, expect, test } from 'vitest';
import {
  type AccessRequest,
  type AclGrant,
  type PolicySet,
  type PrincipalElement,
  type Statement,
  authorize,
  isPublicPolicy,
} from '../index.ts';

const app = '111111111111';
const data = '222222222222';
const alice = `arn:aws:iam::${app}:user/alice`;
const root = `arn:aws:iam::${data}:root`;
const object = 'arn:aws:s3:::b/k';

const document = (...Statement: Statement[]) => ({ Version: '2012-10-17', Statement });
const all: Statement = { Effect: 'Allow', Action: '*', Resource: '*' };
const deny: Statement = { ...all, Effect: 'Deny' };
const to = (Principal: PrincipalElement, statement = all): Statement => ({ ...statement, Principal });
const open = document(all);
const closed = document(deny);

function codes(request: Partial<AccessRequest>, policies: PolicySet): string {
  const asked = {
    principal: alice,
    action: 's3:GetObject',
    resource: object,
    resourceAccount: data,
    ...request,
  };
  const decision = authorize(asked, policies);
  return decision.outcome === 'deny' ? decision.causes.map(({ code }) => code).join(' ') : decision.outcome;
}

/** What lets alice of one account read the other's object, unless a layer objects. */
const granted: PolicySet = { identity: [open], resource: document(to({ AWS: alice })) };

test.each<[string, PolicySet, string]>([
  ['SCP without an Allow', { serviceControl: [[open], [document()]] }, 'scp-missing-allow'],
  ['SCP with a Deny', { serviceControl: [[open, closed]] }, 'scp-explicit-deny'],
  ['a level without policies', { serviceControl: [[open], []] }, 'scp-missing-allow'],
  ['SCPs that allow at every level', { serviceControl: [[open], [document(), open]] }, 'allow'],
  ['RCP with a Deny', { resourceControl: [[document(to('*', deny))]] }, 'rcp-explicit-deny'],
  ['an RCP needs no Allow', { resourceControl: [[], [document()]] }, 'allow'],
  ['endpoint policy without an Allow', { vpcEndpoint: document() }, 'vpc-endpoint-policy-missing-allow'],
  [
    'endpoint policy with a Deny',
    { vpcEndpoint: document(to('*'), to('*', deny)) },
    'vpc-endpoint-policy-explicit-deny',
  ],
  [
    'endpoint policy for others',
    { vpcEndpoint: document(to({ AWS: data })) },
    'vpc-endpoint-policy-missing-allow',
  ],
  ['endpoint policy for everyone', { vpcEndpoint: document(to('*')) }, 'allow'],
  ['boundary with a Deny', { boundary: document(all, deny) }, 'boundary-explicit-deny'],
  ['session policy with a Deny', { session: [open, closed] }, 'session-policy-explicit-deny'],
  ['one of the session policies allows', { session: [document(), open] }, 'allow'],
  ['an empty list of session policies', { session: [] }, 'session-policy-missing-allow'],
  [
    'everything that is wrong is told',
    { identity: [document()], boundary: closed, serviceControl: [[]] },
    'boundary-explicit-deny scp-missing-allow identity-policy-missing-allow boundary-missing-allow',
  ],
])('%s', (_, policies, expected) => {
  expect(codes({}, { ...granted, ...policies })).toBe(expected);
});

describe('exemptions', () => {
  const bound: PolicySet = {
    identity: [open],
    resource: document(to('*')),
    serviceControl: [[closed]],
    resourceControl: [[document(to('*', deny))]],
  };
  test.each<[string, Partial<AccessRequest>, string]>([
    ['nobody', {}, 'rcp-explicit-deny scp-explicit-deny scp-missing-allow'],
    ['the management account from SCPs', { managementAccounts: [app] }, 'rcp-explicit-deny'],
    ['its resources from RCPs', { managementAccounts: [data] }, 'scp-explicit-deny scp-missing-allow'],
    [
      'service-linked roles from both',
      { principal: `arn:aws:sts::${app}:assumed-role/AWSServiceRoleForThings/x` },
      'allow',
    ],
    [
      'service-linked roles by path',
      { principal: `arn:aws:iam::${app}:role/aws-service-role/things.amazonaws.com/AWSServiceRoleForThings` },
      'allow',
    ],
    [
      'not the root',
      { principal: `arn:aws:iam::${app}:root` },
      'rcp-explicit-deny scp-explicit-deny scp-missing-allow',
    ],
    ['services from SCPs', { principal: 'cloudtrail.amazonaws.com' }, 'rcp-explicit-deny'],
    ['services without RCPs', { action: 'iam:GetUser', managementAccounts: [app] }, 'allow'],
  ])('%s', (_, request, expected) => {
    expect(codes(request, bound)).toBe(expected);
  });
});

describe('callers without an account', () => {
  test.each<[string, string, PolicySet, string]>([
    ['anonymous, not named', '*', { resource: document(to({ AWS: app })) }, 'resource-policy-missing-allow'],
    ['anonymous, everyone named', '*', { resource: document(to('*')) }, 'allow'],
    [
      'anonymous, identity policies are nothing to it',
      '*',
      { identity: [open] },
      'resource-policy-missing-allow',
    ],
    [
      'a service that is named',
      'cloudtrail.amazonaws.com',
      { resource: document(to({ Service: 'cloudtrail.amazonaws.com' })) },
      'allow',
    ],
    [
      'a service that is not',
      'config.amazonaws.com',
      { resource: document(to({ Service: 'cloudtrail.amazonaws.com' })) },
      'resource-policy-missing-allow',
    ],
  ])('%s', (_, principal, policies, expected) => {
    expect(codes({ principal }, policies)).toBe(expected);
  });
});

describe('the root of an account', () => {
  const locked: PolicySet = { resource: document(to('*', deny)) };
  test.each<[string, Partial<AccessRequest>, PolicySet, string]>([
    ['needs no policy in its own', {}, {}, 'allow'],
    ['is denied by the bucket policy', {}, locked, 'resource-policy-explicit-deny'],
    [
      'can always mend the bucket policy',
      { action: 's3:PutBucketPolicy', resource: 'arn:aws:s3:::b' },
      locked,
      'allow',
    ],
    [
      'not against its organization',
      { action: 's3:PutBucketPolicy', resource: 'arn:aws:s3:::b' },
      { ...locked, serviceControl: [[closed]] },
      'scp-explicit-deny scp-missing-allow',
    ],
    ['needs the bucket policy in another', { resourceAccount: app }, {}, 'resource-policy-missing-allow'],
    [
      'is let in there by its account',
      { resourceAccount: app },
      { resource: document(to({ AWS: data })) },
      'allow',
    ],
    [
      'assumes no role',
      { action: 'sts:AssumeRole', resource: `arn:aws:iam::${data}:role/r` },
      { resource: document(to('*')) },
      'trust-policy-missing-allow',
    ],
  ])('%s', (_, request, policies, expected) => {
    expect(codes({ principal: root, ...request }, policies)).toBe(expected);
  });

  test('only the bucket’s own account reads its policy', () => {
    const read = { action: 's3:GetBucketPolicy', resource: 'arn:aws:s3:::b' };
    expect(codes(read, granted)).toBe('resource-policy-missing-allow');
    expect(codes({ ...read, resourceAccount: app }, granted)).toBe('allow');
  });
});

test.each<[string, PolicySet, string]>([
  ['has its user’s policies within its session policies', { identity: [open], session: [open] }, 'allow'],
  ['has nothing without a session policy', { identity: [open] }, 'session-policy-missing-allow'],
  [
    'is allowed by its own name',
    { resource: document(to({ AWS: `arn:aws:sts::${app}:federated-user/fay` })) },
    'allow',
  ],
  [
    'is limited where its user is named',
    { resource: document(to({ AWS: alice })) },
    'session-policy-missing-allow',
  ],
  [
    'is named more closely by its user than by its account',
    { resource: document(to({ AWS: [app, alice] })), session: [open] },
    'allow',
  ],
  [
    'is allowed within its session policy where its user is named',
    { resource: document(to({ AWS: alice })), session: [open] },
    'allow',
  ],
])('a federated user %s', (_, policies, expected) => {
  const principal = `arn:aws:sts::${app}:federated-user/fay`;
  const decision = authorize(
    { principal, federatedBy: alice, action: 's3:GetObject', resource: object, resourceAccount: app },
    policies,
  );
  const told = decision.outcome === 'allow' ? 'allow' : decision.causes.map(({ code }) => code).join(' ');
  expect(told).toBe(expected);
});

describe('ACLs', () => {
  const everyone: AclGrant = { grantee: { group: 'AllUsers' }, permission: 'READ' };
  const account: AclGrant = { grantee: { account: app }, permission: 'FULL_CONTROL' };
  test.each<[string, Partial<AccessRequest>, PolicySet, string]>([
    ['let everyone read', { principal: '*' }, { acl: [everyone] }, 'allow'],
    [
      'and not write',
      { principal: '*', action: 's3:PutObject' },
      { acl: [everyone] },
      'resource-policy-missing-allow',
    ],
    ['let an account’s users in whom it lets', {}, { acl: [account], identity: [open] }, 'allow'],
    ['not those whom it does not', {}, { acl: [account] }, 'identity-policy-missing-allow'],
    [
      'name an account by canonical id',
      { canonicalUser: 'c1' },
      { acl: [{ grantee: { canonicalUser: 'c1' }, permission: 'READ' }], identity: [open] },
      'allow',
    ],
    [
      'let whoever is signed in read',
      {},
      { acl: [{ grantee: { group: 'AuthenticatedUsers' }, permission: 'READ' }], identity: [open] },
      'allow',
    ],
    [
      'for everyone are ignored if so set',
      { principal: '*' },
      { acl: [everyone], publicAccessBlock: { IgnorePublicAcls: true } },
      'public-access-block',
    ],
    [
      'are narrowed by the bucket policy',
      { principal: '*' },
      { acl: [everyone], resource: document(to('*', deny)) },
      'resource-policy-explicit-deny',
    ],
  ])('%s', (_, request, policies, expected) => {
    expect(codes(request, policies)).toBe(expected);
  });

  test.each<[string, Partial<AccessRequest>, PolicySet, string]>([
    ['the bucket policy cannot give it', {}, granted, 'object-ownership'],
    ['its own ACL can', {}, { ...granted, acl: [account] }, 'allow'],
    [
      'the bucket policy can deny it',
      {},
      { ...granted, acl: [account], resource: document(to('*', deny)) },
      'resource-policy-explicit-deny',
    ],
    [
      'its owner needs no ACL',
      { principal: 'arn:aws:iam::333333333333:user/o' },
      { identity: [open] },
      'allow',
    ],
    [
      'the bucket’s account needs one',
      { principal: `arn:aws:iam::${data}:user/d` },
      { identity: [open] },
      'object-ownership',
    ],
    ['whoever may write to the bucket replaces it', { action: 's3:PutObject' }, granted, 'allow'],
  ])('an object of another account: %s', (_, request, policies, expected) => {
    expect(codes({ objectOwner: '333333333333', ...request }, policies)).toBe(expected);
  });
});

describe('Block Public Access', () => {
  const restricted: PolicySet = {
    identity: [open],
    resource: document(to({ AWS: alice }), to('*'), to({ Service: 'cloudtrail.amazonaws.com' })),
    publicAccessBlock: { RestrictPublicBuckets: true },
  };
  test.each<[string, Partial<AccessRequest>, string]>([
    ['shuts out the other account', {}, 'public-access-block'],
    ['and everyone else', { principal: '*' }, 'public-access-block'],
    ['not the bucket’s own', { principal: `arn:aws:iam::${data}:user/d` }, 'allow'],
    ['not AWS’s services', { principal: 'cloudtrail.amazonaws.com' }, 'allow'],
  ])('with one public statement, RestrictPublicBuckets %s', (_, request, expected) => {
    expect(codes(request, restricted)).toBe(expected);
  });

  test('a policy that is not public is left alone', () => {
    expect(codes({}, { ...granted, publicAccessBlock: { RestrictPublicBuckets: true } })).toBe('allow');
  });

  test.each<[string, Record<string, string>, string]>([
    ['a public canned ACL', { 's3:x-amz-acl': 'public-read' }, 'public-access-block'],
    [
      'a grant to everyone',
      { 's3:x-amz-grant-read': 'uri="http://acs.amazonaws.com/groups/global/AllUsers"' },
      'public-access-block',
    ],
    ['a private ACL', { 's3:x-amz-acl': 'private' }, 'allow'],
  ])('BlockPublicAcls and %s', (_, context, expected) => {
    const policies = { ...granted, publicAccessBlock: { BlockPublicAcls: true } };
    expect(codes({ action: 's3:PutObject', context }, policies)).toBe(expected);
    expect(codes({ action: 's3:GetObject', context }, policies)).toBe('allow');
  });

  test.each<[Partial<Statement>, boolean]>([
    [{ Principal: '*' }, true],
    [{ Principal: { AWS: '*' } }, true],
    [{ Principal: { AWS: app } }, false],
    [{ Principal: { Federated: 'graph.facebook.com' } }, true],
    [{ Principal: { Service: 's3.amazonaws.com' } }, false],
    [{ Principal: '*', Effect: 'Deny' }, false],
    [{ NotPrincipal: { AWS: app } }, true],
    [{ Principal: '*', Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } }, false],
    [{ Principal: '*', Condition: { StringEquals: { 'aws:SourceVpc': 'vpc-1' } } }, false],
    [{ Principal: '*', Condition: { StringLike: { 'aws:SourceVpc': 'vpc-*' } } }, true],
    [{ Principal: '*', Condition: { StringNotEquals: { 'aws:SourceVpc': 'vpc-1' } } }, true],
    [{ Principal: '*', Condition: { StringEqualsIfExists: { 'aws:SourceVpc': 'vpc-1' } } }, true],
    [{ Principal: '*', Condition: { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } } }, false],
    [{ Principal: '*', Condition: { IpAddress: { 'aws:SourceIp': '0.0.0.0/1' } } }, true],
    [{ Principal: '*', Condition: { IpAddress: { 'aws:SourceIp': ['203.0.113.0/24', '0.0.0.0/0'] } } }, true],
    [{ Principal: '*', Condition: { StringLike: { 'aws:userid': 'AROAEXAMPLE:*' } } }, true],
    [
      {
        Principal: '*',
        Condition: { ArnLike: { 's3:DataAccessPointArn': `arn:aws:s3:us-west-2:${data}:accesspoint/*` } },
      },
      false,
    ],
    [{ Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'true' } } }, true],
    [{ Principal: '*', Condition: { StringEquals: { 'aws:SourceVpc': '${aws:PrincipalTag/vpc}' } } }, true],
  ])('public: %j is %s', (statement, expected) => {
    expect(isPublicPolicy(document({ ...all, ...statement }))).toBe(expected);
  });
});

describe('access points', () => {
  const accessPoint = `arn:aws:s3:eu-west-1:${data}:accesspoint/ap`;
  const point = document({ ...to({ AWS: alice }), Resource: `${accessPoint}/object/*` });
  const bucket = document({ ...to({ AWS: alice }), Resource: 'arn:aws:s3:::b/*' });
  test.each<[string, PolicySet, string]>([
    ['both policies allow', { resource: bucket, accessPoint: point }, 'allow'],
    ['only the bucket’s', { resource: bucket, accessPoint: document() }, 'access-point-policy-missing-allow'],
    ['only the access point’s', { accessPoint: point }, 'resource-policy-missing-allow'],
    [
      'the access point’s denies',
      { resource: bucket, accessPoint: document(to('*', deny)) },
      'access-point-policy-explicit-deny access-point-policy-missing-allow',
    ],
    [
      'the bucket’s delegates to access points of its account',
      {
        resource: document({
          ...to('*'),
          Condition: { StringEquals: { 's3:DataAccessPointAccount': data } },
        }),
        accessPoint: point,
      },
      'allow',
    ],
  ])('%s', (_, policies, expected) => {
    const whole = { identity: [open], ...policies };
    expect(codes({ accessPoint }, whole)).toBe(expected);
    expect(codes({ resource: `${accessPoint}/object/k` }, whole)).toBe(expected);
    expect(codes({ context: { 's3:DataAccessPointArn': accessPoint } }, whole)).toBe(expected);
  });
});
