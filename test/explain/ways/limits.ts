import { BUCKET_ARN, OUTSIDE } from '../setup.ts';
import { bySession, inBoundary, type Condition } from './breaks.ts';
import { add, deny, denyAllBut, edit, worker } from './parts.ts';
import { BY_ROLE, ways, type Way } from './way.ts';

const KEYS = 'arn:aws:kms:*:*:key/*';
const ALL = { Effect: 'Allow', Action: '*', Resource: '*' } as const;
const SESSION = { part: 'session policy', on: BY_ROLE } as const;

/** What limits the caller: its boundary, and the policy of its session. */
export const LIMITS: readonly Way[] = [
  ...ways(
    { cause: 'boundary-missing-allow', part: 'boundary' },
    {
      'the boundary allows no S3': inBoundary(
        { Action: ['kms:*', 'sts:*'] },
        { Action: ['s3:List*', 'kms:*', 'sts:*'] },
      ),
      'the boundary is about other resources': inBoundary({
        Resource: ['arn:aws:s3:::acme-archive/*', 'arn:aws:iam::*:role/*', KEYS],
      }),
      'the boundary leaves the key out': inBoundary({ Action: ['s3:*', 'sts:*'] }),
      'the boundary holds under a condition that is not met': (setup, random) => {
        const { document } = worker(setup).boundary!;
        edit(document, 'Limits', { Action: ['sts:*', 'kms:*'] });
        add(document, {
          Effect: 'Allow',
          Action: 's3:*',
          Resource: '*',
          Condition: random.pick<Condition>([
            { StringEquals: { 'aws:PrincipalTag/team': 'reports' } },
            { StringEquals: { 'aws:ResourceAccount': OUTSIDE } },
          ]),
        });
      },
    },
  ),
  ...ways(
    { cause: 'boundary-explicit-deny', part: 'boundary' },
    {
      'the boundary denies it': (setup, random) =>
        add(
          worker(setup).boundary!.document,
          deny({
            Action: random.pick(['s3:GetObject', 's3:*']),
            Resource: random.pick(['*', `${BUCKET_ARN}/reports/*`]),
          }),
        ),
      'the boundary denies all but other actions': (setup) =>
        add(worker(setup).boundary!.document, denyAllBut('Action', ['sts:*', 'kms:*', 's3:ListBucket'])),
    },
  ),

  ...ways(
    { cause: 'session-policy-missing-allow', ...SESSION },
    {
      'the session policy allows other keys': bySession({
        Effect: 'Allow',
        Action: ['s3:GetObject', 'kms:*'],
        Resource: [`${BUCKET_ARN}/archive/*`, KEYS],
      }),
      'the session policy allows other actions': bySession({ ...ALL, Action: ['s3:ListBucket', 'kms:*'] }),
      'the session policy leaves the key out': bySession({ ...ALL, Action: 's3:*' }),
      'the session policy names the bucket for its objects': bySession({
        Effect: 'Allow',
        Action: ['s3:GetObject', 'kms:*'],
        Resource: [BUCKET_ARN, KEYS],
      }),
    },
  ),
  ...ways(
    { cause: 'session-policy-explicit-deny', ...SESSION },
    {
      'the session policy denies it': bySession(ALL, deny({})),
      'the session policy denies all but another prefix': bySession(
        ALL,
        denyAllBut('Resource', [`${BUCKET_ARN}/archive/*`]),
      ),
    },
  ),
];
