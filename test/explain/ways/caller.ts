import type { Statement } from '@crossbucket/policy';
import { BUCKET_ARN, OBJECT_ARN, policy, APP, DATA, OUTSIDE, POINT } from '../setup.ts';
import {
  service,
  worker,
  own,
  edit,
  add,
  drop,
  deny,
  ownObjects,
  owners,
  session,
  allBut,
  denyAllBut,
  wanting,
} from './parts.ts';
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
  {
    name: 'the identity policy has a wrong prefix',
    cause: 'identity-policy-missing-allow',
    part: 'own objects',
    breakIt: (setup, random) =>
      ownObjects(setup, {
        Resource: `${BUCKET_ARN}/${random.pick(['Reports/*', 'reports/Q1.csv', 'report/*', 'reports', '/reports/*', '${aws:username}/*'])}`,
      }),
  },
  {
    name: 'the identity policy allows all but what is asked',
    cause: 'identity-policy-missing-allow',
    part: 'own objects',
    breakIt: (setup, random) =>
      ownObjects(setup, random.pick([allBut('Action', 's3:*'), allBut('Action', ['s3:Get*', 's3:Put*'])])),
  },
  {
    name: 'the identity policy allows all other resources',
    cause: 'identity-policy-missing-allow',
    part: 'own objects',
    breakIt: (setup) => ownObjects(setup, allBut('Resource', [`${BUCKET_ARN}/*`, `${POINT}/object/*`])),
  },
  {
    name: 'the identity policy wants a tag of the caller',
    cause: 'identity-policy-missing-allow',
    part: 'own objects',
    breakIt: (setup, random) =>
      ownObjects(
        setup,
        random.pick([
          wanting('StringEquals', 'aws:PrincipalTag/team', 'reports'),
          wanting('Null', 'aws:PrincipalTag/team', 'false'),
          wanting('StringEquals', 'aws:ResourceTag/team', '${aws:PrincipalTag/team}'),
        ]),
      ),
  },
  {
    name: 'the identity policy wants a tag of the object',
    cause: 'identity-policy-missing-allow',
    part: 'own objects',
    breakIt: (setup, random) =>
      ownObjects(
        setup,
        random.pick([
          wanting('StringEquals', 's3:ExistingObjectTag/public', 'yes'),
          wanting('StringEquals', 's3:ExistingObjectTag/team', '${aws:PrincipalTag/team}'),
        ]),
      ),
  },
  {
    name: 'the identity policy wants somebody else',
    cause: 'identity-policy-missing-allow',
    part: 'own objects',
    breakIt: (setup, random) =>
      ownObjects(
        setup,
        random.pick([
          wanting('StringNotEquals', 'aws:PrincipalAccount', [APP, DATA]),
          wanting('ArnLike', 'aws:PrincipalArn', 'arn:aws:iam::*:role/other-*'),
          wanting('StringEquals', 'aws:PrincipalArn', 'arn:aws:iam::*:*'),
        ]),
      ),
  },
  {
    name: 'the identity policy holds for another time',
    cause: 'identity-policy-missing-allow',
    part: 'own objects',
    breakIt: (setup, random) =>
      ownObjects(
        setup,
        random.pick([
          wanting('DateGreaterThan', 'aws:CurrentTime', '2090-01-01T00:00:00Z'),
          wanting('DateLessThan', 'aws:CurrentTime', '2020-01-01T00:00:00Z'),
          wanting('NumericLessThan', 'aws:EpochTime', '1000000000'),
        ]),
      ),
  },
  {
    name: 'the identity policy wants another region',
    cause: 'identity-policy-missing-allow',
    part: 'own objects',
    breakIt: (setup) =>
      ownObjects(setup, wanting('StringEquals', 'aws:RequestedRegion', ['eu-west-1', 'eu-central-1'])),
  },
  {
    name: 'the identity policy wants one of the paths of another organization',
    cause: 'identity-policy-missing-allow',
    part: 'own objects',
    breakIt: (setup) =>
      ownObjects(setup, wanting('ForAnyValue:StringLike', 'aws:PrincipalOrgPaths', 'o-another0000/*')),
  },
  {
    name: 'the identity policy wants another network',
    cause: 'identity-policy-missing-allow',
    part: 'own objects',
    onPaper: true,
    breakIt: (setup, random) =>
      ownObjects(
        setup,
        random.pick([
          wanting('IpAddress', 'aws:SourceIp', '198.51.100.0/24'),
          wanting('StringEquals', 'aws:SourceVpc', 'vpc-2'),
          wanting('StringEquals', 'aws:SourceVpce', 'vpce-0'),
        ]),
      ),
  },
  {
    name: 'the identity policy wants a second factor',
    cause: 'identity-policy-missing-allow',
    part: 'own objects',
    on: DIRECT,
    onPaper: true,
    breakIt: (setup, random) =>
      ownObjects(
        setup,
        random.pick([
          wanting('Bool', 'aws:MultiFactorAuthPresent', 'true'),
          wanting('NumericLessThan', 'aws:MultiFactorAuthAge', '3600'),
        ]),
      ),
  },
  {
    name: 'the identity policy denies all resources but others',
    cause: 'identity-policy-explicit-deny',
    part: 'own deny',
    breakIt: (setup) =>
      add(
        own(worker(setup)),
        denyAllBut('Resource', [
          'arn:aws:s3:::acme-archive/*',
          'arn:aws:kms:*:*:key/*',
          'arn:aws:iam::*:role/*',
        ]),
      ),
  },
  {
    name: 'the identity policy keeps to resources of its own',
    cause: 'identity-policy-explicit-deny',
    part: 'own deny',
    breakIt: (setup, random) =>
      add(
        own(worker(setup)),
        deny({
          Action: random.pick(['s3:*', 's3:GetObject']),
          Condition: random.pick<NonNullable<Statement['Condition']>>([
            { StringNotEquals: { 'aws:ResourceAccount': OUTSIDE } },
            { StringNotEqualsIfExists: { 'aws:ResourceOrgID': 'o-another0000' } },
          ]),
        }),
      ),
  },
  {
    name: 'the identity policy denies who has no tag',
    cause: 'identity-policy-explicit-deny',
    part: 'own deny',
    breakIt: (setup) =>
      add(
        own(worker(setup)),
        deny({ Action: 's3:*', Condition: { Null: { 'aws:PrincipalTag/team': 'true' } } }),
      ),
  },
  {
    name: 'the identity policy denies calls without a second factor',
    cause: 'identity-policy-explicit-deny',
    part: 'own deny',
    onPaper: true,
    breakIt: (setup, random) =>
      add(
        own(worker(setup)),
        deny({ Condition: { BoolIfExists: { 'aws:MultiFactorAuthPresent': random.pick(['false']) } } }),
      ),
  },
  {
    name: 'the identity policy denies the key',
    cause: 'identity-policy-explicit-deny',
    part: 'own deny',
    breakIt: (setup) => add(own(worker(setup)), deny({ Action: 'kms:*' })),
  },
  {
    name: 'an attached policy denies it',
    cause: 'identity-policy-explicit-deny',
    part: 'own deny',
    breakIt: (setup) => {
      const principal = worker(setup);
      principal.policies.push({
        name: 'guard',
        arn: `arn:aws:iam::${principal.arn.split(':')[4]}:policy/guard`,
        document: policy(deny({ Action: ['s3:Get*', 's3:List*'] })),
      });
    },
  },
  {
    name: 'the boundary leaves the key out',
    cause: 'boundary-missing-allow',
    part: 'boundary',
    breakIt: (setup) => edit(worker(setup).boundary!.document, 'Limits', { Action: ['s3:*', 'sts:*'] }),
  },
  {
    name: 'the boundary holds under a condition that is not met',
    cause: 'boundary-missing-allow',
    part: 'boundary',
    breakIt: (setup, random) =>
      edit(worker(setup).boundary!.document, 'Limits', (statement) => ({
        ...statement,
        Action: ['sts:*', 'kms:*'],
      })) ??
      add(worker(setup).boundary!.document, {
        Effect: 'Allow',
        Action: 's3:*',
        Resource: '*',
        Condition: random.pick<NonNullable<Statement['Condition']>>([
          { StringEquals: { 'aws:PrincipalTag/team': 'reports' } },
          { StringEquals: { 'aws:ResourceAccount': OUTSIDE } },
        ]),
      }),
  },
  {
    name: 'the boundary denies all but other actions',
    cause: 'boundary-explicit-deny',
    part: 'boundary',
    breakIt: (setup) =>
      add(worker(setup).boundary!.document, denyAllBut('Action', ['sts:*', 'kms:*', 's3:ListBucket'])),
  },
  {
    name: 'the session policy leaves the key out',
    cause: 'session-policy-missing-allow',
    part: 'session policy',
    on: BY_ROLE,
    breakIt: (setup) => session(setup, { Effect: 'Allow', Action: 's3:*', Resource: '*' }),
  },
  {
    name: 'the session policy names the bucket for its objects',
    cause: 'session-policy-missing-allow',
    part: 'session policy',
    on: BY_ROLE,
    breakIt: (setup) =>
      session(setup, {
        Effect: 'Allow',
        Action: ['s3:GetObject', 'kms:*'],
        Resource: [BUCKET_ARN, 'arn:aws:kms:*:*:key/*'],
      }),
  },
  {
    name: 'the session policy denies all but another prefix',
    cause: 'session-policy-explicit-deny',
    part: 'session policy',
    on: BY_ROLE,
    breakIt: (setup) =>
      session(
        setup,
        { Effect: 'Allow', Action: '*', Resource: '*' },
        denyAllBut('Resource', [`${BUCKET_ARN}/archive/*`]),
      ),
  },
];
