import { nameOf } from '../changes/document-ref.ts';
import { stalePrincipals } from '../changes/stale-principals.ts';
import { parsedOrNull } from '../changes/merge-text.ts';
import type { GrantSpec, Spec } from '../spec/index.ts';
import { checkState, orphanProblems, staleProblems } from './checks.ts';
import { documentsFor } from './documents-for.ts';
import { factsOf } from './facts.ts';
import { gather, type Gathered, type Readers } from './gather.ts';
import { changesFor, type PlannedChange } from './goals.ts';
import { GrantError } from './grant-error.ts';
import { overlapProblems } from './overlaps.ts';
import type { PlanProblem } from './problem.ts';
import { sizeProblems } from './sizes.ts';
import type { GrantState } from './state.ts';

export type Side = 'source' | 'destination' | 'both';

/** What a plan says of one grant. */
export interface PlannedGrant {
  name: string;
  route: 'role' | 'bucket-policy';
  /** Account ids. */
  source: string;
  destination: string;
  bucket: string;
  /** By route `role`. */
  roleArn?: string;
  externalId?: string;
  /** Why documents are there, or are not. */
  reasons: string[];
}

/** Everything that an apply does, decided. */
export interface GrantPlan {
  format: 1;
  wish: 'granted' | 'revoked';
  /** ISO 8601. */
  madeAt: string;
  side: Side;
  grants: PlannedGrant[];
  changes: PlannedChange[];
  problems: PlanProblem[];
  /** ARNs of principals that are there, or that the plan makes. */
  knownPrincipals: string[];
}

export interface PlanOptions {
  wish?: 'granted' | 'revoked';
  side?: Side;
  /** Take principals that are gone out of whosever statements name them. */
  removeStale?: boolean;
  endSessions?: Date;
  now?: Date;
  /** External ids that an earlier plan has made up, by grant. */
  externalIds?: Readonly<Record<string, string>>;
}

export interface PlannedStates {
  plan: GrantPlan;
  states: GrantState[];
}

/** The grants of these names; all of them without any. @throws GrantError `unknown-grant` */
export function chooseGrants(spec: Spec, names: readonly string[]): GrantSpec[] {
  const { grants = [] } = spec;
  const known = grants.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new GrantError(
      'unknown-grant',
      `there is no grant \`${unknown}\` in crossbucket.yaml`,
      known.length === 0 ? 'it has no grants at all' : `the grants are ${known.join(', ')}`,
    );
  return names.length === 0 ? grants : grants.filter(({ name }) => names.includes(name));
}

/**
 * Reads both accounts, changes nothing, and works out what would change. What cannot be done is among the problems.
 * @throws AccountError where something that the plan needs cannot be read
 */
export async function planGrants(
  spec: Spec,
  grants: readonly GrantSpec[],
  readers: Readers,
  options: PlanOptions = {},
): Promise<PlannedStates> {
  const { wish = 'granted', side = 'both', now = new Date() } = options;
  const sides = { source: side !== 'destination', destination: side !== 'source' };
  const gathered = await Promise.all(
    grants.map((grant) => gather(spec, grant, readers, { sides, externalIds: options.externalIds })),
  );
  const states = gathered.map(({ state }) => state);
  const ids = uniqueIds(readers);
  const drop = options.removeStale ? staleIn(states, ids) : [];
  const changes = changesFor(states, wish, {
    dropPrincipals: drop,
    ids,
    ...(options.endSessions && { endSessions: options.endSessions }),
  });
  const problems = [
    ...(wish === 'granted' ? grantProblems(spec, grants, gathered, changes) : []),
    ...(wish === 'revoked' ? revokeProblems(states) : []),
    ...staleProblems(changes, drop, ids),
    ...unreadProblems(states, readers),
  ];
  const plan: GrantPlan = {
    format: 1,
    wish,
    madeAt: now.toISOString(),
    side,
    grants: states.map(plannedGrant),
    changes,
    problems: unique(problems),
    knownPrincipals: knownPrincipals(states),
  };
  return { plan, states };
}

