import { matchesGlob, statementsOf, type Statement } from '@crossbucket/policy';
import { locate, type Place } from '../core/place.ts';
import { sparedChanges } from './call-changes.ts';
import { carve, type Carved } from './carve.ts';
import { documentProposal, type Case, type Proposal } from './proposal.ts';
import { stalePrincipals } from './stale.ts';
import {
  canWrite,
  canonicalAction,
  listOf,
  pointResource,
  principalArn,
  withReplaced,
} from './statement-parts.ts';
import { shortName, shortResource } from './words.ts';

/** A Deny: the call as it lets it through, or the Deny without this one request. */
export function mendExplicitDeny(about: Case): Proposal[] {
  const { cause, request } = about;
  const located = cause.statement && locate(about, cause, cause.statement);
  if (cause.statement === undefined || located === undefined) return [];
  const { place, policy } = located;
  const statement = statementsOf(policy.document)[cause.statement.index];
  const principal = principalArn(about);
  if (statement === undefined || (place.kind === 'session-policy' && place.step < 0))
    return sparedChanges(about);
  if (!canWrite(policy.document, request.resource)) return sparedChanges(about);
  // Nobody in particular can be spared of what is denied to everybody.
  if (principal === undefined && !isOfOne(place)) return sparedChanges(about);
  const carved = carve(
    statement,
    {
      principal: isOfOne(place) ? undefined : principal,
      action: canonicalAction(request.action),
      resource: resourceIn(statement, about),
      onlyS3: place.kind === 'bucket-policy' || place.kind === 'access-point-policy',
    },
    new Set(statementsOf(policy.document).flatMap(({ Sid }) => Sid ?? [])),
  );
  const stale = stalePrincipals(withReplaced(policy.document, cause.statement.index, carved.statements));
  const what = `statement ${statement.Sid === undefined ? cause.statement.index + 1 : `\`${statement.Sid}\``}`;
  return [
    ...sparedChanges(about),
    ...documentProposal(place, policy.document, stale.without, {
      summary:
        carved.statements.length === 0
          ? `remove ${what}, ${deniesMore(carved) ? 'of which no less can be taken away' : 'which denies nothing else'}${stale.words}`
          : `spare ${shortName(principal ?? request.principal)} ${canonicalAction(request.action)} on ${shortResource(request.resource)} in ${what}${stale.words}`,
      also: alsoOf(carved, about, place),
    }),
  ];
}

const deniesMore = ({ spared }: Carved): boolean => spared.everyAction || spared.everyResource;

/** What goes through an access point has two ARNs: that one which the statement is about. */
function resourceIn({ Resource }: Statement, { request }: Case): string {
  const point = pointResource(request);
  const isByPoint = point !== undefined && listOf(Resource).some((pattern) => matchesGlob(pattern, point));
  const isByBucket = listOf(Resource).some((pattern) => matchesGlob(pattern, request.resource));
  return isByPoint && !isByBucket ? point : request.resource;
}

/** Whether a document is one principal's alone, so that its statements need not say whose. */
const isOfOne = (place: Place): boolean =>
  (place.kind === 'inline-policy' && place.holder.kind !== 'group') || place.kind === 'session-policy';

function alsoOf({ spared }: Carved, { request }: Case, place: Place): string {
  const parts = [
    ...(spared.everyAction ? [`every other action that the statement denies`] : []),
    ...(spared.everyResource && !request.resource.includes(':role/') && place.kind !== 'key-policy'
      ? [`${canonicalAction(request.action)} on the other resources that the statement denies`]
      : []),
  ];
  return parts.length === 0 ? '' : `${parts.join(', and ')}, as far as something allows it`;
}
