import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { APP, BUCKET, DATA } from '../stage.ts';
import { LOGS, OPERATOR, SERVICE, POINT, READER, type PermissionStage, type Whose } from './stage.ts';

/**
 * A row of the table: what a command is tried with. A new command gets a row here and one in
 * `packages/crossbucket/src/permissions/permissions.ts`; `permissions.test.ts` says where either is missing.
 */
export interface PermissionCase {
  /** As `permissions` knows it. */
  command: string;
  /** Whose its policies are; one for each route, where it uses a grant. */
  whose: Whose;
  /** Command lines; what is allowed has to be enough for all of them, and each of it to be needed by one. */
  runs: (stage: PermissionStage) => string[][];
  /** What is done with the output of each run; it counts as part of the answer. */
  follow?: (out: string) => Promise<string>;
  /** Exit codes that are right; 0 without any. */
  exits?: number[];
  /** Makes the accounts and files as the command finds them, before each try. */
  before?: (stage: PermissionStage) => Promise<void>;
  /** Commands whose rows it takes with its own: what these need is tried there. */
  together?: string[];
  /** Actions that another situation than these needs, and which. */
  elsewhere?: Record<string, string>;
}

const weak = (account: string, kind: string) => `arn:aws:iam::${account}:${kind}/weak`;

const GRANT = { bucket: `data/${BUCKET}`, to: 'app', principals: ['role/report-service', 'user/operator'] };
const READS = { access: { read: ['reports/*'], list: ['reports/*'] } };
const BY_ROLE = {
  ...GRANT,
  ...READS,
  name: 'by-role',
  role: { boundary: `arn:aws:iam::${DATA}:policy/common` },
};
const BY_ADOPTION = { ...GRANT, ...READS, name: 'by-adoption', role: { name: 'shared', adopt: true } };
const BY_POLICY = { ...GRANT, ...READS, name: 'by-policy', route: 'bucket-policy' };
const GRANTS = [BY_ROLE, BY_ADOPTION, BY_POLICY];

/** The same grants later, one configuration after the other: each part of a document changes once. */
const LATER = [
  [
    {
      ...BY_ROLE,
      principals: ['role/report-service'],
      access: { read: ['other/*'] },
      role: { maxSession: '2h', tags: { team: 'data' } },
    },
    BY_ADOPTION,
    { ...BY_POLICY, principals: ['user/operator'] },
  ],
  GRANTS,
  // Neither route is needed any more where it was.
  [{ ...BY_ROLE, role: undefined, route: 'bucket-policy' }, BY_ADOPTION, { ...BY_POLICY, route: 'role' }],
  [BY_ROLE, BY_ADOPTION, { ...BY_POLICY, route: 'role' }],
];

const onAccounts = (
  command: string,
  runs: PermissionCase['runs'],
  more: Partial<PermissionCase> = {},
): PermissionCase => ({
  command,
  whose: 'accounts',
  runs,
  before: async (stage) => {
    stage.configure(GRANTS);
    await stage.reset();
    stage.isApplied = false;
  },
  ...more,
});

const OBJECT = `s3://${BUCKET}/reports/q1.csv`;
const PROFILES = ['--profile', 'app-least', '--profile', 'data-least'];
// Nothing happens there, so that there is one page to read.
const LOOKUP = ['--source', 'lookup', '--region', 'eu-west-1', '--profile', 'data-least', '--json'];
const TRAIL = ['--source', `s3://${LOGS}/AWSLogs/`, '--profile', 'data-least', '--no-cache', '--json'];
const folderOf = (stage: PermissionStage, name: string) => join(stage.accounts.folder, name);
const fresh = (stage: PermissionStage, name: string): string => {
  const path = folderOf(stage, name);
  rmSync(path, { recursive: true, force: true });
  return path;
};

/** The same command through the role, and by the bucket policy. */
const use = (
  command: string,
  runs: (stage: PermissionStage) => string[][],
  more: Partial<PermissionCase> = {},
): PermissionCase[] =>
  (['role', 'bucket-policy'] as const).map((route) => ({
    command,
    whose: route,
    runs: (stage) =>
      runs(stage).map(([name, ...rest]) => [
        name!,
        '--profile',
        'app-least',
        ...(route === 'role' ? ['--role-arn', `arn:aws:iam::${DATA}:role/use`] : []),
        // A session of its own, and not the one that an earlier run has.
        ...(route === 'role' ? ['--session-name', `try-${randomBytes(6).toString('hex')}`] : []),
        ...rest,
      ]),
    ...more,
    before: async (stage) => {
      stage.configure([{ ...GRANT, ...READS, name: 'use', principals: ['user/least'], route }]);
      await more.before?.(stage);
    },
  }));

