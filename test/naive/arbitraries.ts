import type {
  AccessRequest,
  AclGrant,
  ContextValue,
  PolicySet,
  PublicAccessBlock,
} from '@crossbucket/policy';
import * as fc from 'fast-check';

/**
 * Requests and policy sets from a small world, so that they meet: a few principals, actions and resources, the patterns that fit them, and those
 * that nearly do.
 */

const APP = '111111111111';
const DATA = '222222222222';
const OTHER = '333333333333';
const BUCKET = 'arn:aws:s3:::acme-reports';
const POINT = `arn:aws:s3:eu-west-1:${DATA}:accesspoint/ap`;
const KEY = `arn:aws:kms:eu-west-1:${DATA}:key/k-1`;
const READER = `arn:aws:iam::${DATA}:role/reader`;
const CANONICAL = 'c'.repeat(64);

/** The first of the values most often. */
const mostly = <T>(usual: T, ...rare: T[]) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...rare) });

const PRINCIPALS = [
  `arn:aws:iam::${APP}:user/alice`,
  `arn:aws:sts::${APP}:assumed-role/reporter/run-1`,
  `arn:aws:sts::${DATA}:assumed-role/reader/run-1`,
  `arn:aws:iam::${DATA}:user/team/bob`,
  `arn:aws:iam::${APP}:role/service/reporter`,
  `arn:aws:iam::${DATA}:root`,
  `arn:aws:iam::${APP}:root`,
  `arn:aws:sts::${APP}:federated-user/fay`,
  `arn:aws:sts::${DATA}:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/carol`,
  `arn:aws:sts::${DATA}:assumed-role/AWSServiceRoleForThings/x`,
  'cloudtrail.amazonaws.com',
  'token.example.com',
  'logging.s3.amazonaws.com',
  `arn:aws:iam::${DATA}:oidc-provider/token.example.com`,
  '*',
  `arn:aws:iam::${OTHER}:user/mallory`,
  `arn:aws-cn:iam::${APP}:user/alice`,
  `arn:aws:iam::${APP}:group/admins`,
  DATA,
  'nonsense',
];

const NAMES = [
  ...PRINCIPALS.slice(0, 8),
  APP,
  DATA,
  `arn:aws:iam::${APP}:role/reporter`,
  READER,
  `arn:aws:iam::${DATA}:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef`,
  'AROAEXAMPLEID',
  `arn:aws:iam::${APP}:role/*`,
  `arn:aws:iam::${APP}:user/alise`,
  PRINCIPALS[15]!,
];

const ACTIONS = [
  's3:GetObject',
  's3:PutObject',
  's3:ListBucket',
  's3:DeleteObject',
  's3:GetObjectAcl',
  's3:PutObjectAcl',
  's3:GetBucketPolicy',
  's3:PutBucketPolicy',
  's3:ListAllMyBuckets',
  'kms:Decrypt',
  'sts:AssumeRole',
  'sts:AssumeRoleWithWebIdentity',
  'sts:GetCallerIdentity',
  'iam:GetUser',
];

const RESOURCES: [RegExp, string[]][] = [
  [
    /Object/,
    [
      `${BUCKET}/reports/a.csv`,
      `${BUCKET}/home/alice/a:b*c`,
      `${POINT}/object/reports/a.csv`,
      'arn:aws:s3:::acme-report/x',
      '*',
    ],
  ],
  [/ListAllMyBuckets/, ['*', 'arn:aws:s3:::*']],
  [/^s3:/, [BUCKET, POINT, `${BUCKET}/x`]],
  [/^kms:/, [KEY, `arn:aws:kms:us-east-1:${APP}:key/k-2`, '*']],
  [/^sts:/, [READER, `arn:aws:iam::${APP}:role/service/reporter`, '*']],
  [/^iam:/, [`arn:aws:iam::${APP}:user/alice`, '*']],
];

const resourceFor = (action: string) =>
  fc.constantFrom(...RESOURCES.find(([pattern]) => pattern.test(action))![1]);

const ACTION_PATTERNS = [
  ...ACTIONS,
  's3:*',
  '*',
  's3:Get*',
  'S3:GETOBJECT',
  's3:Get?bject',
  '*:*Object',
  'kms:*',
  'sts:Assume*',
  's3:GetObjects',
  's3:*Policy',
];

