import type {
  AccountSnapshot,
  EndpointSnapshot,
  NamedPolicy,
  PolicyDocument,
  Statement,
  World,
} from '@crossbucket/policy';
import type { Facts, Situation } from '../../packages/crossbucket/src/explain/core/situation.ts';
import { pathOf, type RoleStep } from '../../packages/crossbucket/src/explain/question/path.ts';

export const [MANAGEMENT, APP, DATA, OUTSIDE] = [
  '999999999999',
  '111111111111',
  '222222222222',
  '333333333333',
] as const;
export const BUCKET = 'acme-reports';
export const KEY = 'reports/q1.csv';
/** Encrypted with the key that AWS manages for the owner. */
export const MANAGED_KEY = 'reports/managed.csv';
export const EXTERNAL_ID = 'acme-7f3a';
export const SERVICE = `arn:aws:iam::${APP}:user/service`;
export const HOP = `arn:aws:iam::${APP}:role/hop`;
export const READER = `arn:aws:iam::${DATA}:role/readers/reports-reader`;
export const POINT = `arn:aws:s3:us-east-1:${DATA}:accesspoint/reports-ap`;
export const BUCKET_ARN = `arn:aws:s3:::${BUCKET}`;
export const OBJECT_ARN = `${BUCKET_ARN}/${KEY}`;

/** Ways through: a policy of the bucket, a role of the owner, two roles, an access point. */
export const ROUTES = ['bucket-policy', 'role', 'chain', 'access-point'] as const;
export type RouteKind = (typeof ROUTES)[number];

/** What the sandbox made up, or stands for it on paper. */
export interface Names {
  key: string;
  /** The key that AWS manages for S3 in the owner's account. */
  managed: { arn: string; policy: PolicyDocument };
  organization: string;
  /** ARNs of the SCPs and the RCP, by their names. */
  controls: Readonly<Record<string, string>>;
  ids: Readonly<Record<string, string>>;
  canonical: Readonly<Record<string, string>>;
  paths: Readonly<Record<string, string>>;
  /** ISO 8601. */
  now: string;
}

export const ON_PAPER: Names = {
  now: '2026-06-01T12:00:00.000Z',
  key: `arn:aws:kms:us-east-1:${DATA}:key/1b2c3d4e-0000-4000-8000-000000000000`,
  managed: {
    arn: `arn:aws:kms:us-east-1:${DATA}:key/5f6a7b8c-0000-4000-8000-000000000000`,
    policy: { Version: '2012-10-17', Statement: [] },
  },
  organization: 'o-acme00000000',
  controls: {},
  ids: { [SERVICE]: 'AIDASERVICE000000000', [HOP]: 'AROAHOP0000000000000', [READER]: 'AROAREADER0000000000' },
  canonical: {},
  paths: {
    [APP]: 'o-acme00000000/r-acme/ou-acme-apps0000/',
    [DATA]: 'o-acme00000000/r-acme/ou-acme-data0000/',
  },
};

/** A call that works, and everything that it takes: what is broken on purpose. */
export interface Setup {
  kind: RouteKind;
  now: string;
  world: World;
  call: {
    operation: string;
    input: Record<string, unknown>;
    /** Each AssumeRole before it. */
    via: RoleStep[];
    /** VPC endpoint that the calls go through. */
    endpoint?: string;
    region: string;
    stsRegion: string;
    /** What is wrong with the credentials. */
    credentials?: 'expired' | 'unknown-key' | 'wrong-secret' | 'skewed' | 'inactive' | 'no-token';
  };
  facts: Pick<Facts, 'bucketMissing' | 'objectMissing' | 'lock' | 'credentials' | 'stsDisabled'>;
  /** Principals that are deleted and made again, whose names in documents are then ids of nobody. */
  recreated: string[];
  /** Keys of objects that another account writes. */
  foreign: string[];
  /** Tags of the object that is read. */
  tags: Record<string, string>;
}

export const policy = (...Statement: Statement[]): PolicyDocument => ({ Version: '2012-10-17', Statement });

const named = (name: string, document: PolicyDocument, arn?: string): NamedPolicy => ({
  name,
  document,
  ...(arn !== undefined && { arn }),
});

export const boundaryArn = (account: string, name: string): string =>
  `arn:aws:iam::${account}:policy/${name}`;

