import type { Statement } from '@crossbucket/policy';
import { stateOf, type Change } from '../changes/change.ts';
import { identityOf, type DocumentRef } from '../changes/document-ref.ts';
import { mergeStatements } from '../changes/merge.ts';
import { mergedText } from '../changes/merge-text.ts';
import { roleText, type RoleState } from '../changes/role-state.ts';
import { documentsFor, type GrantDocuments } from './documents-for.ts';
import { policyName, type GrantFacts } from './facts.ts';
import { isManageable } from './manageable.ts';
import { ROLE_TAGS } from './role-tags.ts';
import { REVOKING_POLICY } from './read-role.ts';
import type { GrantState, RoleReading } from './state.ts';

/** A change, whose it is, and on which side. */
export interface PlannedChange {
  change: Change;
  grants: string[];
  side: 'source' | 'destination';
}

export interface GoalOptions {
  /** Principals that are gone, to be taken out of whosever statements name them. */
  dropPrincipals?: readonly string[];
  /** When live sessions of roles are to end: those issued before this time are denied everything. */
  endSessions?: Date;
  /** ARNs of principals that are there, by their unique ids. */
  ids?: Readonly<Record<string, string>>;
  /** With documents that are as they should be, as well. */
  includeUnchanged?: boolean;
}

/** What is to change so that each grant stands as it should, or (`revoked`) not at all. In the order in which it is to be done. */
export function changesFor(
  states: readonly GrantState[],
  wish: 'granted' | 'revoked',
  options: GoalOptions = {},
): PlannedChange[] {
  const goals = new Goals(options);
  for (const state of states) {
    const documents = wish === 'granted' ? documentsFor(state.facts) : undefined;
    addDestination(goals, state, documents, options);
    addSource(goals, state, documents);
  }
  return goals.changes();
}

function addDestination(
  goals: Goals,
  { facts, destination }: GrantState,
  documents: GrantDocuments | undefined,
  { endSessions, dropPrincipals = [] }: GoalOptions,
): void {
  if (destination === undefined) return;
  const { destination: account, bucket } = facts;
  const { role, formerRoles, keyPolicies, bucketPolicy } = destination;
  const at = goals.of(facts, 'destination');
  at.shared(
    { account, kind: 'bucket-policy', bucket, region: destination.bucket.region },
    bucketPolicy,
    documents?.bucket ?? [],
  );
  for (const [key, text] of Object.entries(keyPolicies)) {
    const wanted = documents?.keys.find((needed) => needed.key.arn === key)?.statements ?? [];
    at.shared({ account: key.split(':')[4]!, kind: 'key-policy', key }, text, wanted);
  }
  const isWanted = documents !== undefined && facts.route === 'role';
  if (isWanted) addRole(at, facts, role, documents, dropPrincipals);
  const gone = [...formerRoles, ...(!isWanted && role !== undefined ? [role] : [])];
  for (const former of gone) removeRole(at, facts, former, endSessions);
}

function addRole(
  at: GrantGoals,
  facts: GrantFacts,
  role: RoleReading | undefined,
  documents: GrantDocuments,
  dropPrincipals: readonly string[],
): void {
  const { destination: account, owner, spec, version } = facts;
  const { name, path, maxSession } = facts.role;
  const isAdopted = role !== undefined && !role.isOurs;
  if (isAdopted) {
    at.shared(
      { account, kind: 'trust-policy', role: name },
      JSON.stringify(role.state.trust),
      documents.trust,
    );
  } else {
    const state: RoleState = {
      path,
      maxSession,
      boundary: spec.role?.boundary ?? null,
      tags: {
        ...role?.state.tags,
        ...spec.role?.tags,
        [ROLE_TAGS.grant]: spec.name,
        [ROLE_TAGS.owner]: owner,
        [ROLE_TAGS.version]: version,
      },
      trust: mergeStatements(role?.state.trust ?? null, {
        owners: [owner],
        add: documents.trust,
        dropPrincipals: [...dropPrincipals],
      })!,
    };
    const before = role === undefined ? null : roleText(role.state);
    at.whole({ account, kind: 'role', role: name }, before, roleText(state), PHASES.role);
  }
  at.whole(
    { account, kind: 'inline-policy', holder: { kind: 'role', name }, policy: policyName(facts) },
    role?.policy ?? null,
    JSON.stringify(documents.rolePolicy),
    PHASES.rolePolicy,
  );
}

/** A role that others have come to use stays, without what the grant added to it. */
function removeRole(
  at: GrantGoals,
  facts: GrantFacts,
  role: RoleReading,
  endSessions: Date | undefined,
): void {
  const { destination: account, owner } = facts;
  const holder = { kind: 'role', name: role.name } as const;
  const trustLeft = mergeStatements(role.state.trust, { owners: [owner], add: [] });
  const stays = !role.isOurs || trustLeft !== null;
  const deny: DocumentRef = { account, kind: 'inline-policy', holder, policy: REVOKING_POLICY };
  const wanted = endSessions === undefined ? role.revoking : JSON.stringify(denyOlderSessions(endSessions));
  if (wanted !== role.revoking) at.whole(deny, role.revoking, wanted, PHASES.first);
  // A role that stays keeps it: sessions of its other users end as well, as when the console revokes them.
  if (!stays && wanted !== null) at.whole(deny, wanted, null, PHASES.lastPolicy);
  at.whole(
    { account, kind: 'inline-policy', holder, policy: policyName(facts) },
    role.policy,
    null,
    PHASES.lastPolicy,
  );
  if (!stays) {
    at.whole({ account, kind: 'role', role: role.name }, roleText(role.state), null, PHASES.lastRole);
    return;
  }
  at.shared({ account, kind: 'trust-policy', role: role.name }, JSON.stringify(role.state.trust), []);
}

