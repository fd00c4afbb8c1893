import type { CompiledPolicy } from '../statements/compile.ts';
import type { Layer, NearestMiss, Requirement } from '../decision.ts';
import { BY_ROLE, DIRECTLY } from '../statements/principal.ts';
import type { RequestView } from '../statements/request-view.ts';
import type { Scope } from '../statements/scope.ts';
import type { Statement } from '../statements/statement.ts';
import { MAYBE, NO, YES, both, either } from '../statements/truth.ts';
import type { Truth } from '../statements/truth.ts';

/** A statement that decided, or that may decide. */
export interface Hit {
  policy: CompiledPolicy;
  statement: Statement;
  truth: Truth;
}

/** What a layer's statements say of a request. */
export interface LayerResult {
  layer: Layer;
  account: string | undefined;
  scope: Scope;
  policies: readonly CompiledPolicy[];
  deny: Truth;
  /** Allowed, however the caller is named; then by naming its role or itself; then by naming itself. */
  allow: Truth;
  allowByRole: Truth;
  allowDirectly: Truth;
  denied: readonly Hit[];
  allowed: readonly Hit[];
  /** The layer is there and has no say on this request. */
  exempt: boolean;
  /** Of a bucket policy: what it would say if it could give other accounts a say over itself. */
  withheld?: LayerResult;
  /** What must hold of unknown keys, where no statement says it. */
  requires?: Requirement[];
  /** The Allows that came closest, once somebody asked for them. */
  misses?: NearestMiss[];
}

/**
 * Every Deny that applies is found; of the Allows, as many as it takes to know the strongest.
 */
export function evaluateLayer(
  layer: Layer,
  account: string | undefined,
  policies: readonly CompiledPolicy[],
  view: RequestView,
  scope: Scope,
): LayerResult {
  const denied: Hit[] = [];
  const allowed: Hit[] = [];
  let deny = NO;
  let allow = NO;
  let allowByRole = NO;
  let allowDirectly = NO;
  for (const policy of policies) {
    const candidates = policy.document.candidates(view.action);
    for (const statement of candidates.deny) {
      const applies = statement.matches(view, scope);
      if (applies === NO) continue;
      const truth = both(applies, statement.isAimedAt(view, scope));
      if (truth === NO) continue;
      deny = either(deny, truth);
      denied.push({ policy, statement, truth });
    }
    for (const statement of candidates.allow) {
      if (allowDirectly === YES) break;
      const naming = statement.naming(view, scope);
      const known = naming === DIRECTLY ? allowDirectly : naming === BY_ROLE ? allowByRole : allow;
      if (naming === 0 || known === YES) continue;
      const truth = statement.matches(view, scope);
      if (truth === NO) continue;
      allow = either(allow, truth);
      if (naming >= BY_ROLE) allowByRole = either(allowByRole, truth);
      if (naming === DIRECTLY) allowDirectly = either(allowDirectly, truth);
      allowed.push({ policy, statement, truth });
    }
  }
  return {
    layer,
    account,
    scope,
    policies,
    deny,
    allow,
    allowByRole,
    allowDirectly,
    denied,
    allowed,
    exempt: false,
  };
}

/** Every level must allow: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html */
export function evaluateLevels(
  layer: Layer,
  account: string | undefined,
  levels: readonly (readonly CompiledPolicy[])[],
  view: RequestView,
  scope: Scope,
): LayerResult {
  const result: LayerResult = {
    ...evaluateLayer(layer, account, [], view, scope),
    allow: YES,
    policies: levels.flat(),
  };
  const denied: Hit[] = [];
  const allowed: Hit[] = [];
  for (const level of levels) {
    const part = evaluateLayer(layer, account, level, view, scope);
    // The level that lacks an Allow is the one to look at.
    if (part.allow < result.allow) result.policies = level;
    result.allow = both(result.allow, part.allow);
    result.deny = either(result.deny, part.deny);
    denied.push(...part.denied);
    allowed.push(...part.allowed.filter(({ truth }) => truth === part.allow));
  }
  return { ...result, denied, allowed, allowByRole: result.allow, allowDirectly: result.allow };
}

/** What a layer that nobody could read may say: anything that it does not say already. */
export function unreadLayer(result: LayerResult): LayerResult {
  // More levels of SCPs only narrow; more statements elsewhere may allow.
  const open = result.layer === 'scp' ? both : either;
  return {
    ...result,
    deny: either(result.deny, MAYBE),
    allow: open(result.allow, MAYBE),
    allowByRole: open(result.allowByRole, MAYBE),
    allowDirectly: open(result.allowDirectly, MAYBE),
  };
}
