import { diffStatements, type StatementDiff } from '../changes/statement-diff.ts';
import { describeStatement } from '../changes/words.ts';
import { idsOf } from '../changes/change.ts';
import { nameOf } from '../changes/document-ref.ts';
import { parsedOrNull } from '../changes/merge-text.ts';
import { isOwned } from '../changes/owned-sid.ts';
import { readRole } from '../changes/role-state.ts';
import type { GrantSpec, Spec } from '../spec/index.ts';
import type { Readers } from './gather.ts';
import type { PlannedChange } from './goals.ts';
import { planGrants, type Side } from './plan-grants.ts';
import type { PlanProblem } from './problem.ts';
import type { GrantState } from './state.ts';

/** A document that is no longer as its grants say. */
export interface DriftedDocument {
  account: string;
  document: string;
  grants: string[];
  /** `missing` is gone as a whole, `added` is what nobody asked for beside ours. */
  kind: 'changed' | 'missing' | 'added';
  /** From what it should be to what it is. */
  statements: StatementDiff[];
  settings: { name: string; expected: unknown; actual: unknown }[];
  /** What access that has come and gone. */
  adds: string[];
  removes: string[];
  detail?: string;
}

/** Compares what is there with what the grants say, in canonical form; AWS's own reordering is no drift. */
export async function findDrift(
  spec: Spec,
  grants: readonly GrantSpec[],
  readers: Readers,
  side: Side = 'both',
): Promise<DriftedDocument[]> {
  const { plan, states } = await planGrants(spec, grants, readers, { side });
  return [...plan.problems.flatMap(broken), ...plan.changes.map(drifted), ...states.flatMap(additions)];
}

/** What keeps a grant from being planned at all: a principal or a bucket that is gone, for one. */
function broken({ severity, grant, account = '', document = '', message }: PlanProblem): DriftedDocument[] {
  if (severity !== 'error') return [];
  const nothing = { statements: [], settings: [], adds: [], removes: [] };
  return [{ account, document, grants: [grant], kind: 'missing', ...nothing, detail: message }];
}

/** A plan leads from what is to what should be, and drift the other way round. */
function drifted({ change, grants }: PlannedChange): DriftedDocument {
  const { document, before, after } = change;
  const trust = (text: string | null) => (text === null ? null : readRole(text).trust);
  const read = document.kind === 'role' ? trust : parsedOrNull;
  const statements = diffStatements(read(after), read(before), idsOf(change));
  const holder =
    document.kind === 'inline-policy'
      ? `${document.holder.kind}/${document.holder.name} of ${document.account}`
      : undefined;
  const words = (pick: 'before' | 'after') =>
    statements.flatMap((diff) => (pick in diff ? [describeStatement((diff as never)[pick], holder)] : []));
  const [removes, adds] = [words('before'), words('after')];
  return {
    account: document.account,
    document: nameOf(document),
    grants,
    kind: before === null ? 'missing' : 'changed',
    statements,
    settings: document.kind === 'role' && before !== null && after !== null ? settings(after, before) : [],
    adds: adds.filter((text) => !removes.includes(text)),
    removes: removes.filter((text) => !adds.includes(text)),
  };
}

function settings(expected: string, actual: string): DriftedDocument['settings'] {
  const [wanted, found] = [readRole(expected), readRole(actual)];
  return (['path', 'maxSession', 'boundary', 'tags'] as const)
    .map((name) => ({ name, expected: wanted[name] as unknown, actual: found[name] as unknown }))
    .filter((one) => JSON.stringify(one.expected) !== JSON.stringify(one.actual));
}

/** What others have given a role of ours: whoever assumes it has that as well. */
function additions({ facts, destination }: GrantState): DriftedDocument[] {
  const role = destination?.role;
  if (role?.isOurs !== true) return [];
  const base = {
    account: facts.destination,
    document: `role ${role.name}`,
    grants: [facts.spec.name],
    settings: [],
    removes: [],
  };
  const foreign = diffStatements(null, role.state.trust).filter(
    (diff) => diff.kind === 'added' && !isOwned(diff.after.Sid, facts.owner),
  );
  const found: DriftedDocument[] = [];
  if (role.otherPolicies.length > 0)
    found.push({
      ...base,
      kind: 'added',
      statements: [],
      adds: [],
      detail: `others have given it ${role.otherPolicies.join(', ')}`,
    });
  if (foreign.length > 0)
    found.push({
      ...base,
      kind: 'added',
      statements: foreign,
      adds: foreign.flatMap((diff) => ('after' in diff ? [describeStatement(diff.after)] : [])),
      detail: 'its trust policy has statements of others',
    });
  return found;
}
