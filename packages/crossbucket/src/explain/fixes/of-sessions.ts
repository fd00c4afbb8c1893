import { nearest, type AccountSnapshot, type ApiCall, type PrincipalSnapshot } from '@crossbucket/policy';
import { lastPart } from '../core/place.ts';
import { mendMissingAllow } from './missing-allow.ts';
import { advice, callProposal, type Case, type Proposal } from './proposal.ts';
import { shortName } from './words.ts';

const roleOf = ({ input }: ApiCall): string => String(input['RoleArn']);

/** The id that the role asks for is no secret; to change it is second. */
export function mendExternalId(about: Case): Proposal[] {
  const { cause } = about;
  const failed = cause.miss?.failed.filter(({ key }) => key?.toLowerCase() === 'sts:externalid') ?? [];
  const ids = failed.flatMap(({ wanted }) => wanted);
  const passing = ids.map((id) =>
    callProposal(about, `pass ExternalId \`${id}\` when assuming the role`, { input: { ExternalId: id } }),
  );
  return [...passing, ...mendMissingAllow(about).filter(({ edit }) => edit?.on === 'document')];
}

/** Nothing here makes a second factor unnecessary. */
export function mendMfa(about: Case): Proposal[] {
  const { call } = about;
  if (call.principal.includes(':assumed-role/')) {
    const words = `no session of a role carries a second factor: let a user with a device assume ${shortName(roleOf(call))}, or have its owner decide that ${shortName(call.principal)} needs none`;
    return [advice(about.cause.account ?? '', 'trust-policy', shortName(roleOf(call)), words)];
  }
  const context = { 'aws:MultiFactorAuthPresent': true, 'aws:MultiFactorAuthAge': '1' };
  return [
    callProposal(about, 'pass SerialNumber and TokenCode of a second factor when assuming the role', {
      context,
    }),
  ];
}

export function mendRole(about: Case): Proposal[] {
  const { situation, call, cause } = about;
  const wanted = roleOf(call);
  const { [cause.account ?? '']: account, ...others } = situation.world.accounts;
  const found = [account, ...Object.values(others)].flatMap((one) => roleLike(wanted, one) ?? [])[0];
  return [
    ...(found ? [callProposal(about, `assume \`${found.arn}\``, { input: { RoleArn: found.arn } })] : []),
    advice(
      cause.account ?? '',
      'role',
      shortName(wanted),
      `make the role ${shortName(wanted)}, or mend its name in the call`,
    ),
  ];
}

/** A role of the name, or else of nearly it. */
function roleLike(wanted: string, account: AccountSnapshot | undefined): PrincipalSnapshot | undefined {
  const roles = Object.values(account?.principals ?? {}).filter(({ kind }) => kind === 'role');
  const near = nearest(
    lastPart(wanted),
    roles.map(({ arn }) => lastPart(arn)),
  );
  return (
    roles.find(({ arn }) => lastPart(arn) === lastPart(wanted)) ??
    roles.find(({ arn }) => lastPart(arn) === near)
  );
}

export function mendSessionDuration(about: Case): Proposal[] {
  const { situation, call, cause } = about;
  const account = cause.account ?? '';
  const role = situation.world.accounts[account]?.principals[roleOf(call)];
  const isChained = call.principal.includes(':assumed-role/');
  const before = role?.maxSessionDuration ?? 3600;
  const limit = isChained ? Math.min(3600, before) : before;
  const wanted = Number(call.input['DurationSeconds']);
  const shorter = callProposal(about, `ask for ${limit} seconds or less`, {
    input: { DurationSeconds: limit },
  });
  if (isChained || role === undefined || wanted > 12 * 3600) return [shorter];
  return [
    shorter,
    {
      summary: `let sessions of ${shortName(role.arn)} last ${wanted} seconds (MaxSessionDuration)`,
      account,
      document: { kind: 'role', name: shortName(role.arn), arn: role.arn },
      edit: {
        on: 'setting',
        account,
        setting: { kind: 'max-session', role: role.arn, before, after: wanted },
      },
      also: 'sessions as long to everybody who may assume the role',
    },
  ];
}

/** STS is on in these for every account. */
const ALWAYS_ON = 'us-east-1';

export function mendStsRegion(about: Case): Proposal[] {
  const { facts } = about.situation;
  const { account = '', region = '' } = facts.stsDisabled ?? {};
  return [
    callProposal(about, `ask STS in a region that is on for the account, such as \`${ALWAYS_ON}\``, {
      region: ALWAYS_ON,
    }),
    advice(account, 'region', region, `turn region \`${region}\` on in account ${account}`),
  ];
}

const CREDENTIALS: Partial<Record<string, string>> = {
  'credentials-expired':
    'get new credentials: log in again, or assume the role again; code that renews them in time never meets this',
  'credentials-invalid':
    'use an access key that is active, with its own secret key, and the session token where it has one',
  'clock-skew': 'set the clock of the machine: AWS takes signatures of fifteen minutes before and after',
};

export const mendCredentials = (about: Case): Proposal[] => [
  advice(
    about.cause.account ?? '',
    'credentials',
    about.situation.caller.principal === '*' ? 'the credentials' : about.situation.caller.principal,
    CREDENTIALS[about.cause.code]!,
  ),
];
