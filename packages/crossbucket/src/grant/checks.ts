import { authorize, isPublicPolicy, statementsOf, type PolicyDocument } from '@crossbucket/policy';
import { canonicalStatement } from '../changes/canonical.ts';
import { mergeStatements } from '../changes/merge.ts';
import { parsedOrNull } from '../changes/merge-text.ts';
import { nameOf } from '../changes/document-ref.ts';
import { readOwnedSid } from '../changes/owned-sid.ts';
import { readRole } from '../changes/role-state.ts';
import { stalePrincipals } from '../changes/stale-principals.ts';
import { describeStatement } from '../changes/words.ts';
import { documentsFor } from './documents-for.ts';
import type { PlannedChange } from './goals.ts';
import { isManageable } from './manageable.ts';
import type { PlanProblem } from './problem.ts';
import type { GrantState } from './state.ts';

type Found = Omit<PlanProblem, 'grant'>;

/** What cannot work, and what is wiser to know before it is done, of one grant. */
export function checkState(state: GrantState): PlanProblem[] {
  const found = [
    ...roleProblems(state),
    ...boundaryProblems(state),
    ...publicProblems(state),
    ...bucketProblems(state),
    ...widthProblems(state),
    ...sourceProblems(state),
  ];
  return found.map((problem) => ({ ...problem, grant: state.facts.spec.name }));
}

