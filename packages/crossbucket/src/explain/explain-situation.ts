import { findCaller, statementsOf, type AccessRequest, type Requirement } from '@crossbucket/policy';
import { diffOf } from './core/diff.ts';
import { applyEdit, type Edit } from './core/edit.ts';
import { evaluate, identityOf, overall, type EvaluatedStep, type FoundCause } from './core/evaluate.ts';
import { accountOf, locate } from './core/place.ts';
import { plainly, supposing, type Situation } from './core/situation.ts';
import { unknownsOf } from './core/unknowns.ts';
import { reasonOf, requirementWords, subjectOf } from './core/words.ts';
import type { ExplainedCause, ExplainedStep, Explanation, Fix } from './explanation.ts';
import { proveFixes, type Proved } from './fixes/prove.ts';

/**
 * Why the path is allowed or denied, from data alone: every step decided, every cause with what would mend it, each
 * fix tried out, and what the answer does not know.
 */
export function explainSituation(given: Situation): Explanation {
  // What is worked out is kept beside it: whoever changes it later gets a new answer.
  const situation = { ...given };
  const steps = evaluate(situation);
  const decided = overall(steps);
  const sure = findCauses(situation, steps);
  const possible = possibleCauses(situation, steps);
  const causes = [...sure, ...possible];
  const outcome = decided === 'allow' && possible.length > 0 ? 'depends' : decided;
  const unknowns = unknownsOf(situation, outcome);
  const requires = uniqueRequirements(steps);
  const [call] = steps.slice(-1);
  return {
    outcome,
    reason: reasonOf({ outcome, steps, causes, unknowns }),
    question: questionOf(situation, call!),
    steps: steps.map(viewOf),
    causes,
    requires,
    unknowns,
    partial: unknowns.length > 0,
    notes: notesOn(situation),
  };
}

/** A caller that is not there, in an account whose principals can be read. */
function notesOn({ world, caller: { principal } }: Situation): string[] {
  const account = world.accounts[accountOf(principal) ?? ''];
  const name = principal.split('/')[1];
  if (account === undefined || name === undefined || principal.includes(':federated-user/')) return [];
  if (account.unknown?.some(({ what }) => what.startsWith('principal'))) return [];
  if (findCaller(world, { principal }) !== undefined) return [];
  const kind = principal.includes(':user/') ? 'user' : 'role';
  return [
    `account ${account.id} has no ${kind} \`${principal.includes(':user/') ? principal.split('/').at(-1)! : name}\``,
  ];
}

function questionOf({ caller, calls }: Situation, last: EvaluatedStep): Explanation['question'] {
  return {
    ...subjectOf(last),
    principal: caller.principal,
    via: calls.slice(0, -1).map(({ input }) => String(input['RoleArn'])),
  };
}

function viewOf({ call, outcome, reason, decision }: EvaluatedStep): ExplainedStep {
  return {
    call: `${call.service}:${call.operation}`,
    principal: call.principal,
    resource: decision.authorizations[0]?.request.resource ?? '*',
    outcome,
    reason,
    authorizations: decision.authorizations.map(({ request, decision: one }) => ({
      action: request.action,
      resource: request.resource,
      ...(request.resourceAccount !== undefined && { account: request.resourceAccount }),
      outcome: one.outcome,
      reason: one.reason,
    })),
  };
}

/** More causes than this stand one behind another only in tests of ours. */
const MOST_HIDDEN = 8;

/** Everything that is wrong: also what shows only when something else is mended. */
function findCauses(situation: Situation, open: readonly EvaluatedStep[]): ExplainedCause[] {
  const inAnyCase = new Set(open.flatMap(({ causes }) => causes.map(identityOf)));
  const plain = evaluate(plainly(situation));
  const visible = plain.flatMap(({ causes }) => causes);
  const shown = visible.map((cause) =>
    explained({ situation, steps: plain, open }, cause, { certain: inAnyCase.has(identityOf(cause)) }),
  );
  const certain = shown.some((cause) => cause.certain);
  const all = [...shown, ...hiddenCauses(situation, visible, open, certain)];
  return [...all.filter((cause) => cause.certain), ...all.filter((cause) => !cause.certain)];
}