const RESOURCE_PATTERNS = [
  '*',
  BUCKET,
  `${BUCKET}/*`,
  `${BUCKET}*`,
  `${BUCKET}/reports/*`,
  `${BUCKET}/reports/?.csv`,
  `${BUCKET}/home/\${aws:username}/*`,
  `${BUCKET}/home/\${aws:PrincipalTag/team, 'alice'}/a:b\${*}c`,
  `${BUCKET}/\${s3:prefix}*`,
  `${BUCKET}/*/a*c`,
  'arn:aws:s3:::*',
  'arn:aws:s3:*:*:acme*',
  'arn:*:s3:::acme-reports/*',
  'arn:aws:s3*',
  'arn:aws:*reports/*',
  'arn:aws:s3:*reports/*',
  'arn:aws:s?:::acme-reports*',
  'arn:aws-cn:s3:::acme-reports/*',
  'arn:aws:s3:::acme-report/*',
  `${POINT}/object/*`,
  POINT,
  `arn:aws:s3:*:${DATA}:accesspoint/*`,
  KEY,
  `arn:aws:kms:*:${DATA}:key/*`,
  `arn:aws:kms:us-east-1:*:key/*`,
  READER,
  'arn:aws:iam::*:role/*',
  `arn:aws:iam::${APP}:user/\${aws:username}`,
];

/** Keys with the values that requests and policies have for them. */
const KEYS: Record<string, { actual: ContextValue[]; wanted: (string | number | boolean)[] }> = {
  'aws:SourceIp': {
    actual: ['203.0.113.7', '2001:db8::7', '198.51.100.1', 'nowhere', '::ffff:203.0.113.7'],
    wanted: [
      '203.0.113.0/24',
      '2001:db8::/32',
      '198.51.100.1',
      '0.0.0.0/0',
      '203.0.113.7/40',
      '::ffff:cb00:7107',
    ],
  },
  'aws:SecureTransport': {
    actual: [true, false, 'true', 'False', 'yes'],
    wanted: ['true', 'false', true, 'maybe'],
  },
  'aws:SourceVpce': { actual: ['vpce-1a2b', 'vpce-9'], wanted: ['vpce-1a2b', 'vpce-*', 'VPCE-1A2B', ''] },
  'aws:PrincipalTag/team': {
    actual: ['blue', 'red', 'Blue', '', 'b*', 'alice'],
    wanted: [
      'blue',
      'b*',
      'BLUE',
      'bl?e',
      '${aws:PrincipalTag/team}',
      "${aws:PrincipalTag/group, 'blue'}",
      '${*}',
    ],
  },
  'aws:TagKeys': {
    actual: [[], ['a'], ['a', 'b'], ['', 'a'], ['']],
    wanted: ['a', 'b', 'A', 'a*', '?', '${aws:TagKeys}'],
  },
  'aws:CurrentTime': {
    actual: [
      '2026-03-01T10:00:00Z',
      '2026-03-01T12:00:00+02:00',
      '1772359200',
      1772359200,
      '2026-02-30',
      'soon',
    ],
    wanted: [
      '2026-03-01T10:00:00Z',
      '2026-03',
      '2027',
      '2026-03-01T10:00Z',
      '1772359200',
      '2026-02-30',
      '2026-03-01T10:00:00.5Z',
    ],
  },
  's3:max-keys': { actual: [10, '10', '7.5', 'ten', '-3'], wanted: ['10', 7.5, '+10', '.5', 'ten', '1e1'] },
  's3:prefix': {
    actual: ['reports/', 'home/alice', '', 'reports'],
    wanted: ['reports/', 'home/${aws:username}', 'reports*', '${s3:prefix}', '', '${s3:delimiter}'],
  },
  'aws:PrincipalArn': {
    actual: [`arn:aws:iam::${APP}:role/service/reporter`, `arn:aws:iam::${DATA}:role/reader`],
    wanted: [
      `arn:aws:iam::${APP}:role/service/reporter`,
      `arn:aws:iam::${APP}:role/reporter`,
      `arn:aws:iam::*:user/*`,
      `arn:aws:iam::${DATA}:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Admin_*`,
      `arn:aws:iam::${DATA}:role/aws-reserved/sso.amazonaws.com*/AWSReservedSSO_Admin_*`,
      'arn:aws:iam::*',
      '*',
      `\${aws:PrincipalArn}`,
    ],
  },
  'aws:PrincipalAccount': { actual: [APP], wanted: [APP, DATA, '1*', 111111111111] },
  'aws:PrincipalType': { actual: ['User'], wanted: ['User', 'AssumedRole', 'Account', 'Anonymous'] },
  'aws:PrincipalIsAWSService': { actual: [true], wanted: ['true', 'false'] },
  'aws:username': { actual: ['alice'], wanted: ['alice', 'bob', 'a*'] },
  'aws:userid': { actual: ['AROAEXAMPLE:run-1'], wanted: ['AROAEXAMPLE:*', APP, `${APP}:fay`] },
  'aws:ResourceAccount': { actual: [DATA], wanted: [DATA, APP, '${aws:PrincipalAccount}'] },
  's3:ResourceAccount': { actual: [DATA], wanted: [DATA, APP] },
  'kms:CallerAccount': { actual: [APP], wanted: [APP, DATA] },
  's3:DataAccessPointArn': {
    actual: [POINT, `${POINT}2`],
    wanted: [POINT, `arn:aws:s3:*:${DATA}:accesspoint/*`],
  },
  's3:DataAccessPointAccount': { actual: [DATA], wanted: [DATA, APP] },
  's3:AccessPointNetworkOrigin': { actual: ['VPC', 'Internet'], wanted: ['VPC', 'Internet'] },
  's3:x-amz-acl': {
    actual: ['public-read', 'private', 'bucket-owner-full-control'],
    wanted: ['private', 'bucket-owner-full-control'],
  },
  'sts:ExternalId': { actual: ['x-1', 'x-2'], wanted: ['x-1', 'X-1', 'x-?'] },
  'app:bytes': { actual: ['QUJD', 'QUJD==', 'QUJE'], wanted: ['QUJD', 'QUJDRA==', '!'] },
};

