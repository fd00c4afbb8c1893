import type { CauseCode, Outcome } from '@crossbucket/policy';
import { CAUSE_WORDS } from '../causes.ts';
import { applyEdit, type Edit } from '../core/edit.ts';
import { evaluate, identityOf, overall, type EvaluatedStep, type FoundCause } from '../core/evaluate.ts';
import { plainly, type Situation } from '../core/situation.ts';
import { PROPOSALS } from './propose.ts';
import type { Proposal } from './proposal.ts';

/** A proposal, and what the evaluation says of it. */
export interface Proved extends Proposal {
  /** What the path comes to with it; undefined where no evaluation can tell. */
  outcome?: Outcome;
  /** What stands in the way then. */
  next?: CauseCode;
}

/** The proposals that do away with a cause, as proposed: the narrowest first, and last what only moves it. */
export function proveFixes(
  situation: Situation,
  steps: readonly EvaluatedStep[],
  cause: FoundCause,
): Proved[] {
  const { call, decision } = steps[cause.step]!;
  const request = cause.request ??
    decision.authorizations[0]?.request ?? { principal: call.principal, action: '', resource: '' };
  const proposals = PROPOSALS[cause.code]({ situation, call, request, cause });
  const seen = new Set<string>();
  const straight: Proved[] = [];
  const detours: Proved[] = [];
  for (const proposal of proposals) {
    const key = JSON.stringify(proposal.edit);
    if (key !== undefined && seen.has(key)) continue;
    seen.add(key);
    const proof = proposal.edit === undefined ? {} : prove(situation, proposal.edit, cause);
    if (proof === undefined) continue;
    const { isDetour, ...rest } = proof;
    (isDetour === true ? detours : straight).push({ ...proposal, ...rest });
  }
  const proved = [...straight, ...detours];
  if (proved.length > 0) return proved;
  // Nothing by itself would do: what it takes in general.
  const { account = '', document } = cause;
  const place = {
    kind: document?.kind ?? 'call',
    name: document?.name ?? `${call.service}:${call.operation}`,
  };
  return [{ summary: asOrder(CAUSE_WORDS[cause.code].remedy), account, document: place, also: '' }];
}

/** A sentence as the other summaries are: without its capital and its full stop. */
const asOrder = (sentence: string): string =>
  sentence.replace(/^[A-Z](?=[a-z ])/, (letter) => letter.toLowerCase()).replace(/\.$/, '');

interface Proof {
  outcome?: Outcome;
  next?: CauseCode;
  /** Another cause takes the place of this one. */
  isDetour?: boolean;
}

/** Undefined where the cause is still there. */
function prove(situation: Situation, edit: Edit, cause: FoundCause): Proof | undefined {
  const edited = applyEdit(situation, edit);
  const left = evaluate(plainly(edited)).flatMap(({ causes }) => causes);
  const count = (causes: readonly FoundCause[]) =>
    causes.filter((one) => identityOf(one) === identityOf(cause)).length;
  const before = evaluate(plainly(situation)).flatMap(({ causes }) => causes);
  if (count(left) >= Math.max(1, count(before))) return undefined;
  const known = new Set(before.map(identityOf));
  const isDetour = left.some((one) => !known.has(identityOf(one)));
  const outcome = overall(evaluate(edited));
  return { outcome, ...(left[0] && { next: left[0].code }), isDetour };
}
