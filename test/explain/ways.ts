import type { CauseCode, PolicyDocument, PrincipalSnapshot, Statement } from '@crossbucket/policy';
import type { Random } from './random.ts';
import {
  APP,
  BUCKET,
  BUCKET_ARN,
  CONTROLS,
  DATA,
  EXTERNAL_ID,
  HOP,
  OBJECT_ARN,
  OUTSIDE,
  POINT,
  READER,
  ROUTES,
  SERVICE,
  policy,
  type RouteKind,
  type Setup,
} from './setup.ts';

/** One way to break the setup. */
export interface Way {
  name: string;
  cause: CauseCode;
  /** Routes that it breaks. Default: all. */
  on?: readonly RouteKind[];
  /** False where only an organization of both accounts has such a thing. */
  apart?: false;
  /** What of it another way must not touch as well, where two are tried at once. */
  part: string;
  breakIt: (setup: Setup, random: Random) => void;
  /** What the failed call has to say where policies cannot show it. */
  evidence?: true;
  /** There is nothing that a person could change in a document or in the call. */
  unfixable?: true;
  /** The fix cannot be made in the running sandbox: the evaluation alone says that it works. */
  onPaper?: true;
}

const DIRECT = ['bucket-policy', 'access-point'] as const;
const BY_ROLE = ['role', 'chain'] as const;
const BY_BUCKET = ['bucket-policy'] as const;

const app = ({ world }: Setup) => world.accounts[APP]!;
const data = ({ world }: Setup) => world.accounts[DATA]!;
const bucketOf = (setup: Setup) => data(setup).buckets[BUCKET]!;
const reader = (setup: Setup) => data(setup).principals[READER]!;
const service = (setup: Setup) => app(setup).principals[SERVICE]!;
const keyOf = (setup: Setup) => Object.values(data(setup).keys)[0]!;

/** Who makes the S3 call, and so whose identity policy counts for it. */
const worker = (setup: Setup): PrincipalSnapshot =>
  setup.call.via.length > 0 ? reader(setup) : service(setup);
/** Who assumes the first role. */
const starter = service;
/** Who assumes the owner's role. */
const assumer = (setup: Setup): PrincipalSnapshot =>
  setup.kind === 'chain' ? app(setup).principals[HOP]! : service(setup);

const statements = (document: PolicyDocument): Statement[] => document.Statement as Statement[];

function own(principal: PrincipalSnapshot): PolicyDocument {
  return principal.policies[0]!.document;
}

function edit(
  document: PolicyDocument,
  sid: string,
  change: Partial<Statement> | ((statement: Statement) => Statement),
): void {
  document.Statement = statements(document).map((statement) => {
    if (statement.Sid !== sid) return statement;
    return typeof change === 'function' ? change(statement) : { ...statement, ...change };
  });
}

function add(document: PolicyDocument, ...more: Statement[]): void {
  document.Statement = [...statements(document), ...more];
}

function drop(document: PolicyDocument, sid: string): void {
  document.Statement = statements(document).filter((statement) => statement.Sid !== sid);
}

const deny = (more: Partial<Statement>): Statement => ({
  Sid: 'Broken',
  Effect: 'Deny',
  Action: 's3:GetObject',
  Resource: '*',
  ...more,
});

/** The statement that allows the S3 call on the caller's side: through the access point, there are two. */
function ownObjects(setup: Setup, change: Partial<Statement>): void {
  edit(own(worker(setup)), 'Objects', change);
  edit(own(worker(setup)), 'Point', {
    ...change,
    ...(change.Resource !== undefined && { Resource: `${POINT}/object/archive/*` }),
  });
}

const owners = [
  `${BUCKET_ARN}/archive/*`,
  BUCKET_ARN,
  'arn:aws:s3:::acme-report/reports/*',
  'arn:aws:s3:::other-bucket/*',
];

const lock = (setup: Setup, facts: NonNullable<Setup['facts']['lock']>): void => {
  setup.call.operation = 'DeleteObject';
  setup.call.input = { ...setup.call.input, VersionId: 'the-version' };
  setup.facts.lock = facts;
};