export const CONTEXT_KEYS: readonly string[] = Object.keys(KEYS);

/** Values that a key may turn out to have; undefined: the request has no such key. */
export const someValue = (key: string): fc.Arbitrary<ContextValue | undefined> =>
  fc.option(
    fc.oneof(fc.constantFrom(...KEYS[key]!.actual), fc.constantFrom(...KEYS[key]!.wanted.map(String))),
    { nil: undefined },
  );

const STRING = [
  'StringEquals',
  'StringNotEquals',
  'StringLike',
  'StringNotLike',
  'StringEqualsIgnoreCase',
  'StringNotEqualsIgnoreCase',
];
const ARN = ['ArnEquals', 'ArnLike', 'ArnNotEquals', 'ArnNotLike'];
const ORDERED = ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'];
const FITTING: Record<string, string[]> = {
  'aws:SourceIp': ['IpAddress', 'NotIpAddress'],
  'aws:SecureTransport': ['Bool'],
  'aws:PrincipalIsAWSService': ['Bool'],
  'aws:CurrentTime': ORDERED.map((name) => `Date${name}`),
  's3:max-keys': ORDERED.map((name) => `Numeric${name}`),
  'aws:PrincipalArn': [...ARN, ...STRING],
  'app:bytes': ['BinaryEquals'],
};
const ALL = [
  ...STRING,
  ...ARN,
  'Bool',
  'IpAddress',
  'NotIpAddress',
  'NumericLessThan',
  'DateEquals',
  'BinaryEquals',
];

const operatorFor = (key: string) =>
  fc
    .tuple(
      fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom(...(FITTING[key] ?? STRING)) },
        { weight: 1, arbitrary: fc.constantFrom(...ALL) },
      ),
      mostly('', 'IfExists'),
      mostly('', 'ForAllValues:', 'ForAnyValue:'),
    )
    .map(([name, suffix, prefix]) => `${prefix}${name}${suffix}`);

/** `Aws:` now and then: keys match in any case. */
const spelt = (key: string) => mostly(key, key.toUpperCase(), key.toLowerCase());

const condition = fc.constantFrom(...CONTEXT_KEYS).chain((key) =>
  fc.tuple(
    fc.oneof(
      { weight: 12, arbitrary: operatorFor(key) },
      { weight: 2, arbitrary: fc.constant('Null') },
      {
        weight: 1,
        arbitrary: fc.constantFrom('StringSort', 'NullIfExists', 'ForAllValues:Null', 'stringequals'),
      },
    ),
    spelt(key),
    fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...KEYS[key]!.wanted) },
      { weight: 4, arbitrary: fc.array(fc.constantFrom(...KEYS[key]!.wanted), { maxLength: 3 }) },
      { weight: 1, arbitrary: fc.constantFrom('true', 'false', true) },
    ),
  ),
);

