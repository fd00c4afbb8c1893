import type { CompiledPolicy } from '../statements/compile.ts';
import type { FailedElement, NearestMiss, StatementRef } from '../decision.ts';
import { UNKNOWN } from '../statements/condition-key.ts';
import { actionHint, principalHint, resourceHint, valueHint } from './hints.ts';
import type { LayerResult } from '../layers/layers.ts';
import { UNNAMED } from '../statements/principal.ts';
import type { RequestView } from '../statements/request-view.ts';
import type { Scope } from '../statements/scope.ts';
import type { Statement } from '../statements/statement.ts';
import { NO } from '../statements/truth.ts';

const MOST_MISSES = 5;

/** How far a failed element puts a statement from applying; a likely slip is nearer. */
const DISTANCE: Record<FailedElement['element'], number> = {
  Condition: 2,
  Resource: 4,
  NotResource: 4,
  Principal: 6,
  NotPrincipal: 6,
  Action: 12,
  NotAction: 12,
};

/** The Allows of a layer that came closest to applying, closest first. */
export function nearestMisses(result: LayerResult, view: RequestView): NearestMiss[] {
  return (result.misses ??= findMisses(result, view));
}

function findMisses(result: LayerResult, view: RequestView): NearestMiss[] {
  const misses = result.policies.flatMap((policy) =>
    policy.document.statements
      .filter((statement) => !statement.deny)
      .map((statement) => missOf(policy, statement, view, result.scope)),
  );
  return misses
    .filter(({ failed }) => failed.length > 0)
    .map((miss) => ({ miss, distance: distanceOf(miss.failed) }))
    .toSorted((one, other) => one.distance - other.distance)
    .slice(0, MOST_MISSES)
    .map(({ miss }) => miss);
}

function missOf(policy: CompiledPolicy, statement: Statement, view: RequestView, scope: Scope): NearestMiss {
  const failed = failedElements(statement, view, scope);
  return { ...refTo(policy, statement), failed };
}

export function refTo(policy: CompiledPolicy, statement: Statement): StatementRef {
  const ref: StatementRef = {
    policy: policy.name,
    index: statement.index,
    effect: statement.deny ? 'Deny' : 'Allow',
  };
  if (policy.arn !== undefined) ref.policyArn = policy.arn;
  if (statement.sid !== undefined) ref.sid = statement.sid;
  return ref;
}

function distanceOf(failed: readonly FailedElement[]): number {
  let distance = 0;
  for (const { element, hint } of failed) distance += DISTANCE[element] / (hint === undefined ? 1 : 2);
  return distance;
}

export function failedElements(statement: Statement, view: RequestView, scope: Scope): FailedElement[] {
  return [
    ...failedPrincipal(statement, view, scope),
    ...failedAction(statement, view),
    ...failedResource(statement, view, scope),
    ...failedConditions(statement, view),
  ];
}

function failedPrincipal(statement: Statement, view: RequestView, scope: Scope): FailedElement[] {
  if (statement.naming(view, scope) !== UNNAMED) return [];
  const element = statement.notPrincipal ? 'NotPrincipal' : 'Principal';
  const wanted = statement.writtenPrincipals;
  const failed: FailedElement = { element, wanted, actual: [view.caller.text] };
  return [withHint(failed, principalHint(wanted, view.caller))];
}

function failedAction(statement: Statement, view: RequestView): FailedElement[] {
  if (statement.action.matches(view.action)) return [];
  const { name, values } = statement.action.written ?? { name: 'Action', values: [] };
  const element = name === 'NotAction' ? 'NotAction' : 'Action';
  const { action } = view.request;
  const hint = element === 'Action' ? actionHint(values, action) : undefined;
  return [withHint({ element, wanted: values, actual: [action] }, hint)];
}

function failedResource(statement: Statement, view: RequestView, scope: Scope): FailedElement[] {
  if (statement.matchesResource(view, scope) !== NO) return [];
  const { name, values } = statement.resource.written ?? { name: 'Resource', values: [] };
  const element = name === 'NotResource' ? 'NotResource' : 'Resource';
  const hint = element === 'Resource' ? resourceHint(values, scope.resource) : undefined;
  return [withHint({ element, wanted: values, actual: [scope.resource] }, hint)];
}

function failedConditions(statement: Statement, view: RequestView): FailedElement[] {
  return statement.conditions
    .filter((condition) => condition.evaluate(view) === NO)
    .map(({ operator, key, wanted }) => {
      const failed: FailedElement = { element: 'Condition', operator, key: key.written, wanted };
      const answer = view.get(key);
      if (answer === undefined || answer === UNKNOWN) return failed;
      failed.actual = typeof answer === 'string' ? [answer] : [...answer];
      return withHint(failed, valueHint(operator, wanted, failed.actual));
    });
}

function withHint(failed: FailedElement, hint: string | undefined): FailedElement {
  return hint === undefined ? failed : { ...failed, hint };
}
