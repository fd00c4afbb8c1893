import { Readable } from 'node:stream';
import { beforeAll, describe, expect, test } from 'vitest';
import { openDuckDb } from '../engines/duckdb.ts';
import { loadRecords } from '../load-records.ts';
import { streamSource } from '../sources/stdin.ts';
import { findFindings, FINDING_RULES, type Finding } from './find-findings.ts';
import { findingsSarif } from './sarif.ts';

const OWNER = '222222222222';
const OTHER = '111111111111';
type Json = Record<string, unknown>;

let count = 0;

/** A record of the owner's account, by a user of it unless something else is said. */
function record(eventName: string, requestParameters: Json, changes: Json = {}): Json {
  count++;
  return {
    eventVersion: '1.11',
    eventID: `E${count}`,
    eventTime: '2026-08-01T00:00:00Z',
    eventSource: 's3.amazonaws.com',
    eventName,
    awsRegion: 'eu-west-1',
    sourceIPAddress: '198.51.100.7',
    recipientAccountId: OWNER,
    userIdentity: user(OWNER),
    requestParameters,
    managementEvent: true,
    eventCategory: 'Management',
    ...changes,
  };
}

const user = (account: string, name = 'someone'): Json => ({
  type: 'IAMUser',
  arn: `arn:aws:iam::${account}:user/${name}`,
  accountId: account,
  accessKeyId: `AKIA${account}${name}`,
});

const owned = (bucket: string, owner = OWNER): Json => ({
  resources: [{ type: 'AWS::S3::Bucket', ARN: `arn:aws:s3:::${bucket}`, accountId: owner }],
});

const outsider = (eventName: string, request: Json, changes: Json = {}): Json =>
  record(eventName, request, {
    userIdentity: user(OTHER),
    eventCategory: 'Data',
    managementEvent: false,
    ...owned('acme'),
    ...changes,
  });

const policy = (principal: unknown, condition?: Json): Json => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: principal,
      Action: 's3:GetObject',
      Resource: 'arn:aws:s3:::acme/*',
      ...(condition && { Condition: condition }),
    },
  ],
});

const times = (many: number, make: (index: number) => Json): Json[] =>
  Array.from({ length: many }, (_, index) => make(index));

async function find(records: readonly Json[], ...rules: string[]): Promise<Finding[]> {
  const source = streamSource(Readable.from([Buffer.from(JSON.stringify({ Records: records }))]));
  const loaded = await loadRecords(source);
  const engine = await openDuckDb(loaded);
  try {
    return await findFindings(engine, {}, rules.length === 0 ? {} : { rules });
  } finally {
    await engine.close();
    loaded.close();
  }
}

const denied = { errorCode: 'AccessDenied', errorMessage: 'Access Denied' };
const assume = (by: Json, role: string, key: string): Json =>
  record(
    'AssumeRole',
    { roleArn: role, roleSessionName: 's' },
    {
      eventSource: 'sts.amazonaws.com',
      userIdentity: by,
      recipientAccountId: role.split(':')[4],
      responseElements: { credentials: { accessKeyId: key } },
    },
  );
const session = (role: string, key: string): Json => ({
  type: 'AssumedRole',
  principalId: 'AROA1:s',
  arn: `${role.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/s`,
  accountId: role.split(':')[4],
  accessKeyId: key,
  sessionContext: { sessionIssuer: { type: 'Role', arn: role } },
});
const DEPLOY = `arn:aws:iam::${OTHER}:role/deploy`;
const READER = `arn:aws:iam::${OWNER}:role/reader`;
const PARTNER = '333333333333';
const FOREIGN_KEY = `arn:aws:kms:eu-west-1:${OTHER}:key/k`;
const OWN_KEY = `arn:aws:kms:eu-west-1:${OWNER}:key/k`;