const OBJECTS = ['s3:GetObject', 's3:PutObject', 's3:DeleteObjectVersion'];

/** What the reports take, on the bucket or through the access point. */
function access(bucket: string, objects: string, key: string): Statement[] {
  return [
    { Sid: 'Objects', Effect: 'Allow', Action: OBJECTS, Resource: `${objects}/reports/*` },
    {
      Sid: 'List',
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: bucket,
      Condition: { StringLike: { 's3:prefix': ['reports/*'] } },
    },
    { Sid: 'Key', Effect: 'Allow', Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: key },
  ];
}

const LIMITS = policy({ Sid: 'Limits', Effect: 'Allow', Action: ['s3:*', 'kms:*', 'sts:*'], Resource: '*' });

const FULL_ACCESS = policy({ Effect: 'Allow', Action: '*', Resource: '*' });

export const SCPS = ['app-guard', 'data-guard'] as const;
export const RCPS = ['data-perimeter'] as const;

/** What guards each account in the setup that works: something else than the reports. */
export const CONTROLS: Record<(typeof SCPS | typeof RCPS)[number], PolicyDocument> = {
  'app-guard': policy({ Sid: 'NoAliases', Effect: 'Deny', Action: 'iam:CreateAccountAlias', Resource: '*' }),
  'data-guard': policy({
    Sid: 'NoReplicas',
    Effect: 'Deny',
    Action: 'kms:ReplicateKey',
    Resource: '*',
  }),
  'data-perimeter': policy({
    Sid: 'NoAnonymous',
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:PutBucketAcl',
    Resource: '*',
  }),
};

const everyone = { Principal: '*' as const };

/** Endpoints of the sandbox's config: what does not change while it runs. */
export const ENDPOINTS: Readonly<Record<string, PolicyDocument>> = {
  'vpce-storage': policy({ Sid: 'Storage', Effect: 'Allow', ...everyone, Action: 's3:*', Resource: '*' }),
  'vpce-own': policy({
    Sid: 'OwnBuckets',
    Effect: 'Allow',
    ...everyone,
    Action: '*',
    Resource: '*',
    Condition: { StringEquals: { 'aws:ResourceAccount': APP } },
  }),
  'vpce-open': policy({ Effect: 'Allow', ...everyone, Action: '*', Resource: '*' }),
  'vpce-narrow': policy(
    { Sid: 'Sessions', Effect: 'Allow', ...everyone, Action: 'sts:*', Resource: '*' },
    { Sid: 'Archive', Effect: 'Allow', ...everyone, Action: 's3:*', Resource: 'arn:aws:s3:::acme-archive/*' },
  ),
  'vpce-closed': policy(
    { Sid: 'Open', Effect: 'Allow', ...everyone, Action: '*', Resource: '*' },
    { Sid: 'NoReports', Effect: 'Deny', ...everyone, Action: 's3:*', Resource: `${BUCKET_ARN}/reports/*` },
  ),
};

export const endpointSnapshots = (): Record<string, EndpointSnapshot> =>
  Object.fromEntries(
    Object.entries(ENDPOINTS).map(([id, document]) => [
      id,
      { id, vpc: 'vpc-1', policy: named(`endpoint policy of ${id}`, document) },
    ]),
  );

export interface SetupOptions {
  names?: Names;
  /** Whether the two accounts are of one organization: then AWS says why it denies. */
  together?: boolean;
}

/** The setup that works, by one of the routes. */
export function workingSetup(
  kind: RouteKind,
  { names = ON_PAPER, together = true }: SetupOptions = {},
): Setup {
  const through = kind === 'access-point' ? POINT : BUCKET;
  return {
    kind,
    now: names.now,
    // Documents are broken in place: nothing is shared.
    world: structuredClone(worldOf(names, together)),
    call: {
      operation: 'GetObject',
      input: { Bucket: through, Key: KEY },
      via: viaOf(kind),
      region: 'us-east-1',
      stsRegion: 'us-east-1',
    },
    facts: {},
    recreated: [],
    foreign: [],
    tags: {},
  };
}

function viaOf(kind: RouteKind): RoleStep[] {
  const reader = { roleArn: READER, input: { ExternalId: EXTERNAL_ID } };
  if (kind === 'role') return [reader];
  return kind === 'chain' ? [{ roleArn: HOP, input: {} }, reader] : [];
}

