import type { Statement } from '@crossbucket/policy';
import { SERVICE, APP, DATA, OUTSIDE, READER, HOP } from '../setup.ts';
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
  app,
  assume,
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
  {
    name: 'the trust policy wants somebody else by a condition',
    cause: 'trust-policy-missing-allow',
    part: 'trust',
    on: BY_ROLE,
    breakIt: (setup, random) =>
      edit(
        reader(setup).trust!.document,
        'Partners',
        random.pick([
          wanting('ArnLike', 'aws:PrincipalArn', 'arn:aws:iam::*:role/other-*'),
          wanting('StringEquals', 'aws:PrincipalAccount', OUTSIDE),
          wanting('StringEquals', 'aws:PrincipalTag/team', 'reports'),
          wanting('StringEquals', 'aws:PrincipalArn', 'arn:aws:iam::*:*'),
        ]),
      ),
  },
  {
    name: 'the trust policy wants another name of the session',
    cause: 'trust-policy-missing-allow',
    part: 'trust',
    on: BY_ROLE,
    breakIt: (setup, random) =>
      edit(
        reader(setup).trust!.document,
        'Partners',
        random.pick([
          wanting('StringEquals', 'sts:RoleSessionName', 'reports'),
          wanting('StringLike', 'sts:RoleSessionName', 'reports-*'),
        ]),
      ),
  },
  {
    name: 'the trust policy is past',
    cause: 'trust-policy-missing-allow',
    part: 'trust',
    on: BY_ROLE,
    breakIt: (setup, random) =>
      edit(
        reader(setup).trust!.document,
        'Partners',
        random.pick([wanting('DateLessThan', 'aws:CurrentTime', '2020-01-01T00:00:00Z')]),
      ),
  },
  {
    name: 'the trust policy wants another network',
    cause: 'trust-policy-missing-allow',
    part: 'trust',
    on: BY_ROLE,
    onPaper: true,
    breakIt: (setup, random) =>
      edit(
        reader(setup).trust!.document,
        'Partners',
        random.pick([
          wanting('IpAddress', 'aws:SourceIp', '198.51.100.0/24'),
          wanting('StringEquals', 'aws:SourceVpce', 'vpce-0'),
        ]),
      ),
  },
  {
    name: 'the trust policy denies without the external id',
    cause: 'trust-policy-explicit-deny',
    part: 'trust deny',
    on: BY_ROLE,
    also: ['external id'],
    breakIt: (setup) =>
      add(reader(setup).trust!.document, {
        Sid: 'Broken',
        Effect: 'Deny',
        Principal: '*',
        Action: 'sts:AssumeRole',
        Condition: { StringNotEquals: { 'sts:ExternalId': 'acme-other' } },
      }),
  },
  {
    name: 'the trust policy denies all but another organization',
    cause: 'trust-policy-explicit-deny',
    part: 'trust deny',
    on: BY_ROLE,
    breakIt: (setup) =>
      add(reader(setup).trust!.document, {
        Sid: 'Broken',
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: 'sts:*',
        Condition: { StringNotEquals: { 'aws:PrincipalOrgID': 'o-another0000' } },
      }),
  },
  {
    name: 'the session is tagged, and the trust policy does not let it be',
    cause: 'trust-policy-missing-allow',
    part: 'session tags',
    on: BY_ROLE,
    also: ['own assume', 'trust', 'trust deny', 'rcp', 'app scp', 'external id'],
    breakIt: (setup) => {
      edit(own(assumer(setup)), 'Roles', { Action: ['sts:AssumeRole', 'sts:TagSession'] });
      assume(setup, { Tags: [{ Key: 'team', Value: 'reports' }] });
    },
  },
  {
    name: 'the session names its source, and the trust policy does not let it',
    cause: 'trust-policy-missing-allow',
    part: 'session tags',
    on: ['role'],
    also: ['own assume', 'trust', 'trust deny', 'rcp', 'app scp', 'external id'],
    breakIt: (setup) => {
      edit(own(assumer(setup)), 'Roles', { Action: ['sts:AssumeRole', 'sts:SetSourceIdentity'] });
      assume(setup, { SourceIdentity: 'ada' });
    },
  },
  {
    name: 'the session is tagged, and the caller may not tag it',
    cause: 'identity-policy-missing-allow',
    part: 'session tags',
    on: BY_ROLE,
    also: ['own assume', 'trust', 'trust deny', 'rcp', 'app scp', 'external id', 'assume boundary'],
    breakIt: (setup) => {
      add(reader(setup).trust!.document, {
        Sid: 'Tags',
        Effect: 'Allow',
        Principal: { AWS: [SERVICE, HOP] },
        Action: 'sts:TagSession',
      });
      assume(setup, { Tags: [{ Key: 'team', Value: 'reports' }] });
    },
  },
  {
    name: 'the role on the way is gone',
    cause: 'role-not-found',
    part: 'first role',
    also: ['own assume', 'session tags', 'first trust', 'trust'],
    on: ['chain'],
    unfixable: true,
    breakIt: (setup) => {
      delete app(setup).principals[HOP];
    },
  },
  {
    name: 'the role on the way trusts somebody else',
    cause: 'trust-policy-missing-allow',
    part: 'first trust',
    on: ['chain'],
    breakIt: (setup) =>
      edit(app(setup).principals[HOP]!.trust!.document, 'Service', {
        Principal: { AWS: `arn:aws:iam::${OUTSIDE}:root` },
      }),
  },
  {
    name: 'the role on the way was deleted and made again, and the next one trusts the old one',
    cause: 'stale-principal',
    part: 'trust',
    on: ['chain'],
    also: ['own assume'],
    breakIt: (setup) => recreate(setup, HOP),
  },
  {
    name: 'the account of the role is misspelt',
    cause: 'role-not-found',
    part: 'role',
    on: BY_ROLE,
    breakIt: ({ call }) => {
      const last = call.via.at(-1)!;
      call.via = [...call.via.slice(0, -1), { ...last, roleArn: READER.replace(DATA, APP) }];
    },
  },
  {
    name: 'the caller may assume roles by another path',
    cause: 'identity-policy-missing-allow',
    part: 'own assume',
    on: BY_ROLE,
    breakIt: (setup, random) =>
      edit(
        own(assumer(setup)),
        'Roles',
        random.pick<Partial<Statement>>([
          { Resource: `arn:aws:iam::${DATA}:role/*/reader` },
          { Action: 'sts:TagSession' },
          { Condition: { StringEquals: { 'aws:ResourceAccount': OUTSIDE } } },
          { Resource: `arn:aws:sts::${DATA}:assumed-role/reports-reader/*` },
        ]),
      ),
  },
];
