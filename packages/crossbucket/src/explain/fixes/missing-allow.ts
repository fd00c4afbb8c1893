import {
  findAccessPoint,
  findBucket,
  findCaller,
  matchesGlob,
  statementsOf,
  type FailedElement,
  type PolicyDocument,
  type Statement,
} from '@crossbucket/policy';
import { stalePrincipals } from './stale.ts';
import { INLINE_LIMITS } from '../../changes/index.ts';
import { withStatement } from '../core/edit.ts';
import {
  accountOf,
  bucketOf,
  bucketPlace,
  documentsOf,
  lastPart,
  locate,
  type Asked,
  type Place,
} from '../core/place.ts';
import { SESSION_POLICY } from '../core/situation.ts';
import { askedChanges } from './call-changes.ts';
import { mend } from './mend.ts';
import { documentProposal, type Case, type Proposal } from './proposal.ts';
import {
  canWrite,
  canonicalAction,
  exactStatement,
  listOf,
  oneOrMany,
  principalArn,
  sidFor,
  withReplaced,
} from './statement-parts.ts';
import { shortName, shortResource } from './words.ts';

/** An Allow that is not there: the call as the nearest one wants it, or the least statement that allows it. */
export function mendMissingAllow(about: Case): Proposal[] {
  const { cause } = about;
  const failed = cause.miss?.failed ?? [];
  return [
    ...askedChanges(about, failed),
    ...allowExactly(about, failed),
    ...mendNearest(about),
    ...allowAsMuch(about),
  ];
}

/** Where a new statement goes. */
interface Target {
  place: Place;
  document: PolicyDocument | null;
}

function allowExactly(about: Case, failed: readonly FailedElement[]): Proposal[] {
  const target = targetOf(about);
  if (target === undefined) return [];
  const { cause } = about;
  const near = cause.miss && locate(about, cause, cause.miss);
  const like = near && cause.miss ? statementsOf(near.policy.document)[cause.miss.index] : undefined;
  // Conditions of a statement for other actions are another matter; but whoever may assume a role meets those of its trust.
  const isAssuming = about.request.action.toLowerCase() === 'sts:assumerole';
  const isOther =
    !isAssuming && failed.some(({ element }) => element === 'Action' || element === 'NotAction');
  const statement = exactStatement(about, cause.layer, isOther ? undefined : like, failed);
  return statement === undefined ? [] : [adding(about, target, statement, '')].flat();
}

function adding(about: Case, { place, document }: Target, statement: Statement, more: string): Proposal[] {
  const { request } = about;
  if (!canWrite(document, request.resource)) return [];
  const roomy = withRoom(about, place, statement);
  if (roomy !== undefined) return adding(about, roomy, statement, more);
  const stale = stalePrincipals(document);
  const after = withStatement(stale.without, statement);
  const who = shortName(principalArn(about) ?? request.principal);
  const wide = listOf(statement.Resource).find((resource) => resource !== '*');
  const on = place.kind === 'trust-policy' ? '' : ` on ${shortResource(wide ?? request.resource)}`;
  const summary = `allow ${canonicalAction(request.action)}${on} to ${who} in the ${nameIn(place)}${stale.words}`;
  return documentProposal(place, document, after, {
    summary,
    also: [alsoOf(about, place), more].filter(Boolean).join('; '),
  });
}

/** Where inline policies have no room for another statement: a managed policy for this principal. */
function withRoom({ situation, call }: Case, place: Place, statement: Statement): Target | undefined {
  if (place.kind !== 'inline-policy') return undefined;
  const caller = findCaller(situation.world, call);
  const policies = caller?.principal.policies ?? [];
  const inline = policies.filter(({ arn }) => arn === undefined).map(({ document }) => document);
  const size = JSON.stringify([inline, statement]).replaceAll(/\s/g, '').length;
  const { kind, name } = place.holder;
  if (size <= INLINE_LIMITS[kind]) return undefined;
  const arn = `arn:${caller?.principal.arn.split(':')[1] ?? 'aws'}:iam::${place.account}:policy/${NEW_POLICY}-${kind}-${name}`;
  const known = policies.find((policy) => policy.arn === arn);
  return {
    place: { account: place.account, kind: 'attached-policy', arn, holder: place.holder },
    document: known?.document ?? null,
  };
}

const nameIn = (place: Place): string =>
  place.kind === 'inline-policy' ? `inline policy \`${place.policy}\`` : PLACE_WORDS[place.kind];

const PLACE_WORDS: Record<Exclude<Place['kind'], 'inline-policy'>, string> = {
  'bucket-policy': 'bucket policy',
  'key-policy': 'key policy',
  'trust-policy': 'trust policy',
  'managed-policy': 'managed policy',
  'attached-policy': 'managed policy of its own',
  role: 'role',
  'access-point-policy': 'access point policy',
  scp: 'service control policy',
  rcp: 'resource control policy',
  'vpc-endpoint-policy': 'VPC endpoint policy',
  'session-policy': 'session policy',
};

