import { compileConditions } from './conditions.ts';
import type { Condition } from './conditions.ts';
import { ActionElement, readElement } from './elements.ts';
import type { ResourceElement } from './elements.ts';
import { DIRECTLY, UNNAMED, compilePrincipal, isSpared, namingOf } from './principal.ts';
import type { Naming, PrincipalSet } from './principal.ts';
import type { RequestView } from './request-view.ts';
import type { Scope } from './scope.ts';
import { NO, YES, both, truthOf } from './truth.ts';
import type { Truth } from './truth.ts';

export class Statement {
  readonly index: number;
  readonly sid: string | undefined;
  readonly deny: boolean;
  readonly action: ActionElement;
  readonly resource: ResourceElement;
  readonly conditions: readonly Condition[];
  readonly principal: PrincipalSet | undefined;
  readonly notPrincipal: boolean;
  readonly namesPrincipal: boolean;
  /** As the document writes them, whatever their types. */
  readonly writtenPrincipals: string[];
  readonly namesResource: boolean;
  /**
   * What failed last is tried first, as requests of one kind tend to fail in the same place; undefined is the resource.
   */
  private likelyToFail: Condition | undefined;

  constructor(
    source: Record<string, unknown>,
    index: number,
    deny: boolean,
    variables: boolean,
    resource: ResourceElement,
  ) {
    this.index = index;
    this.sid = typeof source['Sid'] === 'string' ? source['Sid'] : undefined;
    this.deny = deny;
    this.action = new ActionElement(readElement(source, 'Action'), deny);
    this.resource = resource;
    this.conditions = compileConditions(source['Condition'], deny, variables);
    const { Principal: principal, NotPrincipal: notPrincipal } = source;
    this.namesPrincipal = principal !== undefined || notPrincipal !== undefined;
    this.namesResource = source['Resource'] !== undefined || source['NotResource'] !== undefined;
    this.notPrincipal = notPrincipal !== undefined;
    const one = principal === undefined || notPrincipal === undefined;
    const set = this.namesPrincipal && one ? compilePrincipal(principal ?? notPrincipal) : undefined;
    this.writtenPrincipals = namesIn(principal ?? notPrincipal);
    this.principal = set?.readable === true ? set : undefined;
  }

  /** How an Allow names the caller; in a layer without principals, directly. */
  naming(view: RequestView, scope: Scope): Naming {
    if (!scope.principals) return this.namesPrincipal ? UNNAMED : DIRECTLY;
    if (this.principal === undefined) return UNNAMED;
    const naming = namingOf(this.principal, view);
    if (!this.notPrincipal) return naming;
    return naming === UNNAMED && view.caller.kind !== 'unreadable' ? DIRECTLY : UNNAMED;
  }

  /**
   * Whether a Deny is aimed at the caller. With NotPrincipal, it always is at one that has a permissions boundary.
   * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
   */
  isAimedAt(view: RequestView, scope: Scope): Truth {
    if (!scope.principals || this.principal === undefined) return YES;
    if (!this.notPrincipal) return truthOf(namingOf(this.principal, view) !== UNNAMED);
    return isSpared(this.principal, view) ? view.hasBoundary : YES;
  }

  /** Resource and conditions; action and principal are matched before. */
  matches(view: RequestView, scope: Scope): Truth {
    const first = this.likelyToFail;
    if (first === undefined) {
      const met = this.matchesResource(view, scope);
      return met === NO ? NO : both(met, this.matchesRest(undefined, view));
    }
    const met = first.evaluate(view);
    if (met === NO) return NO;
    const resource = this.matchesResource(view, scope);
    if (resource !== NO) return both(both(met, resource), this.matchesRest(first, view));
    this.likelyToFail = undefined;
    return NO;
  }

  private matchesRest(first: Condition | undefined, view: RequestView): Truth {
    let result = YES;
    for (const condition of this.conditions) {
      if (condition === first) continue;
      const met = condition.evaluate(view);
      if (met < result) result = met;
      if (met === NO) {
        this.likelyToFail = condition;
        break;
      }
    }
    return result;
  }

  matchesResource(view: RequestView, scope: Scope): Truth {
    if (scope.resourceImplied && !this.namesResource) return YES;
    return this.resource.matches(scope, view);
  }
}

function namesIn(element: unknown): string[] {
  const values = typeof element === 'object' && element !== null ? Object.values(element).flat() : [element];
  return values.filter((value): value is string => typeof value === 'string');
}
