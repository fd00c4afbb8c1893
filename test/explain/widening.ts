import { authorizeCall, type ApiCall, type Outcome } from '@crossbucket/policy';
import { callsOf, type Situation } from '../../packages/crossbucket/src/explain/core/situation.ts';
import { APP, BUCKET, DATA, HOP, OUTSIDE, POINT, READER, SERVICE } from './setup.ts';

/** Whom a fix must not help, and whom it is to help no further. */
const PRINCIPALS = [
  '*',
  `arn:aws:iam::${OUTSIDE}:user/stranger`,
  `arn:aws:iam::${OUTSIDE}:root`,
  `arn:aws:iam::${APP}:user/other`,
  `arn:aws:iam::${APP}:root`,
  `arn:aws:iam::${DATA}:user/clerk`,
  SERVICE,
  HOP.replace(':iam:', ':sts:').replace('role/', 'assumed-role/') + '/session',
  `arn:aws:sts::${DATA}:assumed-role/reports-reader/session`,
];

const KEYS = ['reports/q1.csv', 'reports/q2.csv', 'archive/old.csv'];

const inputs = (Bucket: string): [operation: string, input: Record<string, unknown>][] => [
  ...['GetObject', 'PutObject', 'GetObjectAcl'].flatMap((operation) =>
    KEYS.map((Key): [string, Record<string, unknown>] => [operation, { Bucket, Key }]),
  ),
  ['DeleteObject', { Bucket, Key: KEYS[0], VersionId: 'v' }],
  ['ListObjectsV2', { Bucket }],
  ['ListObjectsV2', { Bucket, Prefix: 'reports/' }],
  ['PutBucketPolicy', { Bucket, Policy: '{}' }],
];

const WAYS_IN: NonNullable<ApiCall['context']>[] = [
  { 'aws:SourceIp': '127.0.0.1', 'aws:SecureTransport': true },
  { 'aws:SourceIp': '203.0.113.9', 'aws:SecureTransport': false },
];

/** Every call that is tried. */
const PROBES: readonly ApiCall[] = PRINCIPALS.flatMap((principal) =>
  WAYS_IN.flatMap((context) => [
    ...[BUCKET, POINT].flatMap((bucket) =>
      inputs(bucket).map(([operation, input]): ApiCall => ({
        service: 's3',
        operation,
        input,
        principal,
        context,
      })),
    ),
    ...[READER, HOP].flatMap((RoleArn) =>
      [{}, { ExternalId: 'acme-7f3a' }].map((more): ApiCall => ({
        service: 'sts',
        operation: 'AssumeRole',
        input: { RoleArn, ...more },
        principal,
        context,
      })),
    ),
  ]),
);

const OUTCOMES: readonly Outcome[] = ['deny', 'depends', 'allow'];
const RANK: Record<Outcome, number> = { deny: 0, depends: 1, allow: 2 };

/**
 * Calls that are allowed now and were not before: neither in the setup that worked nor in what was broken of it. The one that was
 * asked about is to be.
 */
export function widened(
  before: readonly Situation[],
  fixed: Situation,
  isTried: (index: number) => boolean = () => true,
): string[] {
  const asked = new Set(callsOf(fixed).map(identityOf));
  return PROBES.flatMap((call, index) => {
    if (!isTried(index) || asked.has(identityOf(call))) return [];
    const after = authorizeCall(fixed.world, call).outcome;
    if (after === 'deny') return [];
    const most = Math.max(...before.map(({ world }) => RANK[authorizeCall(world, call).outcome]));
    return RANK[after] > most ? [`${identityOf(call)}: ${OUTCOMES[most]} -> ${after}`] : [];
  });
}

const identityOf = ({ principal, operation, input }: ApiCall): string =>
  [principal, operation, input['RoleArn'] ?? input['Bucket'], input['Key'] ?? input['Prefix']].join(' ');