/** For each rule, records that it tells of, with the severity, and records that look alike and that it does not. */
const CASES: Record<string, { severity: string; tells: Json[]; silent: Json[] }> = {
  'bucket-policy-public': {
    severity: 'high',
    tells: [record('PutBucketPolicy', { bucketName: 'acme', bucketPolicy: policy('*') })],
    silent: [
      record('PutBucketPolicy', {
        bucketName: 'acme',
        bucketPolicy: policy('*', { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } }),
      }),
      record('PutBucketPolicy', { bucketName: 'acme', bucketPolicy: policy('*') }, denied),
    ],
  },
  'bucket-policy-shared': {
    severity: 'medium',
    // A policy that names both accounts, and one that is a text.
    tells: [
      record('PutBucketPolicy', {
        bucketName: 'acme',
        policy: JSON.stringify(
          policy({ AWS: [`arn:aws:iam::${OWNER}:root`, `arn:aws:iam::${OTHER}:role/x`] }),
        ),
      }),
    ],
    silent: [
      record('PutBucketPolicy', {
        bucketName: 'acme',
        bucketPolicy: policy({ AWS: `arn:aws:iam::${OWNER}:role/${OTHER}` }),
      }),
      record('PutBucketPolicy', { bucketName: 'acme', bucketPolicy: 'not a policy' }),
    ],
  },
  'public-access-opened': {
    severity: 'high',
    tells: [
      record('PutBucketPublicAccessBlock', {
        bucketName: 'acme',
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          IgnorePublicAcls: true,
          BlockPublicPolicy: false,
          RestrictPublicBuckets: true,
        },
      }),
      record('DeleteAccountPublicAccessBlock', {}),
    ],
    silent: [
      record('PutBucketPublicAccessBlock', {
        bucketName: 'acme',
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          IgnorePublicAcls: true,
          BlockPublicPolicy: true,
          RestrictPublicBuckets: true,
        },
      }),
    ],
  },
  'acl-public': {
    severity: 'high',
    tells: [record('PutBucketAcl', { bucketName: 'acme', 'x-amz-acl': ['public-read'] })],
    silent: [record('PutBucketAcl', { bucketName: 'acme', 'x-amz-acl': ['private'] })],
  },
  'foreign-key': {
    severity: 'high',
    tells: [
      record(
        'PutObject',
        { bucketName: 'acme', key: 'k', 'x-amz-server-side-encryption-aws-kms-key-id': FOREIGN_KEY },
        owned('acme'),
      ),
    ],
    silent: [
      record(
        'PutObject',
        { bucketName: 'acme', key: 'k', 'x-amz-server-side-encryption-aws-kms-key-id': OWN_KEY },
        owned('acme'),
      ),
    ],
  },
  'ownership-loosened': {
    severity: 'medium',
    tells: [
      record('PutBucketOwnershipControls', {
        bucketName: 'acme',
        OwnershipControls: { Rule: { ObjectOwnership: 'ObjectWriter' } },
      }),
    ],
    silent: [
      record('PutBucketOwnershipControls', {
        bucketName: 'acme',
        OwnershipControls: { Rule: { ObjectOwnership: 'BucketOwnerEnforced' } },
      }),
    ],
  },
  'trust-widened': {
    severity: 'medium',
    tells: [
      record(
        'UpdateAssumeRolePolicy',
        { roleName: 'r', policyDocument: JSON.stringify(policy({ AWS: OTHER })) },
        { eventSource: 'iam.amazonaws.com' },
      ),
    ],
    silent: [
      record(
        'CreateRole',
        { roleName: 'r', assumeRolePolicyDocument: JSON.stringify(policy({ Service: 'ec2.amazonaws.com' })) },
        { eventSource: 'iam.amazonaws.com' },
      ),
    ],
  },
  'key-policy-changed': {
    severity: 'medium',
    tells: [
      record(
        'PutKeyPolicy',
        { keyId: 'k', policy: JSON.stringify(policy({ AWS: `arn:aws:iam::${OTHER}:root` })) },
        { eventSource: 'kms.amazonaws.com' },
      ),
    ],
    silent: [
      record('PutKeyPolicy', { keyId: 'k', policy: '{}' }, { eventSource: 'kms.amazonaws.com', ...denied }),
    ],
  },
  'trail-stopped': {
    severity: 'high',
    tells: [record('StopLogging', { name: 'trail' }, { eventSource: 'cloudtrail.amazonaws.com' })],
    silent: [record('StartLogging', { name: 'trail' }, { eventSource: 'cloudtrail.amazonaws.com' })],
  },
  'copied-out': {
    severity: 'high',
    tells: [
      outsider('GetObject', { bucketName: 'acme', key: 'k' }),
      outsider(
        'CopyObject',
        { bucketName: 'theirs', key: 'k', 'x-amz-copy-source': 'acme/k' },
        { ...owned('theirs', OTHER), recipientAccountId: OTHER },
      ),
    ],
    silent: [
      outsider('GetObject', { bucketName: 'acme', key: 'k' }),
      outsider(
        'CopyObject',
        { bucketName: 'acme-two', key: 'k', 'x-amz-copy-source': 'acme/k' },
        owned('acme-two'),
      ),
    ],
  },
  'many-denials': {
    severity: 'medium',
    tells: times(50, () => outsider('GetObject', { bucketName: 'acme', key: 'k' }, denied)),
    silent: times(60, (hour) =>
      outsider(
        'GetObject',
        { bucketName: 'acme', key: 'k' },
        { ...denied, eventTime: `2026-08-0${1 + (hour % 3)}T${String(hour % 24).padStart(2, '0')}:00:00Z` },
      ),
    ),
  },
  'bucket-listing': {
    severity: 'low',
    tells: [record('ListBuckets', {}, { userIdentity: user(OTHER), ...denied })],
    silent: times(9, () => record('ListBuckets', {})),
  },
  'role-chained': {
    severity: 'low',
    tells: [assume(user(PARTNER), DEPLOY, 'ASIA1'), assume(session(DEPLOY, 'ASIA1'), READER, 'ASIA2')],
    silent: [assume(user(OTHER), DEPLOY, 'ASIA3'), assume(session(DEPLOY, 'ASIA3'), READER, 'ASIA4')],
  },
  'anonymous-reads': {
    severity: 'medium',
    tells: [
      outsider(
        'GetObject',
        { bucketName: 'acme', key: 'k' },
        { userIdentity: { type: 'AWSAccount', principalId: '', accountId: 'ANONYMOUS_PRINCIPAL' } },
      ),
    ],
    silent: [
      outsider(
        'GetObject',
        { bucketName: 'acme', key: 'k' },
        {
          userIdentity: { type: 'AWSAccount', principalId: '', accountId: 'ANONYMOUS_PRINCIPAL' },
          ...denied,
        },
      ),
    ],
  },
  'large-download': {
    severity: 'medium',
    tells: times(3, () =>
      outsider(
        'GetObject',
        { bucketName: 'acme', key: 'k' },
        { additionalEventData: { bytesTransferredOut: 40e9 } },
      ),
    ),
    silent: times(3, (day) =>
      outsider(
        'GetObject',
        { bucketName: 'acme', key: 'k' },
        { additionalEventData: { bytesTransferredOut: 40e9 }, eventTime: `2026-08-0${day + 1}T00:00:00Z` },
      ),
    ),
  },
  'new-network': {
    severity: 'medium',
    tells: [
      outsider('GetObject', { bucketName: 'acme', key: 'k' }),
      outsider(
        'GetObject',
        { bucketName: 'acme', key: 'k' },
        { sourceIPAddress: '203.0.113.9', eventTime: '2026-08-20T00:00:00Z' },
      ),
    ],
    silent: [
      outsider('GetObject', { bucketName: 'acme', key: 'k' }),
      outsider(
        'GetObject',
        { bucketName: 'acme', key: 'k' },
        { sourceIPAddress: '198.51.100.200', eventTime: '2026-08-20T00:00:00Z' },
      ),
      outsider(
        'GetObject',
        { bucketName: 'acme', key: 'k' },
        { sourceIPAddress: '203.0.113.9', eventTime: '2026-08-02T00:00:00Z' },
      ),
    ],
  },
};

