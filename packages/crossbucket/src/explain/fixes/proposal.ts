import { isPublicPolicy, parsePolicy, type PolicyDocument, type PolicyKind } from '@crossbucket/policy';
import type { Edit } from '../core/edit.ts';
import type { FoundCause } from '../core/evaluate.ts';
import { placeName, type Asked, type Place } from '../core/place.ts';

/** What might mend a cause. Whether it does is for the evaluation to say. */
export interface Proposal {
  /** What to do, as an order: `let ... read ...`. */
  summary: string;
  /** Who has to do it. */
  account: string;
  document: { kind: string; name: string; arn?: string };
  /** Without it, nothing that an evaluation could see: new credentials, a clock that is set. */
  edit?: Edit;
  /** What else it would allow, in words; empty for nothing. */
  also: string;
}

/** A cause, and what it was found in. */
export interface Case extends Asked {
  cause: FoundCause;
}

/** A change of a document; none where it would make something public. */
export function documentProposal(
  place: Place,
  before: PolicyDocument | null,
  after: PolicyDocument | null,
  words: Pick<Proposal, 'summary' | 'also'>,
): Proposal[] {
  if (isNewlyPublic(place, before, after) || isOfAws(place) || isRefused(place, before, after)) return [];
  return [
    {
      ...words,
      account: place.account,
      document: { kind: place.kind, name: placeName(place), ...arnOf(place) },
      edit: { on: 'document', place, before, after },
    },
  ];
}

function isNewlyPublic(
  { kind }: Place,
  before: PolicyDocument | null,
  after: PolicyDocument | null,
): boolean {
  if (kind !== 'bucket-policy' && kind !== 'access-point-policy') return false;
  const sort = kind === 'bucket-policy' ? 'bucket' : 'access-point';
  return isPublicPolicy(after, sort) && !isPublicPolicy(before, sort);
}

const KINDS: Partial<Record<Place['kind'], PolicyKind>> = {
  'bucket-policy': 'bucket',
  'access-point-policy': 'access-point',
  'key-policy': 'key',
  'trust-policy': 'trust',
  'inline-policy': 'identity',
  'managed-policy': 'identity',
  'attached-policy': 'identity',
  'session-policy': 'session',
  'vpc-endpoint-policy': 'vpc-endpoint',
  scp: 'scp',
  rcp: 'rcp',
};

/** Whether AWS would not take the document, for a reason that it has not had before. */
function isRefused({ kind }: Place, before: PolicyDocument | null, after: PolicyDocument | null): boolean {
  const errorsOf = (document: PolicyDocument | null) =>
    document === null
      ? []
      : parsePolicy(JSON.stringify(document), KINDS[kind]).problems.filter(
          ({ severity }) => severity === 'error',
        );
  const known = new Set(errorsOf(before).map(({ code }) => code));
  return errorsOf(after).some(({ code }) => !known.has(code));
}

/** Nobody but AWS changes its own managed policies. */
const isOfAws = (place: Place): boolean =>
  place.kind === 'managed-policy' && /^arn:[^:]+:iam::aws:/.test(place.arn);

function arnOf(place: Place): { arn?: string } {
  if (place.kind === 'key-policy') return { arn: place.key };
  return 'arn' in place && place.arn !== undefined ? { arn: place.arn } : {};
}

/** A call that is to be made otherwise. */
export function callProposal(
  { situation, call, cause }: Case,
  summary: string,
  change: { input?: Record<string, unknown>; context?: Record<string, string | boolean>; region?: string },
  also = '',
): Proposal {
  return {
    summary,
    account: situation.caller.principal.split(':')[4] ?? '',
    document: { kind: 'call', name: `${call.service}:${call.operation}` },
    edit: { on: 'call', step: cause.step, ...change },
    also,
  };
}

/** What no policy can do. */
export const advice = (account: string, kind: string, name: string, summary: string): Proposal => ({
  summary,
  account,
  document: { kind, name },
  also: '',
});