function grantProblems(
  spec: Spec,
  grants: readonly GrantSpec[],
  gathered: readonly Gathered[],
  changes: readonly PlannedChange[],
): PlanProblem[] {
  const states = gathered.map(({ state }) => state);
  const chosen = new Set(grants.map(({ name }) => name));
  const all = (spec.grants ?? []).map((grant) => factsOf(spec, grant));
  return [
    ...gathered.flatMap(({ problems }) => problems),
    ...states.flatMap(checkState),
    ...overlapProblems(all).filter(({ grant }) => chosen.has(grant)),
    ...sizeProblems(changes, states),
    ...orphanProblems(states, new Set(all.map(({ owner }) => owner))),
  ];
}

/** What could not be looked at, and is not needed: checks that were not made. */
function unreadProblems(states: readonly GrantState[], readers: Readers): PlanProblem[] {
  const [first] = states;
  if (first === undefined) return [];
  return [...readers.values()].flatMap((reader) =>
    (reader.snapshot().unknown ?? []).map(({ what, why, action }): PlanProblem => ({
      severity: 'note',
      code: 'missing-permission',
      grant: states.map(({ facts }) => facts.spec.name).join(', '),
      account: reader.connection.id,
      document: what,
      message: `account ${reader.connection.id}, ${what} was not looked at: ${why}`,
      help: `let \`${reader.connection.caller}\` do ${action ?? 'it'} for the checks that need it`,
    })),
  );
}

/** What others have added to a role of ours keeps AWS from deleting it. */
function revokeProblems(states: readonly GrantState[]): PlanProblem[] {
  return states.flatMap(({ facts, destination }) =>
    [destination?.role, ...(destination?.formerRoles ?? [])].flatMap((role): PlanProblem[] => {
      if (role?.isOurs !== true || role.otherPolicies.length === 0) return [];
      return [
        {
          severity: 'error',
          code: 'role-has-more',
          grant: facts.spec.name,
          account: facts.destination,
          document: nameOf({ kind: 'role', account: facts.destination, role: role.name }),
          message: `the role \`${role.name}\` has policies that this grant did not add (${role.otherPolicies.join(', ')}), and AWS deletes no role that has`,
          help: 'take them off the role first, or remove its tag `crossbucket:id` to keep it',
        },
      ];
    }),
  );
}

function plannedGrant({ facts, destination }: GrantState): PlannedGrant {
  const { spec, route, source, destination: owner, bucket, role, externalId } = facts;
  return {
    name: spec.name,
    route,
    source,
    destination: owner,
    bucket,
    ...(route === 'role' && { roleArn: role.arn }),
    ...(externalId !== undefined && { externalId }),
    reasons: destination === undefined ? [] : documentsFor(facts).reasons,
  };
}

function knownPrincipals(states: readonly GrantState[]): string[] {
  return [
    ...new Set(
      states.flatMap(({ facts, source }) => [
        ...(source?.principals ?? []).flatMap(({ snapshot }) => snapshot?.arn ?? []),
        ...(facts.route === 'role' ? [facts.role.arn] : []),
      ]),
    ),
  ];
}

/** ARNs of everybody who was read, by their unique ids. */
const uniqueIds = (readers: Readers): Record<string, string> =>
  Object.fromEntries(
    [...readers.values()].flatMap((reader) =>
      Object.values(reader.snapshot().principals).map(({ uniqueId, arn }) => [uniqueId, arn]),
    ),
  );

function staleIn(states: readonly GrantState[], ids: Record<string, string>): string[] {
  const texts = states.flatMap(({ destination }) =>
    destination === undefined ? [] : [destination.bucketPolicy, ...Object.values(destination.keyPolicies)],
  );
  const trusts = states.flatMap(({ destination }) => destination?.role?.state.trust ?? []);
  const documents = [...texts.map(parsedOrNull), ...trusts];
  return [
    ...new Set(
      documents
        .flatMap((document) => stalePrincipals(document, new Map(Object.entries(ids))))
        .map(({ id }) => id),
    ),
  ];
}

function unique(problems: readonly PlanProblem[]): PlanProblem[] {
  const seen = new Set<string>();
  return problems.filter((problem) => {
    const key = JSON.stringify(problem);
    return !seen.has(key) && seen.add(key);
  });
}
