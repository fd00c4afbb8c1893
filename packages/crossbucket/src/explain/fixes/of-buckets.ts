import { authorizeCall, findBucket, nearest, type ApiCall } from '@crossbucket/policy';
import { listingOf } from '../core/outside-causes.ts';
import { mendExplicitDeny } from './explicit-deny.ts';
import { mendMissingAllow } from './missing-allow.ts';
import { advice, callProposal, type Case, type Proposal } from './proposal.ts';

const ownerOf = ({ situation, call, cause }: Case): string =>
  cause.account ?? findBucket(situation.world, String(call.input['Bucket']))?.account.id ?? '';

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