function roleProblems({ facts, destination }: GrantState): Found[] {
  const role = destination?.role;
  if (facts.route !== 'role' || role === undefined) return [];
  const at = { account: facts.destination, document: `role ${role.name}` };
  if (!role.isOurs && facts.spec.role?.adopt !== true)
    return [
      {
        ...at,
        severity: 'error',
        code: 'role-taken',
        message: `account ${facts.destination} has a role \`${role.name}\` already, and this grant did not make it`,
        help: 'choose another name under `role`, or write `adopt: true` there to add to that role',
      },
    ];
  if (role.isOurs && role.state.path !== facts.role.path)
    return [
      {
        ...at,
        severity: 'error',
        code: 'role-path',
        message: `the role \`${role.name}\` has the path \`${role.state.path}\`, and a path cannot be changed`,
        help: 'choose another name under `role`, or revoke the grant first',
      },
    ];
  if (role.otherPolicies.length === 0) return [];
  return [
    {
      ...at,
      severity: 'warning',
      code: 'role-has-more',
      message: `the role \`${role.name}\` also has ${role.otherPolicies.join(', ')}, and whoever assumes it has what that allows`,
      help: 'let the grant make a role of its own',
    },
  ];
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html */
function boundaryProblems({ facts, destination }: GrantState): Found[] {
  const boundary = destination?.boundary;
  const { rolePolicy } = documentsFor(facts);
  if (boundary === undefined || rolePolicy === undefined) return [];
  const denied = statementsOf(rolePolicy).flatMap(({ Action = [], Resource = [], Condition = {} }) =>
    [Action].flat().filter((action) =>
      [Resource].flat().some((resource) => {
        const prefix = [Condition['StringLike']?.['s3:prefix'] ?? ''].flat()[0];
        const context = { 'aws:SecureTransport': true, 's3:prefix': String(prefix) };
        const place = { resource: resource.replaceAll('*', 'x'), resourceAccount: facts.destination };
        const request = { principal: facts.role.arn, action, ...place, context };
        // Of the boundary alone, which must allow whatever is to work; a key's policy has its own say.
        const key = action.startsWith('kms:') && { resource: delegatingTo(facts.destination) };
        return authorize(request, { identity: [boundary], ...key }).outcome === 'deny';
      }),
    ),
  );
  if (denied.length === 0) return [];
  return [
    {
      account: facts.destination,
      document: `managed policy ${boundary.arn}`,
      severity: 'warning',
      code: 'boundary-denies',
      message: `the boundary of the role does not allow ${[...new Set(denied)].join(', ')}, so the grant does not give it`,
      help: 'widen the boundary, or ask for less under `access`',
    },
  ];
}

/** What leaves a decision to policies of an account. */
const delegatingTo = (account: string): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: account }, Action: '*', Resource: '*' }],
});

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html */
function publicProblems({ facts, destination }: GrantState): Found[] {
  if (destination === undefined || facts.route !== 'bucket-policy') return [];
  const { bucket, publicAccessBlock, bucketPolicy } = destination;
  const others = mergeStatements(parsedOrNull(bucketPolicy), { owners: [facts.owner], add: [] });
  if (others === null || !isPublicPolicy(others)) return [];
  const isOn = (setting: 'RestrictPublicBuckets' | 'BlockPublicPolicy') =>
    bucket.publicAccessBlock?.[setting] === true || publicAccessBlock?.[setting] === true;
  const at = { account: facts.destination, document: `bucket policy of ${facts.bucket}` };
  const help = 'take the public statement out of the bucket policy first, or use route `role`';
  if (isOn('RestrictPublicBuckets'))
    return [
      {
        ...at,
        severity: 'error',
        code: 'public-access-block',
        message: `the bucket policy has a public statement, and while it has, Block Public Access (RestrictPublicBuckets) keeps every other account out`,
        help,
      },
    ];
  if (isOn('BlockPublicPolicy'))
    return [
      {
        ...at,
        severity: 'error',
        code: 'public-access-block',
        message: `the bucket policy has a public statement, so Block Public Access (BlockPublicPolicy) refuses to write it again`,
        help,
      },
    ];
  return [
    {
      ...at,
      severity: 'warning',
      code: 'public-policy',
      message: `bucket \`${facts.bucket}\` is public by another statement of its policy`,
      help: 'look whether it is meant to be; `crossbucket lint` names the statement',
    },
  ];
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html */
function bucketProblems({ facts, destination }: GrantState): Found[] {
  if (destination === undefined) return [];
  const { bucket } = destination;
  const { access } = facts.spec;
  const problems: Found[] = [];
  const at = { account: facts.destination, document: `bucket ${facts.bucket}` };
  if (bucket.ownership !== undefined && bucket.ownership !== 'BucketOwnerEnforced') {
    const writes = facts.route === 'bucket-policy' && access.write !== undefined;
    problems.push({
      ...at,
      severity: 'warning',
      code: 'object-ownership',
      message: writes
        ? `bucket \`${facts.bucket}\` has Object Ownership ${bucket.ownership}: what account ${facts.source} writes belongs to that account${bucket.ownership === 'BucketOwnerPreferred' ? ', unless it is written with the ACL bucket-owner-full-control' : ''}`
        : `bucket \`${facts.bucket}\` has Object Ownership ${bucket.ownership}: the grant does not reach objects that other accounts own`,
      help: 'set Object Ownership to BucketOwnerEnforced, so that the bucket owner owns every object',
    });
  }
  if (bucket.requesterPays === true && facts.route === 'bucket-policy')
    problems.push({
      ...at,
      severity: 'note',
      code: 'requester-pays',
      message: `bucket \`${facts.bucket}\` has the requester pay: account ${facts.source} must send x-amz-request-payer`,
      help: 'pass `RequestPayer: "requester"`, or use route `role`',
    });
  return problems;
}

function widthProblems({ facts, destination }: GrantState): Found[] {
  const problems: Found[] = [];
  const { spec, source } = facts;
  if (facts.principals.length === 0)
    problems.push({
      account: source,
      severity: 'warning',
      code: 'whole-account',
      message: `the grant names no principals: whoever account ${source} lets has the access`,
      help: 'name them under `principals`',
    });
  if (facts.route === 'role' && spec.role?.externalId === false)
    problems.push({
      account: facts.destination,
      document: `role ${facts.role.name}`,
      severity: 'note',
      code: 'no-external-id',
      message:
        'the role asks for no external id, which guards against the confused deputy where the source acts for several customers',
      help: 'leave `externalId` out for a random one',
    });
  const policy = parsedOrNull(destination?.bucketPolicy ?? null);
  for (const statement of policy === null ? [] : statementsOf(policy)) {
    if (statement.Effect !== 'Allow' || readOwnedSid(statement.Sid) || !reaches(statement, source)) continue;
    problems.push({
      account: facts.destination,
      document: `bucket policy of ${facts.bucket}`,
      severity: 'warning',
      code: 'wider-already',
      message: `a statement${statement.Sid === undefined ? '' : ` (${statement.Sid})`} of somebody else already says: ${describeStatement(statement)}`,
      help: 'look whether it is still needed; the grant does not narrow it',
    });
  }
  return problems;
}

function reaches({ Principal }: { Principal?: unknown }, account: string): boolean {
  if (Principal === '*') return true;
  const names = [(Principal as { AWS?: string | string[] } | undefined)?.AWS ?? []].flat();
  return names.some((name) => name === '*' || name === account || name.includes(`::${account}:`));
}

/** Roles that AWS keeps to itself take no policies: those of permission sets and of services. */
function sourceProblems(state: GrantState): Found[] {
  const { facts } = state;
  const documents = documentsFor(facts);
  return documents.source
    .filter(
      ({ principal, document }) => !isManageable(principal) && !hasAlready(state, principal.arn, document),
    )
    .map(({ principal, document }) => ({
      account: facts.source,
      document: `${principal.kind} ${principal.name}`,
      severity: 'warning',
      code: 'unmanageable-principal',
      message: `AWS lets nobody add a policy to \`${principal.arn}\`: ${JSON.stringify(document)}`,
      help: 'add that document to the permission set (IAM Identity Center), as its inline policy',
    }));
}

/** Whether somebody has put the document's statements into the principal's policies, under whatever Sid. */
function hasAlready({ source }: GrantState, arn: string, document: PolicyDocument): boolean {
  const snapshot = source?.principals.find(({ principal }) => principal.arn === arn)?.snapshot;
  const texts = (one: PolicyDocument) =>
    statementsOf(one).map((statement) => canonicalStatement({ ...statement, Sid: '' }));
  const there = new Set(snapshot?.policies.flatMap((policy) => texts(policy.document)));
  return texts(document).every((text) => there.has(text));
}

/** Statements of ours that no grant of the configuration owns: somebody else's configuration, or a grant that was never revoked. */
export function orphanProblems(states: readonly GrantState[], owners: ReadonlySet<string>): PlanProblem[] {
  return states.flatMap(({ facts, destination }) => {
    const policy = parsedOrNull(destination?.bucketPolicy ?? null);
    return (policy === null ? [] : statementsOf(policy)).flatMap(({ Sid: sid }): PlanProblem[] => {
      const owned = readOwnedSid(sid);
      if (owned === undefined || owners.has(owned.owner)) return [];
      return [
        {
          severity: 'note',
          code: 'other-grant',
          grant: facts.spec.name,
          account: facts.destination,
          document: `bucket policy of ${facts.bucket}`,
          message: `the statement \`${sid}\` is of a grant that is not in this configuration`,
          help: 'leave it if another configuration has it; else write the grant again and revoke it',
        },
      ];
    });
  });
}

/** Principals that are gone, in documents that are to be written: AWS would refuse the whole document. */
export function staleProblems(
  changes: readonly PlannedChange[],
  dropped: readonly string[],
  ids: Readonly<Record<string, string>>,
): PlanProblem[] {
  const known = new Map(Object.entries(ids));
  return changes.flatMap(({ change, grants }) => {
    const { document, after } = change;
    return stalePrincipals(documentIn(document.kind, after), known)
      .filter(({ id }) => !dropped.includes(id))
      .map(({ id, sid, index }) => ({
        severity: 'error' as const,
        code: 'stale-principal' as const,
        grant: grants.join(', '),
        account: document.account,
        document: nameOf(document),
        message: `the ${nameOf(document)} names \`${id}\`, who is gone, in statement ${sid === undefined ? index + 1 : `\`${sid}\``}, and AWS takes no document that does`,
        help: '`--remove-stale` takes just that principal out; or ask whoever wrote the statement',
      }));
  });
}

function documentIn(kind: string, text: string | null): PolicyDocument | null {
  if (text === null || kind === 'inline-policy') return null;
  return kind === 'role' ? readRole(text).trust : parsedOrNull(text);
}
