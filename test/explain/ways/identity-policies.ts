import { APP, BUCKET_ARN, DATA, OBJECT_ARN, OUTSIDE, POINT, policy } from '../setup.ts';
import { inOwnObjects, inOwnPolicy, ownDenies, type Condition } from './breaks.ts';
import { add, allBut, deny, denyAllBut, drop, own, owners, service, wanting, worker } from './parts.ts';
import { DIRECT, ways, type Way } from './way.ts';

const ALLOWS_NOT = { cause: 'identity-policy-missing-allow', part: 'own objects' } as const;
const DENIES = { cause: 'identity-policy-explicit-deny', part: 'own deny' } as const;

/** The caller's own policies, as to the S3 call. */
export const IDENTITY_POLICIES: readonly Way[] = [
  ...ways(ALLOWS_NOT, {
    'the identity policy is about other resources': inOwnObjects(...owners.map((Resource) => ({ Resource }))),
    'the identity policy allows other actions': inOwnObjects(
      { Action: 's3:GetObjectAcl' },
      { Action: 's3:PutObjectTagging' },
      { Action: 's3:GetObjects' },
    ),
    'the identity policy has a condition that is not met': inOwnObjects(
      { Condition: { StringEquals: { 'aws:PrincipalTag/team': 'reports' } } },
      { Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-another0000' } } },
    ),
    'the identity policy has no statement for objects': (setup) => {
      drop(own(worker(setup)), 'Objects');
      drop(own(worker(setup)), 'Point');
    },
    'the identity policy has a wrong prefix': inOwnObjects(
      { Resource: `${BUCKET_ARN}/Reports/*` },
      { Resource: `${BUCKET_ARN}/reports/Q1.csv` },
      { Resource: `${BUCKET_ARN}/report/*` },
      { Resource: `${BUCKET_ARN}/reports` },
      { Resource: `${BUCKET_ARN}//reports/*` },
      { Resource: `${BUCKET_ARN}/\${aws:username}/*` },
    ),
    'the identity policy allows all but what is asked': inOwnObjects(
      allBut('Action', 's3:*'),
      allBut('Action', ['s3:Get*', 's3:Put*']),
    ),
    'the identity policy allows all other resources': inOwnObjects(
      allBut('Resource', [`${BUCKET_ARN}/*`, `${POINT}/object/*`]),
    ),
    'the identity policy wants a tag of the caller': inOwnObjects(
      wanting('StringEquals', 'aws:PrincipalTag/team', 'reports'),
      wanting('Null', 'aws:PrincipalTag/team', 'false'),
      wanting('StringEquals', 'aws:ResourceTag/team', '${aws:PrincipalTag/team}'),
    ),
    'the identity policy wants a tag of the object': inOwnObjects(
      wanting('StringEquals', 's3:ExistingObjectTag/public', 'yes'),
      wanting('StringEquals', 's3:ExistingObjectTag/team', '${aws:PrincipalTag/team}'),
    ),
    'the identity policy wants somebody else': inOwnObjects(
      wanting('StringNotEquals', 'aws:PrincipalAccount', [APP, DATA]),
      wanting('ArnLike', 'aws:PrincipalArn', 'arn:aws:iam::*:role/other-*'),
      wanting('StringEquals', 'aws:PrincipalArn', 'arn:aws:iam::*:*'),
    ),
    'the identity policy holds for another time': inOwnObjects(
      wanting('DateGreaterThan', 'aws:CurrentTime', '2090-01-01T00:00:00Z'),
      wanting('DateLessThan', 'aws:CurrentTime', '2020-01-01T00:00:00Z'),
      wanting('NumericLessThan', 'aws:EpochTime', '1000000000'),
    ),
    'the identity policy wants another region': inOwnObjects(
      wanting('StringEquals', 'aws:RequestedRegion', ['eu-west-1', 'eu-central-1']),
    ),
    'the identity policy wants one of the paths of another organization': inOwnObjects(
      wanting('ForAnyValue:StringLike', 'aws:PrincipalOrgPaths', 'o-another0000/*'),
    ),
  }),
  ...ways(
    { ...ALLOWS_NOT, onPaper: true },
    {
      'the identity policy wants another network': inOwnObjects(
        wanting('IpAddress', 'aws:SourceIp', '198.51.100.0/24'),
        wanting('StringEquals', 'aws:SourceVpc', 'vpc-2'),
        wanting('StringEquals', 'aws:SourceVpce', 'vpce-0'),
      ),
    },
  ),
  ...ways(
    { ...ALLOWS_NOT, on: DIRECT, onPaper: true },
    {
      'the identity policy wants a second factor': inOwnObjects(
        wanting('Bool', 'aws:MultiFactorAuthPresent', 'true'),
        wanting('NumericLessThan', 'aws:MultiFactorAuthAge', '3600'),
      ),
    },
  ),

  ...ways(DENIES, {
    'the identity policy denies the action': (setup, random) =>
      add(
        own(worker(setup)),
        deny({
          Action: random.pick(['s3:GetObject', 's3:Get*', 's3:*', '*']),
          Resource: random.pick(['*', OBJECT_ARN, `${BUCKET_ARN}/*`]),
        }),
      ),
    'the identity policy denies all but other actions': inOwnPolicy(
      denyAllBut('Action', ['sts:*', 'kms:*', 's3:ListBucket']),
    ),
    'the identity policy denies all resources but others': inOwnPolicy(
      denyAllBut('Resource', [
        'arn:aws:s3:::acme-archive/*',
        'arn:aws:kms:*:*:key/*',
        'arn:aws:iam::*:role/*',
      ]),
    ),
    'the identity policy keeps to resources of its own': (setup, random) =>
      add(
        own(worker(setup)),
        deny({
          Action: random.pick(['s3:*', 's3:GetObject']),
          Condition: random.pick<Condition>([
            { StringNotEquals: { 'aws:ResourceAccount': OUTSIDE } },
            { StringNotEqualsIfExists: { 'aws:ResourceOrgID': 'o-another0000' } },
          ]),
        }),
      ),
    'the identity policy denies who has no tag': ownDenies({
      Action: 's3:*',
      Condition: { Null: { 'aws:PrincipalTag/team': 'true' } },
    }),
    'the identity policy denies the key': ownDenies({ Action: 'kms:*' }),
    'an attached policy denies it': (setup) => {
      const principal = worker(setup);
      principal.policies.push({
        name: 'guard',
        arn: `arn:aws:iam::${principal.arn.split(':')[4]}:policy/guard`,
        document: policy(deny({ Action: ['s3:Get*', 's3:List*'] })),
      });
    },
  }),
  ...ways(
    { ...DENIES, onPaper: true },
    {
      'the identity policy denies calls from elsewhere': ownDenies({
        Condition: { NotIpAddress: { 'aws:SourceIp': ['198.51.100.0/24'] } },
      }),
      'the identity policy denies calls without a second factor': ownDenies({
        Condition: { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } },
      }),
    },
  ),
  ...ways(
    { ...DENIES, on: DIRECT },
    {
      'a group of the user denies it': (setup) => {
        service(setup).policies.push({
          name: 'group-guard',
          document: policy(deny({ Action: 's3:GetObject', Resource: `${BUCKET_ARN}/reports/*` })),
        });
      },
    },
  ),
];