/** A folder with two files, the second of which goes in parts. */
function localFolder(stage: PermissionStage): string {
  const folder = folderOf(stage, 'local');
  if (existsSync(folder)) return folder;
  mkdirSync(folder);
  writeFileSync(join(folder, 'small.csv'), 'small');
  writeFileSync(join(folder, 'large.bin'), Buffer.alloc(6 * 1024 * 1024, 7));
  return folder;
}

const PARTS = ['--part-size', '5MiB'];

/** Two reports, something that is only in the target, and nothing else of earlier runs. */
async function putReports({ accounts }: PermissionStage): Promise<void> {
  const keeper = accounts.s3As(accounts.aws.account(DATA).users['keeper']!);
  for (const key of ['reports/q1.csv', 'reports/q2.csv', 'in/old.csv']) await accounts.putSealed(key);
  for (const Prefix of ['in/', 'copies/']) {
    const { Contents = [] } = await keeper.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix }));
    for (const { Key } of Contents)
      if (Key !== 'in/old.csv') await keeper.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }));
  }
}

const NO_MANAGEMENT = {
  'organizations:DescribeOrganization': "nobody's profile is of the management account",
};

const CUT_OFF = {
  's3:AbortMultipartUpload': 'an upload in parts fails in the middle, and is taken away',
  's3:ListMultipartUploadParts': 'an upload in parts was cut off, and goes on where it stopped',
};

/** Fixes of every kind are made, with their causes, in test/explain/apply.test.ts. */
const whenFixing = (what: string, ...actions: string[]): Record<string, string> =>
  Object.fromEntries(actions.map((action) => [action, what]));

const withConfig = (stage: PermissionStage, ...argv: string[]): string[] => [
  ...argv,
  '--config',
  stage.config,
  '--json',
];
const QUICK = ['--yes', '--settle', '0.05'];

/** All grants are there, as they were made at first. */
async function applied(stage: PermissionStage, grants: object[] = GRANTS): Promise<void> {
  if (stage.isApplied && grants === GRANTS) return stage.configure(GRANTS);
  await revoked(stage, grants);
  await finish(stage, 'grant', 'apply', ...QUICK);
  stage.isApplied = grants === GRANTS;
}

async function revoked(stage: PermissionStage, grants: object[] = GRANTS): Promise<void> {
  stage.configure(grants);
  await stage.allow('everything', 'accounts');
  await finish(stage, 'grant', 'revoke', '--all', ...QUICK);
  await stage.forget();
  stage.isApplied = false;
}

async function finish(stage: PermissionStage, ...argv: string[]): Promise<void> {
  const { exit, err } = await stage.crossbucket(...withConfig(stage, ...argv));
  if (exit !== 0) throw new Error(err);
}