function worldOf(names: Names, together: boolean): World {
  const { controls } = names;
  const control = (name: keyof typeof CONTROLS) => named(name, CONTROLS[name], controls[name]);
  const full = () =>
    named(
      'FullAWSAccess',
      FULL_ACCESS,
      'arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess',
    );
  const rcpFull = () =>
    named(
      'RCPFullAWSAccess',
      policy({ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }),
      'arn:aws:organizations::aws:policy/resource_control_policy/p-RCPFullAWSAccess',
    );
  const member = (id: string, scp: keyof typeof CONTROLS, rcp?: keyof typeof CONTROLS) => ({
    path: names.paths[id]!,
    serviceControl: [[full()], [full(), control(scp)], [full()]],
    resourceControl: [[rcpFull()], rcp === undefined ? [rcpFull()] : [rcpFull(), control(rcp)], [rcpFull()]],
  });
  return {
    accounts: { [APP]: appOf(names), [DATA]: dataOf(names) },
    organization: {
      id: names.organization,
      managementAccount: MANAGEMENT,
      accounts: {
        ...(together && { [APP]: member(APP, 'app-guard') }),
        [DATA]: member(DATA, 'data-guard', 'data-perimeter'),
      },
    },
    endpoints: endpointSnapshots(),
  };
}

function appOf({ key, ids, canonical }: Names): AccountSnapshot {
  const own = policy(
    { Sid: 'Roles', Effect: 'Allow', Action: 'sts:AssumeRole', Resource: [HOP, READER] },
    ...access(BUCKET_ARN, BUCKET_ARN, key),
    { Sid: 'Point', Effect: 'Allow', Action: OBJECTS, Resource: `${POINT}/object/reports/*` },
    {
      Sid: 'ListPoint',
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: POINT,
      Condition: { StringLike: { 's3:prefix': ['reports/*'] } },
    },
  );
  return {
    id: APP,
    ...(canonical[APP] !== undefined && { canonicalId: canonical[APP] }),
    principals: {
      [SERVICE]: {
        kind: 'user',
        arn: SERVICE,
        uniqueId: ids[SERVICE]!,
        policies: [named('access', own)],
        boundary: named('service-boundary', LIMITS, boundaryArn(APP, 'service-boundary')),
      },
      [HOP]: {
        kind: 'role',
        arn: HOP,
        uniqueId: ids[HOP]!,
        policies: [
          named(
            'access',
            policy({ Sid: 'Roles', Effect: 'Allow', Action: 'sts:AssumeRole', Resource: READER }),
          ),
        ],
        trust: named(
          'trust policy of hop',
          policy({ Sid: 'Service', Effect: 'Allow', Principal: { AWS: SERVICE }, Action: 'sts:AssumeRole' }),
        ),
        maxSessionDuration: 3600,
      },
    },
    buckets: {},
    keys: {},
    accessPoints: {},
  };
}

function dataOf({ ids, canonical, key, managed }: Names): AccountSnapshot {
  return {
    id: DATA,
    ...(canonical[DATA] !== undefined && { canonicalId: canonical[DATA] }),
    principals: {
      [READER]: {
        kind: 'role',
        arn: READER,
        uniqueId: ids[READER]!,
        policies: [named('access', policy(...access(BUCKET_ARN, BUCKET_ARN, key)))],
        boundary: named('reader-boundary', LIMITS, boundaryArn(DATA, 'reader-boundary')),
        trust: named(
          'trust policy of reports-reader',
          policy({
            Sid: 'Partners',
            Effect: 'Allow',
            Principal: { AWS: [SERVICE, HOP] },
            Action: 'sts:AssumeRole',
            Condition: { StringEquals: { 'sts:ExternalId': EXTERNAL_ID } },
          }),
        ),
        maxSessionDuration: 3600,
      },
    },
    buckets: {
      [BUCKET]: {
        name: BUCKET,
        region: 'us-east-1',
        ownership: 'BucketOwnerEnforced',
        policy: named(`bucket policy of ${BUCKET}`, bucketPolicy()),
        publicAccessBlock: {
          BlockPublicAcls: true,
          IgnorePublicAcls: true,
          BlockPublicPolicy: false,
          RestrictPublicBuckets: true,
        },
        encryption: { algorithm: 'aws:kms', key, bucketKey: true },
      },
    },
    keys: {
      [key]: {
        arn: key,
        managedBy: 'CUSTOMER',
        state: 'Enabled',
        aliases: [],
        policy: named(`key policy of ${key.split('/').at(-1)!}`, keyPolicy()),
      },
      [managed.arn]: {
        arn: managed.arn,
        managedBy: 'AWS',
        state: 'Enabled',
        aliases: ['alias/aws/s3'],
        policy: named(`key policy of ${managed.arn.split('/').at(-1)!}`, managed.policy),
      },
    },
    accessPoints: {
      [POINT]: {
        arn: POINT,
        bucket: BUCKET,
        policy: named('policy of access point reports-ap', pointPolicy()),
      },
    },
  };
}

