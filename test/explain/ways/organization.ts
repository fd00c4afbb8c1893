import { APP, BUCKET_ARN, DATA } from '../setup.ts';
import { controlDenies, type Condition } from './breaks.ts';
import { allowList, control, deny, denyAllBut } from './parts.ts';
import { BY_ROLE, DIRECT, ways, type Way } from './way.ts';

const callersDenies = controlDenies('app-guard', {});
const ownersDenies = controlDenies('data-guard', {});
const perimeterDenies = controlDenies('data-perimeter', { Principal: '*' });

const ofObjects = (Condition: Condition) => ({ Action: ['s3:GetObject', 's3:PutObject'], Condition });
const OUTSIDERS = { StringNotEquals: { 'aws:PrincipalAccount': DATA } };

const CALLERS = { part: 'app scp', apart: false } as const;
const OWNERS = { part: 'data scp', on: BY_ROLE } as const;
const PERIMETER = { cause: 'rcp-explicit-deny', part: 'rcp' } as const;

/** The organization. */
export const ORGANIZATION: readonly Way[] = [
  ...ways(
    { cause: 'scp-explicit-deny', ...CALLERS, on: DIRECT },
    {
      'an SCP denies it to the account of the caller': (setup, random) =>
        control(
          setup,
          'app-guard',
          deny({
            Action: random.pick(['s3:GetObject', 's3:*']),
            Resource: random.pick(['*', `${BUCKET_ARN}/*`]),
          }),
        ),
      'an SCP denies all but other services': (setup) =>
        control(setup, 'app-guard', denyAllBut('Action', ['sts:*', 'kms:*', 'iam:*', 'organizations:*'])),
      'an SCP denies all but other regions': callersDenies({
        Action: 's3:*',
        Condition: { StringNotEquals: { 'aws:RequestedRegion': ['eu-west-1'] } },
      }),
      'an SCP denies resources of others': callersDenies(
        ofObjects({ StringNotEquals: { 'aws:ResourceAccount': [APP] } }),
        ofObjects({ StringNotEquals: { 'aws:ResourceOrgID': 'o-another0000' } }),
        ofObjects({ ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/admin' } }),
      ),
      'an SCP denies the key': callersDenies({ Action: 'kms:Decrypt' }),
    },
  ),
  ...ways(
    { cause: 'scp-explicit-deny', ...CALLERS, on: BY_ROLE },
    {
      'an SCP denies the role to the account of the caller': callersDenies({
        Action: 'sts:AssumeRole',
        Resource: `arn:aws:iam::${DATA}:role/*`,
      }),
    },
  ),
  ...ways(
    { cause: 'scp-missing-allow', ...CALLERS, on: DIRECT },
    { 'the SCPs of the unit allow other services only': (setup) => allowList(setup, APP, 'app-guard') },
  ),

  ...ways(
    { cause: 'scp-explicit-deny', ...OWNERS },
    {
      'an SCP denies it to the account of the owner': ownersDenies({ Action: 's3:GetObject' }),
      'an SCP of the owner denies the key': ownersDenies({
        Action: 'kms:Decrypt',
        Condition: { StringNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/admin-*' } },
      }),
    },
  ),
  ...ways(
    { cause: 'scp-missing-allow', ...OWNERS },
    {
      'the SCPs of the unit of the owner allow other services only': (setup) =>
        allowList(setup, DATA, 'data-guard'),
    },
  ),

  ...ways(PERIMETER, {
    'an RCP denies it to everybody': perimeterDenies({
      Action: 's3:GetObject',
      Resource: `${BUCKET_ARN}/reports/*`,
    }),
    'an RCP keeps other organizations out': perimeterDenies(
      { Action: 's3:*', Condition: { StringNotEqualsIfExists: { 'aws:PrincipalOrgID': 'o-another0000' } } },
      {
        Action: 's3:*',
        Condition: {
          StringNotEquals: { 'aws:PrincipalOrgID': 'o-another0000' },
          BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
        },
      },
    ),
  }),
  ...ways(
    { ...PERIMETER, on: DIRECT },
    {
      'an RCP keeps outsiders out of the buckets': perimeterDenies(
        { Action: 's3:*', Condition: OUTSIDERS },
        { Action: 's3:GetObject', Condition: OUTSIDERS },
      ),
      'an RCP keeps outsiders from the key': perimeterDenies({ Action: 'kms:*', Condition: OUTSIDERS }),
    },
  ),
  ...ways(
    { ...PERIMETER, on: BY_ROLE },
    {
      'an RCP keeps outsiders out of the roles': perimeterDenies({
        Action: 'sts:AssumeRole',
        Condition: OUTSIDERS,
      }),
    },
  ),
  ...ways(
    { ...PERIMETER, onPaper: true },
    {
      'an RCP denies other networks': perimeterDenies({
        Action: 's3:*',
        Condition: { NotIpAddressIfExists: { 'aws:SourceIp': '198.51.100.0/24' } },
      }),
    },
  ),
];
