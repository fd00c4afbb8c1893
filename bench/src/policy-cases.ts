import type {
  AccessRequest,
  ApiCall,
  PolicyDocument,
  PolicySet,
  Statement,
  World,
} from '@crossbucket/policy';

const APP = '111111111111';
const DATA = '222222222222';
const ROLE = `arn:aws:iam::${APP}:role/report-service`;
const BUCKET = 'arn:aws:s3:::acme-reports';

const document = (...statements: Statement[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: statements,
});

const read: Statement = { Effect: 'Allow', Action: 's3:GetObject', Resource: `${BUCKET}/reports/*` };

/** One cross-account read: an identity policy of one statement, a bucket policy of two, one condition. */
export const crossAccount: { request: AccessRequest; policies: PolicySet } = {
  request: {
    principal: `arn:aws:sts::${APP}:assumed-role/report-service/run-1`,
    action: 's3:GetObject',
    resource: `${BUCKET}/reports/2026/a.csv`,
    resourceAccount: DATA,
    context: { 'aws:SecureTransport': true, 'aws:SourceIp': '198.51.100.7' },
  },
  policies: {
    identity: [{ name: 'reader', document: document(read) }],
    resource: {
      name: 'bucket policy',
      document: document(
        { ...read, Sid: 'Read', Principal: { AWS: ROLE } },
        {
          Sid: 'OnlyTls',
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:*',
          Resource: [BUCKET, `${BUCKET}/*`],
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ),
    },
  },
};

/** The same read without the bucket's statement, which is explained. */
export const denied: typeof crossAccount = {
  request: crossAccount.request,
  policies: { ...crossAccount.policies, resource: document({ ...read, Principal: { AWS: `${ROLE}s` } }) },
};

/** The same read as a call over accounts as data. */
export const call: { world: World; call: ApiCall } = {
  world: {
    accounts: {
      [APP]: {
        id: APP,
        principals: {
          [ROLE]: {
            kind: 'role',
            arn: ROLE,
            uniqueId: 'AROAEXAMPLE',
            policies: [{ name: 'reader', document: document(read) }],
          },
        },
        buckets: {},
        keys: {},
      },
      [DATA]: {
        id: DATA,
        principals: {},
        buckets: {
          'acme-reports': {
            name: 'acme-reports',
            region: 'eu-west-1',
            policy: { name: 'bucket policy', document: document({ ...read, Principal: { AWS: ROLE } }) },
          },
        },
        keys: {},
      },
    },
  },
  call: {
    service: 's3',
    operation: 'GetObject',
    input: { Bucket: 'acme-reports', Key: 'reports/2026/a.csv' },
    principal: crossAccount.request.principal,
    context: { 'aws:SecureTransport': true },
  },
};

type Differ = 'nothing' | 'condition' | 'resource';

/**
 * A policy of many statements with many conditions. They all apply, or each fails at its last condition, or at its resource; then one more
 * statement allows.
 */
export function manyStatements(
  statements: number,
  conditions: number,
  effect: Statement['Effect'],
  differ: Differ,
) {
  const context: Record<string, string> = {};
  for (let i = 0; i < 20; i++) context[`aws:RequestTag/k${i}`] = `v${i}`;
  const one = (index: number): Statement => {
    const equals: Record<string, string> = {};
    for (let i = 0; i < conditions; i++) {
      const isLast = i === conditions - 1;
      equals[`aws:RequestTag/k${i}`] = isLast && differ === 'condition' ? `other-${index}` : `v${i}`;
    }
    const prefix = differ === 'resource' ? `part-${index}` : 'reports';
    return {
      Effect: effect,
      Action: 's3:GetObject',
      Resource: `${BUCKET}/${prefix}/*`,
      Condition: { StringEquals: equals },
    };
  };
  const policies: PolicySet = {
    identity: [document(...Array.from({ length: statements }, (_, i) => one(i))), document(read)],
  };
  return { request: { ...crossAccount.request, resourceAccount: APP, context }, policies };
}

/** A glob that makes a backtracking matcher try every way to fill its stars. */
export const hostileGlob: typeof crossAccount = {
  request: { ...crossAccount.request, resourceAccount: APP, resource: `${BUCKET}/${'a'.repeat(10_000)}` },
  policies: { identity: [document({ ...read, Resource: `${BUCKET}/${'a*'.repeat(50)}b` })] },
};
