import {
  authorizeCall,
  findBucket,
  nearest,
  statementsOf,
  type AccountSnapshot,
  type ApiCall,
  type PrincipalSnapshot,
} from '@crossbucket/policy';
import { listingOf } from '../core/outside-causes.ts';
import { lastPart, locate } from '../core/place.ts';
import { mendExplicitDeny } from './explicit-deny.ts';
import { mendMissingAllow } from './missing-allow.ts';
import { advice, callProposal, documentProposal, type Case, type Proposal } from './proposal.ts';
import { isUniqueId, stalePrincipals } from './stale.ts';
import { exactStatement, listOf, oneOrMany, withReplaced } from './statement-parts.ts';
import { shortName } from './words.ts';

const roleOf = ({ input }: ApiCall): string => String(input['RoleArn']);
const ownerOf = ({ situation, call, cause }: Case): string =>
  cause.account ?? findBucket(situation.world, String(call.input['Bucket']))?.account.id ?? '';

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

export function mendOwner(about: Case): Proposal[] {
  const owner = ownerOf(about);
  const isSource = about.call.input['ExpectedBucketOwner'] === undefined;
  const member = isSource ? 'ExpectedSourceBucketOwner' : 'ExpectedBucketOwner';
  const summary = `expect account ${owner}, if that is who should own the bucket; otherwise the name is wrong`;
  return [callProposal(about, summary, { input: { [member]: owner } })];
}

export const mendPayer = (about: Case): Proposal[] => [
  callProposal(about, 'pass `RequestPayer: requester`: the account of the caller pays for the call', {
    input: { RequestPayer: 'requester' },
  }),
];

const ACL_MEMBERS = [
  'ACL',
  'GrantFullControl',
  'GrantRead',
  'GrantReadACP',
  'GrantWrite',
  'GrantWriteACP',
  'AccessControlPolicy',
];

/** The members that set an ACL, taken away. */
export function withoutAcl(input: ApiCall['input']): Record<string, undefined> {
  const present = ACL_MEMBERS.filter((member) => input[member] !== undefined);
  return Object.fromEntries(present.map((member) => [member, undefined]));
}

export function mendAcl(about: Case): Proposal[] {
  const { call } = about;
  const input = withoutAcl(call.input);
  const names = Object.keys(input).map((name) => `\`${name}\``);
  const isAclCall = /^Put(Object|Bucket)Acl$/.test(call.operation);
  const summary = isAclCall
    ? 'do not set an ACL: the bucket policy says who may do what, and the owner of the bucket owns every object'
    : `leave out ${names.join(', ')}: the owner of the bucket owns every object anyway`;
  const instead = isAclCall ? { ...input, ACL: 'bucket-owner-full-control' } : input;
  return [callProposal(about, summary, { input: instead })];
}

export function mendOwnership(about: Case): Proposal[] {
  const { situation, call } = about;
  const found = findBucket(situation.world, String(call.input['Bucket']));
  if (found === undefined) return [];
  const { account, bucket } = found;
  return [
    {
      summary: `let the bucket's owner own every object: set Object Ownership of \`${bucket.name}\` to BucketOwnerEnforced`,
      account: account.id,
      document: { kind: 'ownership', name: bucket.name },
      edit: {
        on: 'setting',
        account: account.id,
        setting: {
          kind: 'ownership',
          bucket: bucket.name,
          region: bucket.region,
          before: bucket.ownership ?? null,
          after: 'BucketOwnerEnforced',
        },
      },
      also: 'every other object to whom the bucket policy allows them; access that ACLs gave ends',
    },
    advice(
      account.id,
      'object',
      String(call.input['Key']),
      'or copy the object onto itself as the owner of the bucket, who owns the copy',
    ),
  ];
}