export const WAYS: readonly Way[] = [
  // The caller's own policies.
  {
    name: 'the identity policy is about other resources',
    cause: 'identity-policy-missing-allow',
    part: 'own objects',
    breakIt: (setup, random) => ownObjects(setup, { Resource: random.pick(owners) }),
  },
  {
    name: 'the identity policy allows other actions',
    cause: 'identity-policy-missing-allow',
    part: 'own objects',
    breakIt: (setup, random) =>
      ownObjects(setup, { Action: random.pick(['s3:GetObjectAcl', 's3:PutObjectTagging', 's3:GetObjects']) }),
  },
  {
    name: 'the identity policy has a condition that is not met',
    cause: 'identity-policy-missing-allow',
    part: 'own objects',
    breakIt: (setup, random) =>
      ownObjects(setup, {
        Condition: random.pick<NonNullable<Statement['Condition']>>([
          { StringEquals: { 'aws:PrincipalTag/team': 'reports' } },
          { StringEquals: { 'aws:PrincipalOrgID': 'o-another0000' } },
        ]),
      }),
  },
  {
    name: 'the identity policy has no statement for objects',
    cause: 'identity-policy-missing-allow',
    part: 'own objects',
    breakIt: (setup) => {
      drop(own(worker(setup)), 'Objects');
      drop(own(worker(setup)), 'Point');
    },
  },
  {
    name: 'the identity policy denies the action',
    cause: 'identity-policy-explicit-deny',
    part: 'own deny',
    breakIt: (setup, random) =>
      add(
        own(worker(setup)),
        deny({
          Action: random.pick(['s3:GetObject', 's3:Get*', 's3:*', '*']),
          Resource: random.pick(['*', OBJECT_ARN, `${BUCKET_ARN}/*`]),
        }),
      ),
  },
  {
    name: 'the identity policy denies all but other actions',
    cause: 'identity-policy-explicit-deny',
    part: 'own deny',
    breakIt: (setup) => {
      const { Action: _, ...rest } = deny({});
      add(own(worker(setup)), { ...rest, NotAction: ['sts:*', 'kms:*', 's3:ListBucket'] });
    },
  },
  {
    name: 'the identity policy denies calls from elsewhere',
    cause: 'identity-policy-explicit-deny',
    part: 'own deny',
    onPaper: true,
    breakIt: (setup) =>
      add(own(worker(setup)), deny({ Condition: { NotIpAddress: { 'aws:SourceIp': ['198.51.100.0/24'] } } })),
  },
  {
    name: 'a group of the user denies it',
    cause: 'identity-policy-explicit-deny',
    part: 'own deny',
    on: DIRECT,
    breakIt: (setup) => {
      service(setup).policies.push({
        name: 'group-guard',
        document: policy(deny({ Action: 's3:GetObject', Resource: `${BUCKET_ARN}/reports/*` })),
      });
    },
  },
  {
    name: 'the boundary allows no S3',
    cause: 'boundary-missing-allow',
    part: 'boundary',
    breakIt: (setup, random) =>
      edit(worker(setup).boundary!.document, 'Limits', {
        Action: random.pick([
          ['kms:*', 'sts:*'],
          ['s3:List*', 'kms:*', 'sts:*'],
        ]),
      }),
  },
  {
    name: 'the boundary is about other resources',
    cause: 'boundary-missing-allow',
    part: 'boundary',
    breakIt: (setup) =>
      edit(worker(setup).boundary!.document, 'Limits', {
        Resource: ['arn:aws:s3:::acme-archive/*', 'arn:aws:iam::*:role/*', 'arn:aws:kms:*:*:key/*'],
      }),
  },
  {
    name: 'the boundary denies it',
    cause: 'boundary-explicit-deny',
    part: 'boundary',
    breakIt: (setup, random) =>
      add(
        worker(setup).boundary!.document,
        deny({
          Action: random.pick(['s3:GetObject', 's3:*']),
          Resource: random.pick(['*', `${BUCKET_ARN}/reports/*`]),
        }),
      ),
  },
  {
    name: 'the session policy allows other keys',
    cause: 'session-policy-missing-allow',
    part: 'session policy',
    on: BY_ROLE,
    breakIt: (setup) =>
      session(setup, {
        Effect: 'Allow',
        Action: ['s3:GetObject', 'kms:*'],
        Resource: [`${BUCKET_ARN}/archive/*`, 'arn:aws:kms:*:*:key/*'],
      }),
  },
  {
    name: 'the session policy allows other actions',
    cause: 'session-policy-missing-allow',
    part: 'session policy',
    on: BY_ROLE,
    breakIt: (setup) =>
      session(setup, { Effect: 'Allow', Action: ['s3:ListBucket', 'kms:*'], Resource: '*' }),
  },
  {
    name: 'the session policy denies it',
    cause: 'session-policy-explicit-deny',
    part: 'session policy',
    on: BY_ROLE,
    breakIt: (setup) => session(setup, { Effect: 'Allow', Action: '*', Resource: '*' }, deny({})),
  },
  // The way into the role.
  {
    name: 'the caller may not assume the role',
    cause: 'identity-policy-missing-allow',
    part: 'own assume',
    on: BY_ROLE,
    breakIt: (setup, random) =>
      edit(own(assumer(setup)), 'Roles', {
        Resource: random.pick([
          `arn:aws:iam::${DATA}:role/reports-reader`,
          `arn:aws:iam::${OUTSIDE}:role/readers/reports-reader`,
          `arn:aws:iam::${DATA}:role/readers/report-reader`,
        ]),
      }),
  },
  {
    name: 'the caller is denied to assume roles',
    cause: 'identity-policy-explicit-deny',
    part: 'own assume',
    on: BY_ROLE,
    breakIt: (setup) => add(own(assumer(setup)), deny({ Action: 'sts:AssumeRole', Resource: READER })),
  },
  {
    name: 'the boundary of the caller allows no STS',
    cause: 'boundary-missing-allow',
    part: 'assume boundary',
    on: BY_ROLE,
    breakIt: (setup) => edit(starter(setup).boundary!.document, 'Limits', { Action: ['s3:*', 'kms:*'] }),
  },
  {
    name: 'the trust policy names somebody else',
    cause: 'trust-policy-missing-allow',
    part: 'trust',
    on: BY_ROLE,
    breakIt: (setup, random) =>
      edit(reader(setup).trust!.document, 'Partners', {
        Principal: { AWS: random.pick([`arn:aws:iam::${OUTSIDE}:root`, `arn:aws:iam::${DATA}:root`]) },
      }),
  },
  {
    name: 'the trust policy has no statement for it',
    cause: 'trust-policy-missing-allow',
    part: 'trust',
    on: BY_ROLE,
    breakIt: (setup) => edit(reader(setup).trust!.document, 'Partners', { Action: 'sts:TagSession' }),
  },
  {
    name: 'the trust policy wants another organization',
    cause: 'trust-policy-missing-allow',
    part: 'trust',
    on: BY_ROLE,
    breakIt: (setup) =>
      edit(reader(setup).trust!.document, 'Partners', (statement) => ({
        ...statement,
        Condition: { StringEquals: { 'sts:ExternalId': EXTERNAL_ID, 'aws:PrincipalOrgID': 'o-another0000' } },
      })),
  },
  {
    name: 'the trust policy denies the account',
    cause: 'trust-policy-explicit-deny',
    part: 'trust deny',
    on: BY_ROLE,
    breakIt: (setup, random) =>
      add(reader(setup).trust!.document, {
        Sid: 'Broken',
        Effect: 'Deny',
        Principal: random.pick<NonNullable<Statement['Principal']>>(['*', { AWS: APP }]),
        Action: 'sts:AssumeRole',
      }),
  },
  {
    name: 'the trust policy wants another external id',
    cause: 'external-id-mismatch',
    part: 'external id',
    on: BY_ROLE,
    breakIt: (setup, random) =>
      edit(reader(setup).trust!.document, 'Partners', {
        Condition: {
          StringEquals: { 'sts:ExternalId': random.pick(['acme-7f3b', 'globex-1', 'ACME-7f3a']) },
        },
      }),
  },
  {
    name: 'the call passes no external id',
    cause: 'external-id-mismatch',
    part: 'external id',
    on: BY_ROLE,
    breakIt: ({ call }) => {
      delete (call.via.at(-1) as { input?: unknown }).input;
    },
  },
  {
    name: 'the trust policy wants a second factor',
    cause: 'mfa-required',
    part: 'trust condition',
    on: ['role'],
    breakIt: (setup, random) =>
      edit(reader(setup).trust!.document, 'Partners', (statement) => ({
        ...statement,
        Condition: {
          ...statement.Condition,
          ...random.pick<NonNullable<Statement['Condition']>>([
            { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
            { NumericLessThan: { 'aws:MultiFactorAuthAge': '3600' } },
          ]),
        },
      })),
  },
  {
    name: 'the role is gone',
    cause: 'role-not-found',
    part: 'role',
    on: BY_ROLE,
    unfixable: true,
    breakIt: (setup) => {
      delete data(setup).principals[READER];
    },
  },
  {
    name: 'the name of the role is misspelt',
    cause: 'role-not-found',
    part: 'role',
    on: BY_ROLE,
    breakIt: ({ call }, random) => {
      const last = call.via.at(-1)!;
      const roleArn = random.pick([
        `arn:aws:iam::${DATA}:role/reports-reader`,
        READER.replace('reports', 'report'),
        READER.replace('readers/', ''),
      ]);
      call.via = [...call.via.slice(0, -1), { ...last, roleArn }];
    },
  },
  {
    name: 'the user was deleted and made again, and the role trusts the old one',
    cause: 'stale-principal',
    part: 'trust',
    on: ['role'],
    breakIt: (setup) => recreate(setup),
  },
  {
    name: 'the session is to last longer than the role lets it',
    cause: 'session-duration',
    part: 'duration',
    on: ['role'],
    breakIt: ({ call }, random) => duration(call, random.pick([7200, 43_200])),
  },
  {
    name: 'a chained session is to last longer than an hour',
    cause: 'session-duration',
    part: 'duration',
    on: ['chain'],
    breakIt: ({ call }, random) => duration(call, random.pick([3601, 7200])),
  },
  {
    name: 'STS is off in the region for the owner of the role',
    cause: 'sts-region-disabled',
    part: 'sts region',
    on: ['role'],
    evidence: true,
    breakIt: ({ call, facts }) => {
      call.stsRegion = 'ap-east-1';
      facts.stsDisabled = { account: DATA, region: 'ap-east-1' };
    },
  },
  // The owner's policy of the bucket.
  {
    name: 'the bucket policy has nothing for the objects',
    cause: 'resource-policy-missing-allow',
    part: 'bucket policy',
    on: DIRECT,
    breakIt: (setup) => drop(bucketOf(setup).policy!.document, 'Reports'),
  },
  {
    name: 'the bucket policy names somebody else',
    cause: 'resource-policy-missing-allow',
    part: 'bucket policy',
    on: DIRECT,
    breakIt: (setup, random) =>
      edit(bucketOf(setup).policy!.document, 'Reports', {
        Principal: { AWS: random.pick([`arn:aws:iam::${OUTSIDE}:root`, HOP, `arn:aws:iam::${DATA}:root`]) },
      }),
  },
  {
    name: 'the bucket policy is about other keys, or the bucket itself',
    cause: 'resource-policy-missing-allow',
    part: 'bucket policy',
    on: DIRECT,
    breakIt: (setup, random) =>
      edit(bucketOf(setup).policy!.document, 'Reports', {
        Resource: random.pick([
          `${BUCKET_ARN}/archive/*`,
          `${BUCKET_ARN}/Reports/*`,
          `${BUCKET_ARN}/report/*`,
        ]),
      }),
  },
  {
    name: 'the bucket policy allows other actions',
    cause: 'resource-policy-missing-allow',
    part: 'bucket policy',
    on: DIRECT,
    breakIt: (setup) =>
      edit(bucketOf(setup).policy!.document, 'Reports', { Action: ['s3:PutObject', 's3:GetObjectTagging'] }),
  },
  {
    name: 'the bucket policy has a condition that is not met',
    cause: 'resource-policy-missing-allow',
    part: 'bucket policy',
    on: DIRECT,
    breakIt: (setup, random) =>
      edit(bucketOf(setup).policy!.document, 'Reports', {
        Condition: random.pick<NonNullable<Statement['Condition']>>([
          { StringEquals: { 'aws:PrincipalOrgID': 'o-another0000' } },
          { StringEquals: { 'aws:SourceVpce': 'vpce-open' } },
          { DateLessThan: { 'aws:CurrentTime': '2026-01-01T00:00:00Z' } },
          { StringEquals: { 'aws:PrincipalTag/team': 'reports' } },
        ]),
      }),
  },
  {
    name: 'the bucket policy lets another network in',
    cause: 'resource-policy-missing-allow',
    part: 'bucket policy',
    on: DIRECT,
    onPaper: true,
    breakIt: (setup) =>
      edit(bucketOf(setup).policy!.document, 'Reports', {
        Condition: { IpAddress: { 'aws:SourceIp': '198.51.100.0/24' } },
      }),
  },
  {
    name: 'the bucket policy denies the caller',
    cause: 'resource-policy-explicit-deny',
    part: 'bucket deny',
    breakIt: (setup, random) =>
      add(
        bucketOf(setup).policy!.document,
        deny({
          Principal: { AWS: worker(setup).arn },
          Action: random.pick(['s3:GetObject', 's3:*', 's3:Get*', ['s3:GetObject', 's3:PutObject']]),
          Resource: random.pick([OBJECT_ARN, `${BUCKET_ARN}/*`, `${BUCKET_ARN}/reports/*`]),
        }),
      ),
  },
  {
    name: 'the bucket policy denies everybody',
    cause: 'resource-policy-explicit-deny',
    part: 'bucket deny',
    breakIt: (setup, random) =>
      add(
        bucketOf(setup).policy!.document,
        deny({
          Principal: '*',
          Action: random.pick(['s3:GetObject', 's3:*Object', 's3:*']),
          Resource: random.pick([OBJECT_ARN, `${BUCKET_ARN}/*`]),
        }),
      ),
  },
  {
    name: 'the bucket policy denies all but a VPC endpoint',
    cause: 'resource-policy-explicit-deny',
    part: 'bucket deny',
    breakIt: (setup) =>
      add(
        bucketOf(setup).policy!.document,
        deny({
          Principal: '*',
          Action: 's3:*',
          Resource: `${BUCKET_ARN}/*`,
          Condition: { StringNotEquals: { 'aws:SourceVpce': 'vpce-open' } },
        }),
      ),
  },
  {
    name: 'the bucket policy denies all but another organization',
    cause: 'resource-policy-explicit-deny',
    part: 'bucket deny',
    breakIt: (setup) =>
      add(
        bucketOf(setup).policy!.document,
        deny({
          Principal: '*',
          Action: 's3:*',
          Resource: `${BUCKET_ARN}/*`,
          Condition: { StringNotEquals: { 'aws:PrincipalOrgID': 'o-another0000' } },
        }),
      ),
  },
  {
    name: 'the bucket policy denies all but somebody else',
    cause: 'resource-policy-explicit-deny',
    part: 'bucket deny',
    on: DIRECT,
    breakIt: (setup) =>
      add(bucketOf(setup).policy!.document, {
        Sid: 'Broken',
        Effect: 'Deny',
        NotPrincipal: { AWS: [HOP, `arn:aws:iam::${APP}:root`] },
        Action: 's3:GetObject',
        Resource: `${BUCKET_ARN}/*`,
      }),
  },
  {
    name: 'the bucket policy denies writes that are not encrypted by a key of its own',
    cause: 'resource-policy-explicit-deny',
    part: 'operation',
    on: BY_BUCKET,
    breakIt: (setup) => {
      setup.call.operation = 'PutObject';
      add(
        bucketOf(setup).policy!.document,
        deny({
          Principal: '*',
          Action: 's3:PutObject',
          Resource: `${BUCKET_ARN}/*`,
          Condition: { StringNotEquals: { 's3:x-amz-server-side-encryption': 'aws:kms' } },
        }),
      );
    },
  },
  {
    name: 'the whole bucket is listed, and the bucket policy lets a prefix be',
    cause: 'resource-policy-missing-allow',
    part: 'operation',
    on: DIRECT,
    breakIt: ({ call }) => {
      call.operation = 'ListObjectsV2';
      call.input = { Bucket: call.input['Bucket'] };
    },
  },
  {
    name: 'the whole bucket is listed, and the role may list a prefix',
    cause: 'identity-policy-missing-allow',
    part: 'operation',
    on: BY_ROLE,
    breakIt: ({ call }) => {
      call.operation = 'ListObjectsV2';
      call.input = { Bucket: call.input['Bucket'] };
    },
  },
  {
    name: 'the user was deleted and made again, and the bucket policy names the old one',
    cause: 'stale-principal',
    part: 'bucket policy',
    on: BY_BUCKET,
    breakIt: (setup) => recreate(setup),
  },
  // The organization.
  {
    name: 'an SCP denies it to the account of the caller',
    cause: 'scp-explicit-deny',
    part: 'app scp',
    on: DIRECT,
    apart: false,
    breakIt: (setup, random) =>
      control(
        setup,
        'app-guard',
        deny({
          Action: random.pick(['s3:GetObject', 's3:*']),
          Resource: random.pick(['*', `${BUCKET_ARN}/*`]),
        }),
      ),
  },
  {
    name: 'an SCP denies the role to the account of the caller',
    cause: 'scp-explicit-deny',
    part: 'app scp',
    on: BY_ROLE,
    apart: false,
    breakIt: (setup) =>
      control(
        setup,
        'app-guard',
        deny({ Action: 'sts:AssumeRole', Resource: `arn:aws:iam::${DATA}:role/*` }),
      ),
  },
  {
    name: 'an SCP denies it to the account of the owner',
    cause: 'scp-explicit-deny',
    part: 'data scp',
    on: BY_ROLE,
    breakIt: (setup) => control(setup, 'data-guard', deny({ Action: 's3:GetObject' })),
  },
  {
    name: 'the SCPs of the unit allow other services only',
    cause: 'scp-missing-allow',
    part: 'app scp',
    on: DIRECT,
    apart: false,
    breakIt: (setup) => allowList(setup, APP, 'app-guard'),
  },
  {
    name: 'the SCPs of the unit of the owner allow other services only',
    cause: 'scp-missing-allow',
    part: 'data scp',
    on: BY_ROLE,
    breakIt: (setup) => allowList(setup, DATA, 'data-guard'),
  },
  {
    name: 'an RCP keeps outsiders out of the buckets',
    cause: 'rcp-explicit-deny',
    part: 'rcp',
    on: DIRECT,
    breakIt: (setup, random) =>
      control(
        setup,
        'data-perimeter',
        deny({
          Principal: '*',
          Action: random.pick(['s3:*', 's3:GetObject']),
          Condition: { StringNotEquals: { 'aws:PrincipalAccount': DATA } },
        }),
      ),
  },
  {
    name: 'an RCP denies it to everybody',
    cause: 'rcp-explicit-deny',
    part: 'rcp',
    breakIt: (setup) =>
      control(
        setup,
        'data-perimeter',
        deny({ Principal: '*', Action: 's3:GetObject', Resource: `${BUCKET_ARN}/reports/*` }),
      ),
  },
  {
    name: 'an RCP keeps outsiders out of the roles',
    cause: 'rcp-explicit-deny',
    part: 'rcp',
    on: BY_ROLE,
    breakIt: (setup) =>
      control(
        setup,
        'data-perimeter',
        deny({
          Principal: '*',
          Action: 'sts:AssumeRole',
          Condition: { StringNotEquals: { 'aws:PrincipalAccount': DATA } },
        }),
      ),
  },
  // The way through the network.
  {
    name: 'the VPC endpoint is for another bucket',
    cause: 'vpc-endpoint-policy-missing-allow',
    part: 'endpoint',
    onPaper: true,
    breakIt: ({ call }) => {
      call.endpoint = 'vpce-narrow';
    },
  },
  {
    name: 'the VPC endpoint denies it',
    cause: 'vpc-endpoint-policy-explicit-deny',
    part: 'endpoint',
    onPaper: true,
    breakIt: ({ call }) => {
      call.endpoint = 'vpce-closed';
    },
  },
  // The access point.
  {
    name: 'the access point has no policy',
    cause: 'access-point-policy-missing-allow',
    part: 'point',
    on: ['access-point'],
    breakIt: (setup) => {
      delete data(setup).accessPoints![POINT]!.policy;
    },
  },
  {
    name: 'the access point is about other keys, or for somebody else',
    cause: 'access-point-policy-missing-allow',
    part: 'point',
    on: ['access-point'],
    breakIt: (setup, random) =>
      edit(
        data(setup).accessPoints![POINT]!.policy!.document,
        'Reports',
        random.pick<Partial<Statement>>([
          { Resource: `${POINT}/object/archive/*` },
          { Principal: { AWS: HOP } },
          { Action: 's3:PutObject' },
        ]),
      ),
  },
  {
    name: 'the access point denies it',
    cause: 'access-point-policy-explicit-deny',
    part: 'point deny',
    on: ['access-point'],
    breakIt: (setup, random) =>
      add(
        data(setup).accessPoints![POINT]!.policy!.document,
        deny({
          Principal: random.pick<NonNullable<Statement['Principal']>>(['*', { AWS: SERVICE }]),
          Resource: `${POINT}/object/*`,
        }),
      ),
  },
  // Settings of the bucket.
  {
    name: 'the policy has become public, and Block Public Access of the bucket shuts others out',
    cause: 'public-access-block',
    part: 'public',
    on: BY_BUCKET,
    breakIt: (setup) => add(bucketOf(setup).policy!.document, publicStatement()),
  },
  {
    name: 'the policy has become public, and Block Public Access of the account shuts others out',
    cause: 'public-access-block',
    part: 'public',
    on: BY_BUCKET,
    breakIt: (setup) => {
      add(bucketOf(setup).policy!.document, publicStatement());
      bucketOf(setup).publicAccessBlock = {
        BlockPublicAcls: false,
        IgnorePublicAcls: false,
        BlockPublicPolicy: false,
        RestrictPublicBuckets: false,
      };
      data(setup).publicAccessBlock = {
        BlockPublicAcls: false,
        IgnorePublicAcls: false,
        BlockPublicPolicy: false,
        RestrictPublicBuckets: true,
      };
    },
  },
  {
    name: 'the object belongs to another account that wrote it',
    cause: 'object-ownership',
    part: 'ownership',
    on: BY_BUCKET,
    breakIt: (setup) => {
      bucketOf(setup).ownership = 'ObjectWriter';
      add(bucketOf(setup).policy!.document, {
        Sid: 'Writers',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${OUTSIDE}:root` },
        Action: 's3:PutObject',
        Resource: `${BUCKET_ARN}/foreign/*`,
      });
      edit(bucketOf(setup).policy!.document, 'Reports', {
        Resource: [`${BUCKET_ARN}/reports/*`, `${BUCKET_ARN}/foreign/*`],
      });
      edit(own(service(setup)), 'Objects', {
        Resource: [`${BUCKET_ARN}/reports/*`, `${BUCKET_ARN}/foreign/*`],
      });
      delete (bucketOf(setup) as { encryption?: unknown }).encryption;
      setup.foreign = ['foreign/theirs.csv'];
      setup.call.input = { ...setup.call.input, Key: 'foreign/theirs.csv' };
    },
  },
  {
    name: 'a write sets an ACL where ACLs are disabled',
    cause: 'acl-not-supported',
    part: 'operation',
    on: BY_BUCKET,
    breakIt: (setup, random) => {
      setup.call.operation = 'PutObject';
      setup.call.input = {
        ...setup.call.input,
        ACL: random.pick(['private', 'authenticated-read', 'bucket-owner-read']),
      };
      for (const document of [own(service(setup)), bucketOf(setup).policy!.document])
        edit(document, document === own(service(setup)) ? 'Objects' : 'Reports', (statement) => ({
          ...statement,
          Action: [...(statement.Action as string[]), 's3:PutObjectAcl'],
        }));
    },
  },
  {
    name: 'the requester is to pay, and does not say that it will',
    cause: 'requester-pays',
    part: 'payment',
    on: BY_BUCKET,
    breakIt: (setup) => {
      bucketOf(setup).requesterPays = true;
    },
  },
  {
    name: 'the call expects another owner of the bucket',
    cause: 'expected-owner-mismatch',
    part: 'owner',
    on: ['bucket-policy', 'role', 'chain'],
    breakIt: ({ call }, random) => {
      call.input = { ...call.input, ExpectedBucketOwner: random.pick([OUTSIDE, APP]) };
    },
  },
  {
    name: 'the version is retained in compliance mode',
    cause: 'object-lock',
    part: 'operation',
    on: BY_BUCKET,
    unfixable: true,
    breakIt: (setup) => lock(setup, { mode: 'COMPLIANCE', until: '2027-01-01T00:00:00.000Z' }),
  },
  {
    name: 'the version is retained in governance mode',
    cause: 'object-lock',
    part: 'operation',
    on: BY_BUCKET,
    breakIt: (setup) => {
      lock(setup, { mode: 'GOVERNANCE', until: '2027-01-01T00:00:00.000Z' });
      for (const [document, sid] of [
        [own(service(setup)), 'Objects'],
        [bucketOf(setup).policy!.document, 'Reports'],
      ] as const)
        edit(document, sid, (statement) => ({
          ...statement,
          Action: [...(statement.Action as string[]), 's3:BypassGovernanceRetention'],
        }));
    },
  },
  {
    name: 'a legal hold is on the version',
    cause: 'object-lock',
    part: 'operation',
    on: BY_BUCKET,
    unfixable: true,
    breakIt: (setup) => lock(setup, { legalHold: true }),
  },
  // The key.
  {
    name: 'the key policy does not name the caller',
    cause: 'kms-key-policy',
    part: 'key policy',
    on: DIRECT,
    breakIt: (setup, random) =>
      edit(
        keyOf(setup).policy.document,
        'Reports',
        random.pick<Partial<Statement>>([
          { Principal: { AWS: HOP } },
          { Action: 'kms:DescribeKey' },
          { Condition: { StringEquals: { 'kms:ViaService': 's3.eu-west-1.amazonaws.com' } } },
        ]),
      ),
  },
  {
    name: 'the key policy no longer leaves it to the account',
    cause: 'kms-key-policy',
    part: 'key policy',
    on: BY_ROLE,
    breakIt: (setup) =>
      edit(keyOf(setup).policy.document, 'Delegate', {
        Action: [
          'kms:Describe*',
          'kms:Get*',
          'kms:List*',
          'kms:Put*',
          'kms:Enable*',
          'kms:Disable*',
          'kms:Schedule*',
          'kms:Cancel*',
          'kms:GenerateDataKey',
        ],
      }),
  },
  {
    name: 'the key policy denies it',
    cause: 'kms-key-policy',
    part: 'key deny',
    breakIt: (setup, random) =>
      add(keyOf(setup).policy.document, {
        Sid: 'Broken',
        Effect: 'Deny',
        Principal: random.pick<NonNullable<Statement['Principal']>>(['*', { AWS: worker(setup).arn }]),
        Action: ['kms:Decrypt'],
        Resource: '*',
      }),
  },
  {
    name: 'the caller may not use the key',
    cause: 'kms-identity-policy',
    part: 'own key',
    on: DIRECT,
    breakIt: (setup, random) =>
      edit(
        own(worker(setup)),
        'Key',
        random.pick<Partial<Statement>>([
          { Action: 'kms:DescribeKey' },
          { Resource: `arn:aws:kms:us-east-1:${OUTSIDE}:key/*` },
        ]),
      ),
  },
  {
    name: 'the key is disabled',
    cause: 'kms-key-unavailable',
    part: 'key state',
    breakIt: (setup) => {
      keyOf(setup).state = 'Disabled';
    },
  },
  {
    name: 'the key is to be deleted',
    cause: 'kms-key-unavailable',
    part: 'key state',
    breakIt: (setup) => {
      keyOf(setup).state = 'PendingDeletion';
    },
  },
  // What is not there, or not where it is looked for.
  {
    name: 'the name of the bucket is misspelt',
    cause: 'no-such-bucket',
    part: 'bucket name',
    on: ['bucket-policy', 'role', 'chain'],
    breakIt: ({ call, facts }) => {
      call.input = { ...call.input, Bucket: 'acme-report' };
      facts.bucketMissing = true;
    },
  },
  {
    name: 'the key is not there',
    cause: 'no-such-key',
    part: 'object',
    unfixable: true,
    breakIt: (setup) => {
      missing(setup);
      for (const document of [
        own(worker(setup)),
        bucketOf(setup).policy!.document,
        data(setup).accessPoints![POINT]!.policy!.document,
      ])
        for (const sid of ['List', 'ListReports', 'ListPoint']) edit(document, sid, withoutCondition);
    },
  },
  {
    name: 'the key is not there, and the caller may not list',
    cause: 'missing-list-permission',
    part: 'object',
    unfixable: true,
    breakIt: (setup) => missing(setup),
  },
  {
    name: 'the client is for another region',
    cause: 'wrong-region',
    part: 'region',
    on: ['bucket-policy', 'role', 'chain'],
    breakIt: ({ call }, random) => {
      call.region = random.pick(['eu-west-1', 'us-west-2']);
    },
  },
  // The credentials.
  {
    name: 'the session has expired',
    cause: 'credentials-expired',
    part: 'credentials',
    on: ['role'],
    evidence: true,
    unfixable: true,
    breakIt: ({ call, facts }) => {
      call.credentials = 'expired';
      facts.credentials = { code: 'credentials-expired', detail: 'the session has expired' };
    },
  },
  {
    name: 'the access key is not known',
    cause: 'credentials-invalid',
    part: 'credentials',
    evidence: true,
    unfixable: true,
    breakIt: ({ call, facts }) => {
      call.credentials = 'unknown-key';
      facts.credentials = { code: 'credentials-invalid', detail: 'AWS does not take the credentials' };
    },
  },
  {
    name: 'the secret key is wrong',
    cause: 'credentials-invalid',
    part: 'credentials',
    evidence: true,
    unfixable: true,
    breakIt: ({ call, facts }) => {
      call.credentials = 'wrong-secret';
      facts.credentials = { code: 'credentials-invalid', detail: 'AWS does not take the credentials' };
    },
  },
  {
    name: 'the clock is wrong',
    cause: 'clock-skew',
    part: 'credentials',
    evidence: true,
    unfixable: true,
    breakIt: ({ call, facts }) => {
      call.credentials = 'skewed';
      facts.credentials = { code: 'clock-skew', detail: 'the clock of the caller is wrong' };
    },
  },
];

function session({ call }: Setup, ...Statement: Statement[]): void {
  const last = call.via.at(-1)!;
  call.via = [
    ...call.via.slice(0, -1),
    { ...last, input: { ...last.input, Policy: JSON.stringify(policy(...Statement)) } },
  ];
}

function duration(call: Setup['call'], DurationSeconds: number): void {
  const last = call.via.at(-1)!;
  call.via = [...call.via.slice(0, -1), { ...last, input: { ...last.input, DurationSeconds } }];
}

/** Documents name the user by the id of the one who is gone. */
function recreate(setup: Setup): void {
  const { uniqueId } = service(setup);
  setup.recreated = [SERVICE];
  service(setup).uniqueId = 'AIDANEWSERVICE000000';
  const old = (statement: Statement): Statement => {
    const { Principal } = statement;
    if (Principal === undefined || Principal === '*') return statement;
    const AWS = [Principal.AWS ?? []].flat().map((name) => (name === SERVICE ? uniqueId : name));
    return { ...statement, Principal: { ...Principal, AWS: AWS.length === 1 ? AWS[0]! : AWS } };
  };
  const documents = [
    bucketOf(setup).policy!.document,
    reader(setup).trust!.document,
    app(setup).principals[HOP]!.trust!.document,
    keyOf(setup).policy.document,
    data(setup).accessPoints![POINT]!.policy!.document,
  ];
  for (const document of documents) document.Statement = statements(document).map(old);
}

function control({ world }: Setup, name: keyof typeof CONTROLS, statement: Statement): void {
  for (const member of Object.values(world.organization!.accounts))
    for (const level of [...member.serviceControl, ...member.resourceControl])
      for (const one of level)
        if (one.name === name) one.document = policy(...statements(CONTROLS[name]), statement);
}

/** In place of FullAWSAccess, a list of what may be allowed. */
function allowList({ world }: Setup, account: string, name: keyof typeof CONTROLS): void {
  const member = world.organization!.accounts[account]!;
  member.serviceControl = member.serviceControl.map((level, index) =>
    index === 1 ? level.filter((one) => one.name !== 'FullAWSAccess') : level,
  );
  for (const one of member.serviceControl[1]!)
    if (one.name === name)
      one.document = policy({
        Sid: 'List',
        Effect: 'Allow',
        Action: ['kms:*', 'sts:*', 'iam:*'],
        Resource: '*',
      });
}

const publicStatement = (): Statement => ({
  Sid: 'Public',
  Effect: 'Allow',
  Principal: '*',
  Action: 's3:GetObject',
  Resource: `${BUCKET_ARN}/public/*`,
});

function withoutCondition(statement: Statement): Statement {
  const { Condition: _, ...rest } = statement;
  return rest;
}

function missing({ call, facts }: Setup): void {
  call.input = { ...call.input, Key: 'reports/nothing.csv' };
  facts.objectMissing = true;
}

/** The routes that a way breaks. */
export const routesOf = ({ on }: Way): readonly RouteKind[] => on ?? ROUTES;