/** What would stand in the way besides, if what is possible is so. */
function possibleCauses(situation: Situation, open: readonly EvaluatedStep[]): ExplainedCause[] {
  const known = new Set(evaluate(plainly(situation)).flatMap(({ causes }) => causes.map(identityOf)));
  return (situation.possibilities ?? []).flatMap((possibility) => {
    const supposed = supposing(situation, possibility);
    const steps = evaluate(plainly(supposed));
    const more = steps.flatMap(({ causes }) => causes).filter((cause) => !known.has(identityOf(cause)));
    return more.map((cause) => ({
      ...explained({ situation: supposed, steps, open }, cause, { certain: false }),
      unless: [possibility.unless],
    }));
  });
}

/** Mends one cause after the other, in thought, and sees what comes to light. */
function hiddenCauses(
  situation: Situation,
  visible: readonly FoundCause[],
  open: readonly EvaluatedStep[],
  certain: boolean,
): ExplainedCause[] {
  const known = new Set(visible.map(identityOf));
  const stuck = new Set<string>();
  const hidden: ExplainedCause[] = [];
  let now = situation;
  for (let round = 0; round < visible.length + MOST_HIDDEN; round++) {
    const steps = evaluate(plainly(now));
    const cause = steps.flatMap(({ causes }) => causes).find((one) => !stuck.has(identityOf(one)));
    if (cause === undefined) break;
    const id = identityOf(cause);
    if (!known.has(id))
      hidden.push(explained({ situation: now, steps, open }, cause, { certain, hidden: true }));
    known.add(id);
    const edit = proveFixes(now, steps, cause).find((fix) => fix.edit !== undefined)?.edit;
    if (edit === undefined) stuck.add(id);
    else now = applyEdit(now, edit);
  }
  return hidden;
}

interface Found {
  situation: Situation;
  steps: readonly EvaluatedStep[];
  /** As the path stands with what nobody told. */
  open: readonly EvaluatedStep[];
}

function explained(
  { situation, steps, open }: Found,
  found: FoundCause,
  { certain, hidden }: { certain: boolean; hidden?: true },
): ExplainedCause {
  const { request, decision: _, miss: __, step, ...cause } = found;
  const nearest = request && nearestOf(situation, steps, found, request);
  const unless = certain ? [] : requirementsOf(open, found);
  return {
    ...cause,
    step,
    ...(request && { action: request.action, resource: request.resource }),
    certain,
    ...(unless.length > 0 && { unless }),
    ...(nearest && { nearest }),
    ...(hidden && { hidden }),
    fixes: proveFixes(situation, steps, found).map(fixOf),
  };
}

function nearestOf(
  situation: Situation,
  steps: readonly EvaluatedStep[],
  { step, miss, statement: ref, ...cause }: FoundCause,
  request: AccessRequest,
): ExplainedCause['nearest'] {
  const wanted = miss ?? ref;
  if (wanted === undefined) return undefined;
  const asked = { situation, call: steps[step]!.call, request };
  const located = locate(asked, cause, wanted);
  const statement = located && statementsOf(located.policy.document)[wanted.index];
  return statement && { statement, failed: miss?.failed ?? [] };
}

function fixOf({ edit, ...fix }: Proved): Fix {
  const states = edit && statesOf(edit);
  return {
    ...fix,
    ...(states && { patch: { ...states, diff: diffOf(states.before, states.after) } }),
    ...(edit && { edit }),
  };
}

function statesOf(edit: Edit): { before: unknown; after: unknown } | undefined {
  switch (edit.on) {
    case 'document':
      return { before: edit.before, after: edit.after };
    case 'setting': {
      const { kind, before, after } = edit.setting;
      return { before: { [kind]: before }, after: { [kind]: after } };
    }
    case 'call':
      return undefined;
  }
}

/** What keeps a cause that is not certain from holding. */
function requirementsOf(
  open: readonly EvaluatedStep[],
  { step, request, layer, statement }: FoundCause,
): string[] {
  const { authorizations = [] } = open[step]?.decision ?? {};
  const decided = authorizations.find(
    (one) => one.request.action === request?.action && one.request.resource === request.resource,
  );
  const verdict = decided?.decision.layers.find((one) => one.layer === layer);
  const all = verdict?.requires ?? [];
  const own = all.filter(
    (one) => one.statement.policy === statement?.policy && one.statement.index === statement.index,
  );
  return [...new Set((own.length > 0 ? own : all).map(requirementWords))];
}

function uniqueRequirements(steps: readonly EvaluatedStep[]): Requirement[] {
  const all = steps.flatMap(({ decision }) =>
    decision.authorizations.flatMap(({ decision: one }) => one.requires),
  );
  const seen = new Set<string>();
  return all.filter((requirement) => {
    const key = JSON.stringify(requirement);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
