import type { Statement } from '@crossbucket/policy';
import { BUCKET_ARN, OBJECT_ARN, policy } from '../setup.ts';
import { service, worker, own, edit, add, drop, deny, ownObjects, owners, session } from './parts.ts';
import { DIRECT, BY_ROLE, type Way } from './way.ts';

/** The caller's own policies. */
export const CALLER: readonly Way[] = [
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
];