const denyOlderSessions = (before: Date) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Deny',
      Action: '*',
      Resource: '*',
      Condition: { DateLessThan: { 'aws:TokenIssueTime': before.toISOString() } },
    },
  ],
});

function addSource(goals: Goals, { facts, source }: GrantState, documents: GrantDocuments | undefined): void {
  if (source === undefined) return;
  const at = goals.of(facts, 'source');
  const put = (arn: string, policy: string | null, after: string | null, phase: number) => {
    const principal = [...source.principals, ...source.former].find(
      (one) => one.principal.arn === arn,
    )!.principal;
    const { kind, name } = principal;
    at.whole(
      { account: facts.source, kind: 'inline-policy', holder: { kind, name }, policy: policyName(facts) },
      policy,
      after,
      phase,
    );
  };
  for (const { principal, policy } of source.principals) {
    if (!isManageable(principal)) continue;
    const wanted = documents?.source.find((one) => one.principal.arn === principal.arn)?.document;
    put(
      principal.arn,
      policy,
      wanted === undefined ? null : JSON.stringify(wanted),
      wanted ? PHASES.source : PHASES.lastSource,
    );
  }
  for (const { principal, policy } of source.former) put(principal.arn, policy, null, PHASES.lastSource);
}

/** What must be there before something names it comes first, and goes last. */
const PHASES = {
  first: 0,
  role: 1,
  rolePolicy: 2,
  keys: 3,
  bucket: 4,
  source: 5,
  lastPolicy: 6,
  lastRole: 7,
  lastSource: 8,
} as const;

const SHARED_PHASES: Partial<Record<DocumentRef['kind'], number>> = {
  'trust-policy': PHASES.role,
  'key-policy': PHASES.keys,
  'bucket-policy': PHASES.bucket,
};

interface GrantGoals {
  shared(document: DocumentRef, text: string | null, add: Statement[]): void;
  whole(document: DocumentRef, before: string | null, after: string | null, phase: number): void;
}

interface Goal extends PlannedChange {
  phase: number;
}

/** Collects what grants want of documents; several of one document become one change. */
class Goals {
  readonly #options: GoalOptions;
  readonly #shared = new Map<string, Goal & { owners: string[]; add: Statement[] }>();
  readonly #whole: Goal[] = [];

  constructor(options: GoalOptions) {
    this.#options = options;
  }

  of({ spec, owner }: GrantFacts, side: PlannedChange['side']): GrantGoals {
    const { includeUnchanged } = this.#options;
    return {
      shared: (document, before, add) => {
        const key = identityOf(document);
        const goal = this.#shared.get(key) ?? {
          change: { document, before, after: before },
          grants: [],
          side,
          phase: SHARED_PHASES[document.kind]!,
          owners: [],
          add: [],
        };
        if (add.length > 0 || before?.includes(`X${owner}`)) goal.grants.push(spec.name);
        goal.owners.push(owner);
        goal.add.push(...add);
        this.#shared.set(key, goal);
      },
      whole: (document, before, after, phase) => {
        const change = this.#identified({ document, before, after });
        const isSame = stateOf(change, before) === stateOf(change, after);
        if (isSame && (includeUnchanged !== true || after === null)) return;
        this.#whole.push({ change, grants: [spec.name], side, phase });
      },
    };
  }

  changes(): PlannedChange[] {
    const { dropPrincipals = [], includeUnchanged } = this.#options;
    const shared = [...this.#shared.values()].flatMap(({ change, owners, add, ...goal }): Goal[] => {
      const drop = dropPrincipals.filter((id) => change.before?.includes(id));
      const edits = { owners, add, ...(drop.length > 0 && { dropPrincipals: drop }) };
      const { document, before } = change;
      const merged = this.#identified({ document, before, after: mergedText(before, edits), edits });
      const isSame = stateOf(merged, before) === stateOf(merged, merged.after);
      if (isSame && (includeUnchanged !== true || add.length === 0)) return [];
      return [{ ...goal, change: merged }];
    });
    return [...shared, ...this.#whole]
      .toSorted((one, other) => one.phase - other.phase)
      .map(({ change, grants, side }) => ({ change, grants, side }));
  }

  /** With the unique ids of principals that its document names by either. */
  #identified(change: Change): Change {
    const texts = [change.before, change.after];
    const named = Object.entries(this.#options.ids ?? {}).filter(([id, arn]) =>
      texts.some((text) => text?.includes(id) || text?.includes(arn)),
    );
    return named.length === 0 ? change : { ...change, ids: Object.fromEntries(named) };
  }
}