function bucketPolicy(): PolicyDocument {
  const Principal = { AWS: SERVICE };
  return policy(
    { Sid: 'Reports', Effect: 'Allow', Principal, Action: OBJECTS, Resource: `${BUCKET_ARN}/reports/*` },
    {
      Sid: 'ListReports',
      Effect: 'Allow',
      Principal,
      Action: 's3:ListBucket',
      Resource: BUCKET_ARN,
      Condition: { StringLike: { 's3:prefix': ['reports/*'] } },
    },
    {
      Sid: 'TlsOnly',
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource: [BUCKET_ARN, `${BUCKET_ARN}/*`],
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    },
  );
}

function keyPolicy(): PolicyDocument {
  return policy(
    {
      Sid: 'Delegate',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${DATA}:root` },
      Action: 'kms:*',
      Resource: '*',
    },
    {
      Sid: 'Reports',
      Effect: 'Allow',
      Principal: { AWS: SERVICE },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: '*',
      Condition: { StringEquals: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' } },
    },
  );
}

function pointPolicy(): PolicyDocument {
  const Principal = { AWS: SERVICE };
  return policy(
    { Sid: 'Reports', Effect: 'Allow', Principal, Action: OBJECTS, Resource: `${POINT}/object/reports/*` },
    { Sid: 'ListReports', Effect: 'Allow', Principal, Action: 's3:ListBucket', Resource: POINT },
  );
}

/** The setup as a question with everything read. */
export function situationOf(setup: Setup): Situation {
  const { world, call, facts, now } = setup;
  const isManaged = call.input['Key'] === MANAGED_KEY;
  const key = isManaged ? managedKeyOf(setup) : world.accounts[DATA]!.buckets[BUCKET]?.encryption?.key;
  const context = {
    'aws:UserAgent': 'aws-sdk-js',
    ...(call.endpoint === undefined
      ? { 'aws:SourceIp': '127.0.0.1' }
      : { 'aws:SourceVpce': call.endpoint, 'aws:SourceVpc': 'vpc-1', 'aws:VpcSourceIp': '127.0.0.1' }),
  };
  const path = pathOf({
    principal: SERVICE,
    via: call.via,
    operation: { service: 's3', operation: call.operation, input: call.input },
    context,
    open: false,
    now,
  });
  const last = path.calls.at(-1)!;
  const { encryption } = world.accounts[DATA]!.buckets[BUCKET]!;
  if (encryption) last.bucketEncryption = encryption;
  const isThere = facts.objectMissing !== true && typeof call.input['Key'] === 'string';
  const owner = setup.foreign.includes(String(call.input['Key'])) ? OUTSIDE : DATA;
  const object = {
    owner,
    ...(key !== undefined && { kmsKey: key, bucketKey: true }),
    ...(owner !== DATA && { acl: [] }),
    ...(Object.keys(setup.tags).length > 0 && { tags: setup.tags }),
  };
  if (call.operation === 'CopyObject') last.copySource = object;
  else if (isThere && call.operation !== 'PutObject') last.object = object;
  return { world, ...path, facts: { now, region: call.region, otherBuckets: [BUCKET], ...facts } };
}

const managedKeyOf = ({ world }: Setup): string =>
  Object.values(world.accounts[DATA]!.keys).find(({ managedBy }) => managedBy === 'AWS')!.arn;