export function mendRegion(about: Case): Proposal[] {
  const found = findBucket(about.situation.world, String(about.call.input['Bucket']));
  if (found === undefined) return [];
  const { region } = found.bucket;
  return [callProposal(about, `make the client of S3 for region \`${region}\``, { region })];
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

export function mendBucketName(about: Case): Proposal[] {
  const { situation, call } = about;
  const name = String(call.input['Bucket']);
  const other = nearest(name, situation.facts.otherBuckets ?? []);
  return [
    ...(other === undefined
      ? []
      : [callProposal(about, `ask for bucket \`${other}\``, { input: { Bucket: other } })]),
    advice('', 'bucket', name, 'mend the name of the bucket, or make it'),
  ];
}

export const mendKeyName = (about: Case): Proposal[] => [
  advice(
    ownerOf(about),
    'object',
    String(about.call.input['Key']),
    'mend the key, or have the object written',
  ),
];

/** What lets S3 say that the key is not there. */
export function mendListing(about: Case): Proposal[] {
  const { situation, call, cause } = about;
  const listing = listingOf(call);
  const { authorizations } = authorizeCall(situation.world, listing);
  return authorizations
    .flatMap(({ request, decision }) =>
      decision.causes.flatMap((found) => {
        const miss = decision.layers.find(({ layer }) => layer === found.layer)?.nearestMisses[0];
        const own = { ...found, step: cause.step, request, decision, ...(miss && { miss }) };
        const part = { situation, call: listing, request, cause: own };
        return found.statement?.effect === 'Deny' ? mendExplicitDeny(part) : mendMissingAllow(part);
      }),
    )
    .map((proposal) => ({
      ...proposal,
      summary: `${proposal.summary}: then S3 answers 404 for what is not there`,
    }));
}

export function mendLock(about: Case): Proposal[] {
  const { situation, call } = about;
  const { lock } = situation.facts;
  const owner = ownerOf(about);
  const name = String(call.input['Key']);
  if (lock?.legalHold === true && call.operation === 'DeleteObject')
    return [
      advice(owner, 'object', name, 'have the legal hold lifted (PutObjectLegalHold, OFF), if it may be'),
    ];
  if (lock?.mode === 'COMPLIANCE')
    return [
      advice(
        owner,
        'object',
        name,
        `wait until ${lock.until ?? 'it ends'}: nobody can shorten the retention`,
      ),
    ];
  return [
    callProposal(about, 'pass `BypassGovernanceRetention`, which takes s3:BypassGovernanceRetention', {
      input: { BypassGovernanceRetention: true },
    }),
    advice(owner, 'object', name, `or wait until ${lock?.until ?? 'it ends'}`),
  ];
}

export function mendManagedKey(about: Case): Proposal[] {
  const owner = about.cause.account ?? '';
  const key = about.request.resource;
  const words =
    'encrypt with a key of the customer, whose policy can let other accounts use it, and copy the objects onto themselves; or read through a role of the owner';
  return [advice(owner, 'key', key, words)];
}

export function mendKeyState(about: Case): Proposal[] {
  const { situation, request } = about;
  const account = request.resource.split(':')[4] ?? '';
  const key = situation.world.accounts[account]?.keys[request.resource];
  if (key?.state === undefined) return [];
  const summary =
    key.state === 'PendingDeletion' ? 'cancel the deletion of the key, and enable it' : 'enable the key';
  return [
    {
      summary: `${summary}, if it was not turned off on purpose`,
      account,
      document: { kind: 'key', name: key.arn, arn: key.arn },
      edit: {
        on: 'setting',
        account,
        setting: { kind: 'key-state', key: key.arn, before: key.state, after: 'Enabled' },
      },
      also: 'its use to everybody whom its policy lets',
    },
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

/** The principal that is there now, in place of the id of one that is gone. */
export function mendStale(about: Case): Proposal[] {
  const { cause } = about;
  const located = cause.miss && locate(about, cause, cause.miss);
  if (cause.miss === undefined || located === undefined) return [];
  const { document } = located.policy;
  const like = statementsOf(document)[cause.miss.index];
  const named = exactStatement(about, cause.layer)?.Principal;
  if (like?.Principal === undefined || like.Principal === '*' || named === undefined || named === '*')
    return [];
  const gone = listOf(like.Principal.AWS).filter(isUniqueId);
  const others = listOf(like.Principal.AWS).filter((name) => !isUniqueId(name));
  const Principal = { ...like.Principal, AWS: oneOrMany([...others, ...listOf(named.AWS)]) };
  const replaced = withReplaced(document, cause.miss.index, [{ ...like, Principal }]);
  return documentProposal(located.place, document, stalePrincipals(replaced).without, {
    summary: `name ${shortName(about.request.principal)} in place of ${gone.join(', ')}, which is gone`,
    also: 'all that the statement allowed to whoever had that id',
  });
}