test('every rule has a case', () => {
  expect(Object.keys(CASES).toSorted()).toEqual(FINDING_RULES.map(({ code }) => code).toSorted());
});

describe('each rule', () => {
  let told: Finding[];
  let untold: Finding[];
  // Two logs for all: to open an engine for each case would take most of the time.
  beforeAll(async () => {
    const cases = Object.values(CASES);
    told = await find(cases.flatMap(({ tells }) => tells));
    untold = await find(cases.flatMap(({ silent }) => silent));
  });

  test.each(Object.entries(CASES))('%s is told, and not of what looks like it', (rule, { severity }) => {
    const found = told.filter((finding) => finding.rule === rule);
    expect(found.map((finding) => finding.severity)).toContain(severity);
    for (const { message } of found) expect(message).not.toMatch(/undefined|null|\[object/);
    expect(untold.filter((finding) => finding.rule === rule)).toEqual([]);
  });
});

test('SARIF names each finding by its rule and where it is', async () => {
  const findings = await find(
    [...CASES['trail-stopped']!.tells, ...CASES['role-chained']!.tells],
    'trail-stopped',
    'role-chained',
  );
  const { runs } = findingsSarif(findings, '0.1.0');
  const [{ results, tool }] = runs as [(typeof runs)[number]];
  expect(results.map(({ ruleId, level }) => [ruleId, level])).toEqual([
    ['trail-stopped', 'error'],
    ['role-chained', 'note'],
  ]);
  const known = tool.driver.rules.map(({ id }) => id);
  for (const { ruleId } of results) expect(known).toContain(ruleId);
});
