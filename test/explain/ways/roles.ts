import { APP, DATA, HOP, OUTSIDE, READER, SERVICE } from '../setup.ts';
import { inRoles, inTrust, toRole, trustDenies } from './breaks.ts';
import {
  add,
  app,
  assume,
  assumer,
  data,
  deny,
  edit,
  lastStep,
  own,
  reader,
  recreate,
  starter,
  wanting,
} from './parts.ts';
import { BY_ROLE, ways, type Break, type Way } from './way.ts';

/** What a session with tags or a source takes as well. */
const OF_SESSION = ['own assume', 'trust', 'trust deny', 'rcp', 'app scp', 'external id'] as const;

/** With a tag of which no other policy makes anything: one that a policy wants would let the call through there. */
const TAGGED = { Tags: [{ Key: 'run', Value: 'nightly' }] };

const duration =
  (...seconds: number[]): Break =>
  (setup, random) =>
    assume(setup, { DurationSeconds: random.pick(seconds) });

const ON_THE_WAY: readonly Way[] = [
  ...ways(
    {
      cause: 'role-not-found',
      part: 'first role',
      also: ['own assume', 'session tags', 'first trust', 'trust'],
      on: ['chain'],
      unfixable: true,
    },
    {
      'the role on the way is gone': (setup) => {
        delete app(setup).principals[HOP];
      },
    },
  ),
  ...ways(
    { cause: 'trust-policy-missing-allow', part: 'first trust', on: ['chain'] },
    {
      'the role on the way trusts somebody else': (setup) =>
        edit(app(setup).principals[HOP]!.trust!.document, 'Service', {
          Principal: { AWS: `arn:aws:iam::${OUTSIDE}:root` },
        }),
    },
  ),
  ...ways(
    { cause: 'stale-principal', part: 'trust', on: ['chain'], also: ['own assume'] },
    {
      'the role on the way was deleted and made again, and the next one trusts the old one': (setup) =>
        recreate(setup, HOP),
    },
  ),
];

const OWN: readonly Way[] = [
  ...ways(
    { cause: 'identity-policy-missing-allow', part: 'own assume', on: BY_ROLE },
    {
      'the caller may not assume the role': inRoles(
        { Resource: `arn:aws:iam::${DATA}:role/reports-reader` },
        { Resource: `arn:aws:iam::${OUTSIDE}:role/readers/reports-reader` },
        { Resource: `arn:aws:iam::${DATA}:role/readers/report-reader` },
      ),
      'the caller may assume roles by another path': inRoles(
        { Resource: `arn:aws:iam::${DATA}:role/*/reader` },
        { Action: 'sts:TagSession' },
        { Condition: { StringEquals: { 'aws:ResourceAccount': OUTSIDE } } },
        { Resource: `arn:aws:sts::${DATA}:assumed-role/reports-reader/*` },
      ),
    },
  ),
  ...ways(
    { cause: 'identity-policy-explicit-deny', part: 'own assume', on: BY_ROLE },
    {
      'the caller is denied to assume roles': (setup) =>
        add(own(assumer(setup)), deny({ Action: 'sts:AssumeRole', Resource: READER })),
    },
  ),
  ...ways(
    { cause: 'boundary-missing-allow', part: 'assume boundary', on: BY_ROLE },
    {
      'the boundary of the caller allows no STS': (setup) =>
        edit(starter(setup).boundary!.document, 'Limits', { Action: ['s3:*', 'kms:*'] }),
    },
  ),
];

const TRUST_ALLOWS_NOT = { cause: 'trust-policy-missing-allow', part: 'trust', on: BY_ROLE } as const;
const TRUST_DENIES = { cause: 'trust-policy-explicit-deny', part: 'trust deny', on: BY_ROLE } as const;

