import { decide } from './authorize.ts';
import { authorizationsFor } from './calls/authorizations-for.ts';
import { compileOnce, compilePolicies } from './compile.ts';
import type { Decision } from './decision.ts';
import type { AccessRequest, PolicySet } from './request.ts';
import type { ApiCall, CallDecision, World } from './snapshot.ts';
import { checkCall } from './world/call-checks.ts';
import { checkKey } from './world/kms-keys.ts';
import { findBucket } from './world/owners.ts';
import { policiesFor } from './world/policies-for.ts';
import { completeRequest } from './world/request-context.ts';

/**
 * Decides a whole call over accounts as data: every authorization that it needs, in order; the first that is not allowed decides.
 *
 * Documents of the world are compiled once and remembered for as long as they live, so they must not be changed in place: replace them.
 */
export function authorizeCall(world: World, call: ApiCall): CallDecision {
  const authorizations = authorizationsFor(withBucketFacts(world, call)).map((needed) => {
    const request = completeRequest(world, call, needed);
    const policies = policiesFor(world, call, request);
    return { request, decision: checkKey(world, request, decideOnce(request, policies)) };
  });
  const deciding = authorizations.find(({ decision }) => decision.outcome !== 'allow');
  const obstacle = checkCall(world, call);
  if (obstacle !== undefined) {
    return { outcome: 'deny', reason: `${obstacle.detail}.`, causes: [obstacle], authorizations };
  }
  const { outcome, causes, reason } = (deciding ?? authorizations.at(-1))?.decision ?? needsNothing(call);
  return { outcome, reason, causes, authorizations };
}

function decideOnce(request: AccessRequest, policies: PolicySet): Decision {
  return decide(request, compilePolicies(policies, compileOnce));
}

function needsNothing({ service, operation }: ApiCall): Pick<Decision, 'outcome' | 'causes' | 'reason'> {
  return { outcome: 'allow', causes: [], reason: `${service}:${operation} needs no permission.` };
}

/** A write without encryption headers uses the bucket's default. */
function withBucketFacts(world: World, call: ApiCall): ApiCall {
  const { Bucket: name } = call.input;
  if (call.bucketEncryption !== undefined || call.service !== 's3' || typeof name !== 'string') return call;
  const bucketEncryption = findBucket(world, name)?.bucket.encryption;
  return bucketEncryption === undefined ? call : { ...call, bucketEncryption };
}
