import type { Statement } from '@crossbucket/policy';
import { APP, BUCKET_ARN, DATA } from '../setup.ts';
import { deny, control, allowList, denyAllBut } from './parts.ts';
import { DIRECT, BY_ROLE, type Way } from './way.ts';

/** The organization. */
export const ORGANIZATION: readonly Way[] = [
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
  {
    name: 'an SCP denies all but other services',
    cause: 'scp-explicit-deny',
    part: 'app scp',
    on: DIRECT,
    apart: false,
    breakIt: (setup) =>
      control(setup, 'app-guard', denyAllBut('Action', ['sts:*', 'kms:*', 'iam:*', 'organizations:*'])),
  },
  {
    name: 'an SCP denies all but other regions',
    cause: 'scp-explicit-deny',
    part: 'app scp',
    on: DIRECT,
    apart: false,
    breakIt: (setup) =>
      control(
        setup,
        'app-guard',
        deny({ Action: 's3:*', Condition: { StringNotEquals: { 'aws:RequestedRegion': ['eu-west-1'] } } }),
      ),
  },
  {
    name: 'an SCP denies resources of others',
    cause: 'scp-explicit-deny',
    part: 'app scp',
    on: DIRECT,
    apart: false,
    breakIt: (setup, random) =>
      control(
        setup,
        'app-guard',
        deny({
          Action: ['s3:GetObject', 's3:PutObject'],
          Condition: random.pick<NonNullable<Statement['Condition']>>([
            { StringNotEquals: { 'aws:ResourceAccount': [APP] } },
            { StringNotEquals: { 'aws:ResourceOrgID': 'o-another0000' } },
            { ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/admin' } },
          ]),
        }),
      ),
  },
  {
    name: 'an SCP denies the key',
    cause: 'scp-explicit-deny',
    part: 'app scp',
    on: DIRECT,
    apart: false,
    breakIt: (setup) => control(setup, 'app-guard', deny({ Action: 'kms:Decrypt' })),
  },
  {
    name: 'an SCP of the owner denies the key',
    cause: 'scp-explicit-deny',
    part: 'data scp',
    on: BY_ROLE,
    breakIt: (setup) =>
      control(
        setup,
        'data-guard',
        deny({
          Action: 'kms:Decrypt',
          Condition: { StringNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/admin-*' } },
        }),
      ),
  },
  {
    name: 'an RCP keeps other organizations out',
    cause: 'rcp-explicit-deny',
    part: 'rcp',
    breakIt: (setup, random) =>
      control(
        setup,
        'data-perimeter',
        deny({
          Principal: '*',
          Action: 's3:*',
          Condition: random.pick<NonNullable<Statement['Condition']>>([
            { StringNotEqualsIfExists: { 'aws:PrincipalOrgID': 'o-another0000' } },
            {
              StringNotEquals: { 'aws:PrincipalOrgID': 'o-another0000' },
              BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
            },
          ]),
        }),
      ),
  },
  {
    name: 'an RCP keeps outsiders from the key',
    cause: 'rcp-explicit-deny',
    part: 'rcp',
    on: DIRECT,
    breakIt: (setup) =>
      control(
        setup,
        'data-perimeter',
        deny({
          Principal: '*',
          Action: 'kms:*',
          Condition: { StringNotEquals: { 'aws:PrincipalAccount': DATA } },
        }),
      ),
  },
  {
    name: 'an RCP denies other networks',
    cause: 'rcp-explicit-deny',
    part: 'rcp',
    onPaper: true,
    breakIt: (setup) =>
      control(
        setup,
        'data-perimeter',
        deny({
          Principal: '*',
          Action: 's3:*',
          Condition: { NotIpAddressIfExists: { 'aws:SourceIp': '198.51.100.0/24' } },
        }),
      ),
  },
];
