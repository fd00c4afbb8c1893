import type { Combination } from '../layers/combine.ts';
import type { Requirement } from '../decision.ts';
import type { Evaluation } from '../layers/evaluate.ts';
import type { Hit, LayerResult } from '../layers/layers.ts';
import { refTo } from './near-misses.ts';
import { UNKNOWN } from '../statements/condition-key.ts';
import type { RequestView } from '../statements/request-view.ts';
import type { Scope } from '../statements/scope.ts';
import { MAYBE } from '../statements/truth.ts';

/**
 * What must hold of the unknown keys for a request that depends on them. The requirements of one statement belong together: an Allow needs all of
 * its own, and one such Allow of a layer is enough; of a Deny (`negated`) at least one must fail.
 */
export function requirementsOf(
  view: RequestView,
  evaluation: Evaluation,
  { granted, resource }: Combination,
): Requirement[] {
  return evaluation.all.flatMap((result) => {
    if (result.exempt) return [];
    if (result.requires !== undefined) {
      const counts = result.deny === MAYBE || (granted === MAYBE && resource.allow === MAYBE);
      return counts ? result.requires : [];
    }
    const limits = result === evaluation.serviceControl || result === evaluation.vpcEndpoint;
    const needed =
      result !== evaluation.resourceControl && (limits ? result.allow === MAYBE : granted === MAYBE);
    return unmet(needed ? result.denied.concat(result.allowed) : result.denied, result, view);
  });
}

/** The requirements of one layer, whatever the others say. */
export function layerRequirements(result: LayerResult, view: RequestView): Requirement[] {
  if (result.requires !== undefined) return result.requires;
  return unmet(result.allow === MAYBE ? result.denied.concat(result.allowed) : result.denied, result, view);
}

function unmet(hits: readonly Hit[], { scope }: LayerResult, view: RequestView): Requirement[] {
  return hits.filter(({ truth }) => truth === MAYBE).flatMap((hit) => requirementsOfHit(hit, scope, view));
}

function requirementsOfHit({ policy, statement }: Hit, scope: Scope, view: RequestView): Requirement[] {
  const ref = refTo(policy, statement);
  const requirement = (operator: string, key: string, values: string[]): Requirement =>
    statement.deny
      ? { operator, key, values, negated: true, statement: ref }
      : { operator, key, values, statement: ref };
  const { written } = statement.resource;
  const variables = statement.resource
    .unknownVariables(view)
    .map((key) => requirement(written?.name ?? 'Resource', key, written?.values ?? []));
  if (view.accessPoint === UNKNOWN && statement.resource.matches(scope, view) === MAYBE) {
    variables.push(requirement(written?.name ?? 'Resource', 's3:DataAccessPointArn', written?.values ?? []));
  }
  const conditions = statement.conditions
    .filter((condition) => condition.evaluate(view) === MAYBE)
    .map(({ operator, key, wanted }) => requirement(operator, key.written, wanted));
  return [...variables, ...conditions];
}
