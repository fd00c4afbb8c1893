import { accessStatements, covers, globOf, overlaps, type Statement } from '@crossbucket/policy';
import { bucketArn, type GrantFacts } from './facts.ts';
import type { PlanProblem } from './problem.ts';

/** Pairs of grants that give the same principals the same thing: revoking one would leave it to the other. */
export function overlapProblems(all: readonly GrantFacts[]): PlanProblem[] {
  return all.flatMap((facts, index) =>
    all.slice(0, index).flatMap((other) => {
      const shared = sharedAccess(facts, other);
      if (shared === undefined) return [];
      // Two roles are two hats: whoever wears one does not have what the other gives.
      const isOneHat = facts.route === 'bucket-policy' && other.route === 'bucket-policy';
      return [
        {
          severity: isOneHat ? 'error' : 'warning',
          code: 'overlapping-grants',
          grant: facts.spec.name,
          message: `the grants \`${other.spec.name}\` and \`${facts.spec.name}\` both give ${shared}, so revoking one would leave it`,
          help: 'take it out of one of them, or make one grant of both',
        } satisfies PlanProblem,
      ];
    }),
  );
}

function sharedAccess(one: GrantFacts, other: GrantFacts): string | undefined {
  if (one.source !== other.source || one.bucket !== other.bucket) return undefined;
  const everybody = one.principals.length === 0 || other.principals.length === 0;
  const who = one.principals.find(({ arn }) => other.principals.some((principal) => principal.arn === arn));
  if (!everybody && who === undefined) return undefined;
  const statements = (facts: GrantFacts) => accessStatements(facts.spec.access, bucketArn(facts));
  for (const mine of statements(one))
    for (const theirs of statements(other)) {
      const action = [mine.Action ?? []].flat().find((name) => [theirs.Action ?? []].flat().includes(name));
      if (action === undefined || !meet(mine, theirs)) continue;
      const resource = [mine.Resource ?? []].flat()[0]!.replace(/^arn:[^:]+:s3:::/, 's3://');
      return `${who === undefined ? `account ${one.source}` : `${who.kind} ${who.name}`} ${action} on ${resource}`;
    }
  return undefined;
}

function meet(one: Statement, other: Statement): boolean {
  const parts = (statement: Statement): string[] => {
    const prefixes = statement.Condition?.['StringLike']?.['s3:prefix'];
    return [prefixes ?? statement.Resource ?? []].flat().map(String);
  };
  // A listing without a condition is of every prefix.
  const isOpen = (statement: Statement) => statement.Condition === undefined;
  if (isOpen(one) !== isOpen(other)) return [one.Resource].flat()[0] === [other.Resource].flat()[0];
  return parts(one).some((a) =>
    parts(other).some((b) => covers(globOf(a), globOf(b)) || overlaps(globOf(a), globOf(b))),
  );
}
