import type { Statement } from '@crossbucket/policy';
import { APP, DATA, OUTSIDE, READER } from '../setup.ts';
import {
  data,
  reader,
  starter,
  assumer,
  own,
  edit,
  add,
  deny,
  duration,
  recreate,
  wanting,
} from './parts.ts';
import { BY_ROLE, type Way } from './way.ts';

/** The way into the role. */
export const ROLES: readonly Way[] = [
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
      edit(
        reader(setup).trust!.document,
        'Partners',
        wanting('StringEquals', 'aws:PrincipalOrgID', 'o-another0000'),
      ),
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
      edit(
        reader(setup).trust!.document,
        'Partners',
        wanting('StringEquals', 'sts:ExternalId', random.pick(['acme-7f3b', 'globex-1', 'ACME-7f3a'])),
      ),
  },
  {
    name: 'the call passes no external id',
    cause: 'external-id-mismatch',
    part: 'external id',
    on: BY_ROLE,
    breakIt: ({ call }) => {
      const last = call.via.at(-1)!;
      const { ExternalId: _, ...input } = last.input as Record<string, unknown>;
      call.via = [...call.via.slice(0, -1), { ...last, input }];
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
    also: ['bucket deny'],
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
];
