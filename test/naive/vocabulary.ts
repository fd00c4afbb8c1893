import type { ContextValue } from '@crossbucket/policy';

/** The small world that generated requests and policies are about. */

export const APP = '111111111111';
export const DATA = '222222222222';
export const OTHER = '333333333333';
const BUCKET = 'arn:aws:s3:::acme-reports';
export const POINT = `arn:aws:s3:eu-west-1:${DATA}:accesspoint/ap`;
const KEY = `arn:aws:kms:eu-west-1:${DATA}:key/k-1`;
const READER = `arn:aws:iam::${DATA}:role/reader`;
export const CANONICAL = 'c'.repeat(64);

export const PRINCIPALS = [
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

export const NAMES = [
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

/** What the sessions among the callers may be of. */
export const ROLES = [
  `arn:aws:iam::${APP}:role/reporter`,
  `arn:aws:iam::${APP}:role/service/reporter`,
  READER,
  NAMES.find((name) => name.includes('/aws-reserved/'))!,
];

export const ACTIONS = [
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

export const RESOURCES: [RegExp, string[]][] = [
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

export const ACTION_PATTERNS = [
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

export const RESOURCE_PATTERNS = [
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
  'arn:aws:iam::${aws:PrincipalAccount}:user/alice',
  `${BUCKET}/\${aws:TagKeys}*`,
];

/** Keys with the values that requests and policies have for them. */
export const KEYS: Record<string, { actual: ContextValue[]; wanted: (string | number | boolean)[] }> = {
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

export const STRING = [
  'StringEquals',
  'StringNotEquals',
  'StringLike',
  'StringNotLike',
  'StringEqualsIgnoreCase',
  'StringNotEqualsIgnoreCase',
];
const ARN = ['ArnEquals', 'ArnLike', 'ArnNotEquals', 'ArnNotLike'];
const ORDERED = ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'];
export const FITTING: Record<string, string[]> = {
  'aws:SourceIp': ['IpAddress', 'NotIpAddress'],
  'aws:SecureTransport': ['Bool'],
  'aws:PrincipalIsAWSService': ['Bool'],
  'aws:CurrentTime': ORDERED.map((name) => `Date${name}`),
  's3:max-keys': ORDERED.map((name) => `Numeric${name}`),
  'aws:PrincipalArn': [...ARN, ...STRING],
  'app:bytes': ['BinaryEquals'],
};
export const ALL = [
  ...STRING,
  ...ARN,
  'Bool',
  'IpAddress',
  'NotIpAddress',
  'NumericLessThan',
  'DateEquals',
  'BinaryEquals',
];

/** What AWS would not accept. */
export const ODDITIES: Record<string, unknown>[] = [
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
];
