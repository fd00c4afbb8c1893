import { combine } from './layers/combine.ts';
import { compileAnew, compilePolicies } from './statements/compile.ts';
import type { CompiledPolicies } from './statements/compile.ts';
import type { Decision } from './decision.ts';
import { describe } from './reasons/describe.ts';
import { evaluate } from './layers/evaluate.ts';
import { RequestView } from './statements/request-view.ts';
import type { AccessRequest, PolicySet } from './request.ts';

/** Policies, ready to decide many requests. */
export interface CompiledPolicySet {
  authorize(request: AccessRequest): Decision;
}

/** Compiles the policies and decides one request. Never throws on what documents hold: what cannot be read never allows. */
export function authorize(request: AccessRequest, policies: PolicySet): Decision {
  return compile(policies).authorize(request);
}

/** For hot paths: later changes to the documents do not reach what this returns. */
export function compile(policies: PolicySet): CompiledPolicySet {
  const compiled = compilePolicies(policies, compileAnew);
  return { authorize: (request) => decide(request, compiled) };
}

export function decide(request: AccessRequest, policies: CompiledPolicies, asked?: Set<string>): Decision {
  const view = new RequestView(request, asked);
  if (NEEDS_NO_PERMISSION.has(view.action) && view.caller.account !== undefined) return freeForAll(request);
  const evaluation = evaluate(view, policies);
  return describe(view, evaluation, combine(view, evaluation));
}

/**
 * Whoever has credentials may ask for these, even where a policy denies it.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 */
const NEEDS_NO_PERMISSION = new Set(['sts:getcalleridentity', 'sts:getsessiontoken']);

function freeForAll({ action }: AccessRequest): Decision {
  const reason = `${action} needs no permission.`;
  return { outcome: 'allow', reason, causes: [], layers: [], requires: [] };
}