export const CASES: PermissionCase[] = [
  ...['grant plan', 'grant drift', 'grant export'].map((command) =>
    onAccounts(command, (stage) => [withConfig(stage, ...command.split(' '))], {
      exits: [0, 1],
      before: (stage) => applied(stage),
    }),
  ),
  onAccounts('grant verify', (stage) => [withConfig(stage, 'grant', 'verify', '--patience', '0')], {
    before: (stage) => applied(stage),
    elsewhere: { 's3:DeleteObject': 'a bucket without versions', ...NO_MANAGEMENT },
  }),
  onAccounts(
    'grant apply',
    (stage) => [
      withConfig(stage, 'grant', 'apply', ...QUICK),
      ...LATER.flatMap((grants, index) => {
        const config = stage.configureAs(`later-${index}.yaml`, grants);
        const apply = ['grant', 'apply', ...QUICK, '--config', config, '--json'];
        // What was added to a role is taken away by going back.
        return index === 0 ? [apply, [...apply, '--rollback'], apply] : [apply];
      }),
    ],
    { before: (stage) => revoked(stage) },
  ),
  onAccounts(
    'grant revoke',
    (stage) => [
      withConfig(stage, 'grant', 'revoke', 'by-policy', ...QUICK),
      withConfig(stage, 'grant', 'revoke', '--all', '--end-sessions', ...QUICK),
    ],
    {
      before: (stage) =>
        applied(stage, [...GRANTS, { ...BY_POLICY, name: 'more', access: { read: ['more/*'] } }]),
    },
  ),
  onAccounts('grant import', () => [
    ['grant', 'import', `s3://${BUCKET}`, '--profile', 'data-least', '--role', 'reports-reader', '--json'],
  ]),
  onAccounts(
    'init',
    (stage) => [
      [
        'init',
        '--source-profile',
        'app-least',
        '--destination-profile',
        'data-least',
        '--bucket',
        BUCKET,
        '--principal',
        'role/report-service',
        '--read',
        'reports/*',
        '--out',
        fresh(stage, 'made.yaml'),
      ],
      [
        'init',
        '--source-profile',
        'app-least',
        '--destination-profile',
        'data-least',
        '--bucket',
        'no-such',
        '--principal',
        'role/report-service',
        '--read',
        'reports/*',
        '--out',
        fresh(stage, 'none.yaml'),
      ],
    ],
    { exits: [0, 2] },
  ),
  onAccounts(
    'explain',
    () => [
      ['explain', 's3:GetObject', OBJECT, '--as', OPERATOR, '--via', READER, ...PROFILES, '--json'],
      ['explain', 's3:PutObject', OBJECT, '--as', SERVICE, ...PROFILES, '--json'],
      ['explain', 's3:GetObject', `${POINT}/object/reports/q1.csv`, '--as', OPERATOR, ...PROFILES, '--json'],
      ...['s3://acme-report/q1.csv', 's3://acme-scratc/q1.csv'].map((place) => [
        'explain',
        's3:GetObject',
        place,
        '--as',
        OPERATOR,
        ...PROFILES,
        '--json',
      ]),
    ],
    { exits: [0, 1], elsewhere: NO_MANAGEMENT },
  ),
  onAccounts(
    'who',
    () => [
      ['who', `s3://${BUCKET}`, ...PROFILES, '--json'],
      ['who', '--as', OPERATOR, ...PROFILES, '--json'],
    ],
    { elsewhere: NO_MANAGEMENT },
  ),
  onAccounts(
    'lint',
    () => [
      ['lint', `s3://${BUCKET}`, '--profile', 'data-least', '--json'],
      ['lint', READER, '--profile', 'data-least', '--json'],
      ['lint', OPERATOR, '--profile', 'app-least', '--json'],
      ['lint', SERVICE, '--profile', 'app-least', '--json'],
    ],
    { exits: [0, 1] },
  ),
  onAccounts(
    'sandbox import',
    (stage) => [
      ['sandbox', 'import', '--from-profile', 'app-least', 'data-least', '--out', fresh(stage, 'state.yaml')],
    ],
    { elsewhere: NO_MANAGEMENT },
  ),
  onAccounts('audit', () => [
    ['audit', 'access', ...LOOKUP],
    ['audit', 'top', ...TRAIL],
  ]),
  onAccounts('audit lookup', () => [['audit', 'sessions', ...LOOKUP]]),
  onAccounts('audit s3', () => [['audit', 'access', ...TRAIL]]),
  // Until a time that is over: it looks once.
  onAccounts('audit watch', () => [
    ['audit', 'watch', ...LOOKUP, '--until', '1m', '--every', '0.01'],
    ['audit', 'watch', ...TRAIL, '--until', '1m', '--every', '0.01'],
  ]),
  onAccounts(
    'audit setup',
    (stage) => [
      [
        'audit',
        'setup',
        '--bucket',
        BUCKET,
        '--name',
        'watch',
        '--logs',
        'crossbucket-trail-logs',
        '--profile',
        'data-least',
        '--apply',
        ...QUICK,
        '--backup',
        fresh(stage, 'backup.json'),
      ],
    ],
    {
      before: (stage) => stage.dropTrail('watch', 'crossbucket-trail-logs'),
      elsewhere: { 'arn:aws:s3:::crossbucket-trail-*': 'where that bucket is there already' },
    },
  ),
  onAccounts('audit denied', (stage) => [['audit', 'denied', ...TRAIL, '--config', stage.config]], {
    exits: [1],
    together: ['explain', 'audit'],
  }),
  onAccounts(
    'explain --apply',
    () => [
      ['explain', 's3:GetObject', OBJECT, '--as', SERVICE, '--apply', '--yes', ...PROFILES, '--json'],
      [
        'explain',
        's3:GetObject',
        OBJECT,
        '--as',
        weak(APP, 'user'),
        '--apply',
        '--yes',
        ...PROFILES,
        '--json',
      ],
      [
        'explain',
        's3:GetObject',
        OBJECT,
        '--as',
        weak(APP, 'role'),
        '--via',
        weak(DATA, 'role'),
        '--apply',
        '--yes',
        ...PROFILES,
        '--json',
      ],
    ],
    {
      together: ['explain'],
      before: async (stage) => {
        stage.configure(GRANTS);
        await stage.reset();
        await stage.makeWeak();
        stage.isApplied = false;
      },
      elsewhere: {
        ...whenFixing('the policy of a group', 'iam:PutGroupPolicy'),
        ...whenFixing('a managed policy', 'iam:CreatePolicyVersion'),
        ...whenFixing('the policy of an access point', 's3:PutAccessPointPolicy'),
        ...whenFixing(
          'no room in inline policies',
          'iam:CreatePolicy',
          'iam:AttachGroupPolicy',
          'iam:AttachRolePolicy',
          'iam:AttachUserPolicy',
        ),
        ...whenFixing(
          'a Deny that is all that a policy has',
          'iam:DeleteGroupPolicy',
          'iam:DeleteRolePolicy',
          'iam:DeleteUserPolicy',
          's3:DeleteAccessPointPolicy',
          's3:DeleteBucketPolicy',
        ),
        ...whenFixing('sessions that are too short', 'iam:UpdateRole'),
        ...whenFixing('objects of other accounts', 's3:PutBucketOwnershipControls'),
        ...whenFixing('a key that is turned off', 'kms:CancelKeyDeletion', 'kms:EnableKey'),
        ...whenFixing('an SCP or RCP', 'organizations:UpdatePolicy'),
        'arn:aws:iam::aws:policy/*': 'a policy of AWS',
      },
    },
  ),
  onAccounts('audit verify', () => [['audit', 'verify', ...TRAIL]]),
  ...(['exec', 'credentials'] as const).flatMap((command) =>
    use(command, () => [command === 'exec' ? ['exec', '--', 'true'] : ['credentials']]).filter(
      ({ whose }) => whose === 'role',
    ),
  ),
  ...use('ls', () => [['ls', `s3://${BUCKET}/reports/`]], { before: putReports }),
  ...use('cat', () => [['cat', OBJECT]], { before: putReports }),
  ...use('presign', () => [['presign', OBJECT, '--json']], {
    before: putReports,
    follow: async (out) => {
      const answer = await fetch((JSON.parse(out) as { url: string }).url);
      return `${answer.status}`;
    },
  }),
  ...use(
    'cp',
    (stage) => [
      ['cp', OBJECT, fresh(stage, 'down.csv'), '--quiet'],
      ['cp', join(localFolder(stage), 'small.csv'), `s3://${BUCKET}/in/small.csv`, '--quiet'],
      ['cp', join(localFolder(stage), 'large.bin'), `s3://${BUCKET}/in/large.bin`, '--quiet', ...PARTS],
      ['cp', '-r', `s3://${BUCKET}/reports/`, fresh(stage, 'down'), '--quiet'],
      ['cp', OBJECT, `s3://${BUCKET}/in/copy.csv`, '--quiet'],
    ],
    { before: putReports, elsewhere: CUT_OFF },
  ),
  ...use(
    'sync',
    (stage) => [
      ['sync', `s3://${BUCKET}/reports/`, fresh(stage, 'down'), '--quiet'],
      ['sync', localFolder(stage), `s3://${BUCKET}/in/`, '--delete', '--quiet', ...PARTS],
      ['sync', `s3://${BUCKET}/reports/`, `s3://${BUCKET}/copies/`, '--quiet'],
    ],
    { before: putReports, elsewhere: CUT_OFF },
  ),
  ...use(
    'rm',
    () => [
      ['rm', OBJECT, '--quiet'],
      ['rm', '-r', `s3://${BUCKET}/reports/`, '--yes', '--quiet'],
    ],
    { before: putReports },
  ),
];