const TRUST: readonly Way[] = [
  ...ways(TRUST_ALLOWS_NOT, {
    'the trust policy names somebody else': inTrust(
      { Principal: { AWS: `arn:aws:iam::${OUTSIDE}:root` } },
      { Principal: { AWS: `arn:aws:iam::${DATA}:root` } },
    ),
    'the trust policy has no statement for it': inTrust({ Action: 'sts:TagSession' }),
    'the trust policy wants another organization': inTrust(
      wanting('StringEquals', 'aws:PrincipalOrgID', 'o-another0000'),
    ),
    'the trust policy wants somebody else by a condition': inTrust(
      wanting('ArnLike', 'aws:PrincipalArn', 'arn:aws:iam::*:role/other-*'),
      wanting('StringEquals', 'aws:PrincipalAccount', OUTSIDE),
      wanting('StringEquals', 'aws:PrincipalTag/team', 'reports'),
      wanting('StringEquals', 'aws:PrincipalArn', 'arn:aws:iam::*:*'),
    ),
    'the trust policy wants another name of the session': inTrust(
      wanting('StringEquals', 'sts:RoleSessionName', 'reports'),
      wanting('StringLike', 'sts:RoleSessionName', 'reports-*'),
    ),
    'the trust policy is past': inTrust(wanting('DateLessThan', 'aws:CurrentTime', '2020-01-01T00:00:00Z')),
  }),
  ...ways(
    { ...TRUST_ALLOWS_NOT, onPaper: true },
    {
      'the trust policy wants another network': inTrust(
        wanting('IpAddress', 'aws:SourceIp', '198.51.100.0/24'),
        wanting('StringEquals', 'aws:SourceVpce', 'vpce-0'),
      ),
    },
  ),
  ...ways(
    { cause: 'stale-principal', part: 'trust', also: ['bucket deny'], on: ['role'] },
    { 'the user was deleted and made again, and the role trusts the old one': (setup) => recreate(setup) },
  ),
  ...ways(TRUST_DENIES, {
    'the trust policy denies the account': trustDenies({}, { Principal: { AWS: APP } }),
    'the trust policy denies all but another organization': trustDenies({
      Principal: { AWS: '*' },
      Action: 'sts:*',
      Condition: { StringNotEquals: { 'aws:PrincipalOrgID': 'o-another0000' } },
    }),
  }),
  ...ways(
    { ...TRUST_DENIES, also: ['external id'] },
    {
      'the trust policy denies without the external id': trustDenies({
        Condition: { StringNotEquals: { 'sts:ExternalId': 'acme-other' } },
      }),
    },
  ),
  ...ways(
    { cause: 'external-id-mismatch', part: 'external id', on: BY_ROLE },
    {
      'the trust policy wants another external id': inTrust(
        wanting('StringEquals', 'sts:ExternalId', 'acme-7f3b'),
        wanting('StringEquals', 'sts:ExternalId', 'globex-1'),
        wanting('StringEquals', 'sts:ExternalId', 'ACME-7f3a'),
      ),
      'the call passes no external id': (setup) =>
        lastStep(setup, ({ input = {}, ...step }) => {
          const { ExternalId: _, ...rest } = input;
          return { ...step, input: rest };
        }),
    },
  ),
  ...ways(
    { cause: 'mfa-required', part: 'trust condition', on: ['role'] },
    {
      'the trust policy wants a second factor': inTrust(
        wanting('Bool', 'aws:MultiFactorAuthPresent', 'true'),
        wanting('NumericLessThan', 'aws:MultiFactorAuthAge', '3600'),
      ),
    },
  ),
];

const CALL: readonly Way[] = [
  ...ways(
    { cause: 'role-not-found', part: 'role', on: BY_ROLE, unfixable: true },
    {
      'the role is gone': (setup) => {
        delete data(setup).principals[READER];
      },
    },
  ),
  ...ways(
    { cause: 'role-not-found', part: 'role', on: BY_ROLE },
    {
      'the name of the role is misspelt': toRole(
        `arn:aws:iam::${DATA}:role/reports-reader`,
        READER.replace('reports', 'report'),
        READER.replace('readers/', ''),
      ),
      'the account of the role is misspelt': toRole(READER.replace(DATA, APP)),
    },
  ),
  ...ways(
    { cause: 'session-duration', part: 'duration', on: ['role'] },
    { 'the session is to last longer than the role lets it': duration(7200, 43_200) },
  ),
  ...ways(
    { cause: 'session-duration', part: 'duration', on: ['chain'] },
    { 'a chained session is to last longer than an hour': duration(3601, 7200) },
  ),
  ...ways(
    { cause: 'sts-region-disabled', part: 'sts region', on: ['role'], evidence: true },
    {
      'STS is off in the region for the owner of the role': ({ call, facts }) => {
        call.stsRegion = 'ap-east-1';
        facts.stsDisabled = { account: DATA, region: 'ap-east-1' };
      },
    },
  ),
  ...ways(
    { cause: 'trust-policy-missing-allow', part: 'session tags', on: BY_ROLE, also: OF_SESSION },
    {
      'the session is tagged, and the trust policy does not let it be': (setup, random) => {
        inRoles({ Action: ['sts:AssumeRole', 'sts:TagSession'] })(setup, random);
        assume(setup, TAGGED);
      },
    },
  ),
  ...ways(
    { cause: 'trust-policy-missing-allow', part: 'session tags', on: ['role'], also: OF_SESSION },
    {
      'the session names its source, and the trust policy does not let it': (setup, random) => {
        inRoles({ Action: ['sts:AssumeRole', 'sts:SetSourceIdentity'] })(setup, random);
        assume(setup, { SourceIdentity: 'ada' });
      },
    },
  ),
  ...ways(
    {
      cause: 'identity-policy-missing-allow',
      part: 'session tags',
      on: BY_ROLE,
      also: [...OF_SESSION, 'assume boundary'],
    },
    {
      'the session is tagged, and the caller may not tag it': (setup) => {
        add(reader(setup).trust!.document, {
          Sid: 'Tags',
          Effect: 'Allow',
          Principal: { AWS: [SERVICE, HOP] },
          Action: 'sts:TagSession',
        });
        assume(setup, TAGGED);
      },
    },
  ),
];

/** The way into the role. */
export const ROLES: readonly Way[] = [...OWN, ...TRUST, ...CALL, ...ON_THE_WAY];