/** Whom else a change of the document reaches. */
export function alsoOf(about: Asked, place: Place): string {
  switch (place.kind) {
    case 'managed-policy':
      return `the same to whoever else has the managed policy \`${lastPart(place.arn)}\``;
    case 'inline-policy':
      return place.holder.kind === 'group'
        ? `the same to everybody in the group \`${place.holder.name}\``
        : '';
    case 'scp':
      return `nothing by itself: the same for the policies of every account below \`${place.name}\` to allow`;
    case 'bucket-policy':
    case 'trust-policy':
    case 'key-policy':
    case 'access-point-policy':
      return principalArn(about)?.endsWith(':root') === true
        ? `the same to whoever account ${accountOf(about.request.principal)} lets`
        : '';
    default:
      return '';
  }
}

function targetOf(about: Case): Target | undefined {
  const { situation, call, request, cause } = about;
  const { world } = situation;
  const documents = documentsOf(about, cause.layer);
  const near = cause.miss && locate(about, cause, cause.miss);
  switch (cause.layer) {
    case 'identity-policy': {
      const caller = findCaller(world, call);
      if (caller === undefined) return undefined;
      const inline = [...(near ? [near] : []), ...documents].find(
        ({ place }) => place.kind === 'inline-policy' && place.holder.kind !== 'group',
      );
      if (inline) return { place: inline.place, document: inline.policy.document };
      const holder = { kind: caller.principal.kind, name: lastPart(caller.principal.arn) };
      const place: Place = { account: caller.account.id, kind: 'inline-policy', holder, policy: NEW_POLICY };
      return { place, document: null };
    }
    case 'resource-policy': {
      const found = bucketOf(world, request) ?? findBucket(world, String(call.input['Bucket']));
      return found && { place: bucketPlace(found), document: found.bucket.policy?.document ?? null };
    }
    case 'access-point-policy': {
      const found = findAccessPoint(world, request.accessPoint ?? '');
      if (found === undefined) return undefined;
      const { arn, policy } = found.accessPoint;
      return {
        place: { account: found.account.id, kind: 'access-point-policy', arn },
        document: policy?.document ?? null,
      };
    }
    case 'session-policy': {
      const located = documents.find(({ policy }) => policy.name === SESSION_POLICY) ?? documents[0];
      if (located?.place.kind !== 'session-policy' || located.place.step < 0) return undefined;
      const { arn, ...place } = located.place;
      return {
        place: { ...place, name: SESSION_POLICY },
        document: arn === undefined ? located.policy.document : null,
      };
    }
    default: {
      const located =
        near ?? documents.find(({ policy }) => policy.name === cause.document?.name) ?? documents[0];
      return located && { place: located.place, document: located.policy.document };
    }
  }
}

/** What a principal without inline policies gets. */
const NEW_POLICY = 'crossbucket-explain';

/** The nearest statement without the slip that keeps it from matching. */
function mendNearest(about: Case): Proposal[] {
  const { cause } = about;
  const near = cause.miss && locate(about, cause, cause.miss);
  if (near === undefined || cause.miss === undefined) return [];
  const { document } = near.policy;
  const statement = statementsOf(document)[cause.miss.index];
  const mended = statement && mend(about, statement, cause.miss.failed);
  if (mended === undefined) return [];
  const stale = stalePrincipals(withReplaced(document, cause.miss.index, [mended.statement]));
  return documentProposal(near.place, document, stale.without, {
    summary: `${mended.summary} in the ${nameIn(near.place)}${stale.words}`,
    also: [mended.also, alsoOf(about, near.place)].filter(Boolean).join('; '),
  });
}

/** The same action on all that the other side allows it on already: nobody wants a statement for each object. */
function allowAsMuch(about: Case): Proposal[] {
  const { cause, request } = about;
  const target = targetOf(about);
  const bucket = /^arn:[^:]+:s3:::[^/]+/.exec(request.resource)?.[0];
  if (target === undefined || bucket === undefined || !request.resource.startsWith(`${bucket}/`)) return [];
  if (request.accessPoint !== undefined) return [];
  const others = about.cause.decision?.layers.flatMap(({ layer, statements }) =>
    layer === cause.layer
      ? []
      : statements.filter(({ effect }) => effect === 'Allow').map((ref) => ({ layer, ref })),
  );
  const patterns = (others ?? []).flatMap(({ layer, ref }) => {
    const located = locate(about, { layer }, ref);
    const statement = located && statementsOf(located.policy.document)[ref.index];
    return listOf(statement?.Resource).filter(
      (pattern) =>
        pattern.startsWith(`${bucket}/`) &&
        pattern !== request.resource &&
        matchesGlob(pattern, request.resource),
    );
  });
  const exact = exactStatement(about, cause.layer);
  if (patterns.length === 0 || exact === undefined) return [];
  const wide = { ...exact, Resource: oneOrMany([...new Set(patterns)]) };
  const statement = {
    ...wide,
    Sid: sidFor('Allow', request.action, [cause.layer, request.principal, wide.Resource]),
  };
  const objects = patterns.map(shortResource).join(', ');
  return adding(
    about,
    target,
    statement,
    `the same on every other object of ${objects}, as the other side does already`,
  );
}