const conditions = fc.array(condition, { maxLength: 2 }).map((list) => {
  const element: Record<string, Record<string, unknown>> = {};
  for (const [operator, key, values] of list) (element[operator] ??= {})[key] = values;
  return element;
});

const oneOrMany = (values: readonly string[]) =>
  fc.oneof(fc.constantFrom(...values), fc.array(fc.constantFrom(...values), { minLength: 1, maxLength: 3 }));

const principalElement = fc.oneof(
  { weight: 3, arbitrary: oneOrMany(NAMES).map((AWS): unknown => ({ AWS })) },
  { weight: 2, arbitrary: fc.constantFrom<unknown>('*', { AWS: '*' }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(
      { Service: 'cloudtrail.amazonaws.com' },
      { Service: ['logging.s3.amazonaws.com', 's3.amazonaws.com'], AWS: APP },
      { Federated: `arn:aws:iam::${DATA}:oidc-provider/token.example.com` },
      { CanonicalUser: CANONICAL },
      { AWS: [APP, NAMES[0]!, NAMES[1]!, `arn:aws:iam::${APP}:role/service/reporter`] },
    ),
  },
);

/** What AWS would not accept. */
const oddity = fc.constantFrom<Record<string, unknown>>(
  { Effect: 'deny' },
  { Effect: 'Permit' },
  { Action: [] },
  { Action: 5 },
  { Action: 's3:*', NotAction: 's3:Put*' },
  { Resource: null },
  { Resource: undefined },
  { NotResource: '*' },
  { Principal: '*', NotPrincipal: '*' },
  { Principal: {} },
  { Principal: { Robot: 'r2' } },
  { Principal: 'arn:aws:iam::111111111111:root' },
  { Principal: { AWS: '*' } },
  { Condition: [] },
  { Condition: { StringEquals: 'x' } },
  { Condition: { StringEquals: { 'aws:username': { nested: 'alice' } } } },
  { Condition: { StringEquals: { 'aws:username': null } } },
);

function statement(hasPrincipals: boolean, effect: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc
    .record({
      effect,
      action: fc.oneof(
        { weight: 5, arbitrary: oneOrMany(ACTION_PATTERNS) },
        { weight: 3, arbitrary: fc.constant('*') },
      ),
      resource: fc.oneof(
        { weight: 4, arbitrary: oneOrMany(RESOURCE_PATTERNS) },
        { weight: 3, arbitrary: fc.constant('*') },
      ),
      principal: principalElement,
      not: fc.tuple(mostly(false, true), mostly(false, true), mostly(false, true)),
      condition: fc.oneof(
        { weight: 3, arbitrary: fc.constant(undefined) },
        { weight: 3, arbitrary: conditions },
      ),
      odd: fc.oneof({ weight: 24, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: oddity }),
    })
    .map(
      ({
        effect,
        action,
        resource,
        principal,
        not: [notAction, notResource, notPrincipal],
        condition,
        odd,
      }) => ({
        Effect: effect,
        [notAction && effect === 'Deny' ? 'NotAction' : 'Action']: action,
        [notResource ? 'NotResource' : 'Resource']: resource,
        ...(hasPrincipals && { [notPrincipal ? 'NotPrincipal' : 'Principal']: principal }),
        ...(condition !== undefined && { Condition: condition }),
        ...odd,
      }),
    );
}

const version = mostly<string | undefined>('2012-10-17', '2008-10-17', undefined);

/** `asAttached`: trust policies name no resource. */
export function document(hasPrincipals: boolean): fc.Arbitrary<PolicyDocumentLike> {
  const effect = fc.oneof(
    { weight: 3, arbitrary: fc.constant('Allow') },
    { weight: 1, arbitrary: fc.constant('Deny') },
  );
  return fc
    .record({
      Version: version,
      statements: fc.array(statement(hasPrincipals, effect), { minLength: 1, maxLength: 3 }),
      leaveOutResource: mostly(false, true),
    })
    .map(({ Version, statements, leaveOutResource }) => ({
      ...(Version !== undefined && { Version }),
      Statement: leaveOutResource && hasPrincipals ? statements.map(withoutResource) : statements,
    })) as fc.Arbitrary<PolicyDocumentLike>;
}

type PolicyDocumentLike = NonNullable<Extract<PolicySet['boundary'], { Statement: unknown }>>;

function withoutResource(statement: unknown): unknown {
  const { Resource: _resource, NotResource: _notResource, ...rest } = statement as Record<string, unknown>;
  return rest;
}

const open = (hasPrincipals: boolean): PolicyDocumentLike => ({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: '*', Resource: '*', ...(hasPrincipals && { Principal: '*' as const }) },
  ],
});

/** A layer that lets everything pass as often as not, so that the others get to decide. */
const layer = (hasPrincipals: boolean) =>
  fc.oneof(
    { weight: 2, arbitrary: fc.constant(open(hasPrincipals)) },
    { weight: 3, arbitrary: document(hasPrincipals) },
  );

const plain = layer(false);
const naming = layer(true);

const aclGrant: fc.Arbitrary<AclGrant> = fc.record({
  grantee: fc.constantFrom<AclGrant['grantee']>(
    { account: APP },
    { account: DATA },
    { canonicalUser: CANONICAL },
    { group: 'AllUsers' },
    { group: 'AuthenticatedUsers' },
    { group: 'LogDelivery' },
  ),
  permission: fc.constantFrom('FULL_CONTROL', 'READ', 'WRITE', 'READ_ACP', 'WRITE_ACP'),
});

const publicAccessBlock: fc.Arbitrary<PublicAccessBlock> = fc.record(
  { BlockPublicAcls: fc.boolean(), IgnorePublicAcls: fc.boolean(), RestrictPublicBuckets: fc.boolean() },
  { requiredKeys: [] },
);

/** Undefined three times in four. */
const seldom = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

export const policySet: fc.Arbitrary<PolicySet> = fc
  .record({
    identity: fc.option(fc.array(plain, { maxLength: 2 }), { nil: undefined, freq: 4 }),
    resource: fc.option(naming, { nil: undefined, freq: 4 }),
    boundary: seldom(plain),
    session: seldom(fc.array(plain, { minLength: 1, maxLength: 2 })),
    serviceControl: seldom(fc.array(fc.array(plain, { maxLength: 2 }), { maxLength: 2 })),
    resourceControl: seldom(fc.array(fc.array(naming, { maxLength: 2 }), { maxLength: 2 })),
    vpcEndpoint: seldom(naming),
    accessPoint: seldom(naming),
    acl: seldom(fc.array(aclGrant, { maxLength: 3 })),
    publicAccessBlock: seldom(publicAccessBlock),
  })
  .map((policies) => withoutUndefined<PolicySet>(policies));

const context = fc
  .array(
    fc
      .constantFrom(...CONTEXT_KEYS)
      .chain((key) => fc.tuple(spelt(key), fc.constantFrom(...KEYS[key]!.actual))),
    { maxLength: 5 },
  )
  .map((entries) => {
    // One spelling of a key a request.
    const byKey = new Map(entries.map(([key, value]) => [key.toLowerCase(), [key, value] as const]));
    return Object.fromEntries(byKey.values());
  });

export const request: fc.Arbitrary<AccessRequest> = fc
  .oneof(
    { weight: 3, arbitrary: fc.constant('s3:GetObject') },
    { weight: 5, arbitrary: fc.constantFrom(...ACTIONS) },
  )
  .chain((action) =>
    fc.record({
      principal: fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom(...PRINCIPALS.slice(0, 5)) },
        { weight: 2, arbitrary: fc.constantFrom(...PRINCIPALS) },
      ),
      action: mostly(action, action.toUpperCase()),
      resource: resourceFor(action),
      resourceAccount: fc.option(fc.constantFrom(DATA, APP), { nil: undefined, freq: 6 }),
      objectOwner: seldom(fc.constantFrom(APP, DATA, OTHER)),
      accessPoint: seldom(fc.constant(POINT)),
      canonicalUser: seldom(fc.constant(CANONICAL)),
      federatedBy: seldom(fc.constant(PRINCIPALS[0]!)),
      managementAccounts: seldom(fc.constantFrom<string[]>([APP], [DATA], [])),
      context: rarelyAbsent(context),
    }),
  )
  .map((made) => withoutUndefined<AccessRequest>(made));

function rarelyAbsent<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined, freq: 5 });
}

function withoutUndefined<T extends object>(record: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T;
}

/** A document for any layer: what its statements may not name there is unusual, and no less a document. */
export const someLayer = fc.oneof(plain, naming);
