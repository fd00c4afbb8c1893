import { decide } from './authorize.ts';
import { authorizationsFor } from './calls/authorizations-for.ts';
import { compileOnce, compilePolicies } from './statements/compile.ts';
import type { Cause, Decision } from './decision.ts';
import type { AccessRequest, PolicySet } from './request.ts';
import type { ApiCall, CallDecision, World } from './snapshot.ts';
import { checkAfter, checkBefore } from './world/call-checks.ts';
import { checkOwner } from './world/unread.ts';
import { checkKey } from './world/kms-keys.ts';
import { findBucket } from './world/owners.ts';
import { policiesFor } from './world/policies-for.ts';
import { completeRequest } from './world/request-context.ts';

/**
 * Decides a whole call over accounts as data: every authorization that it needs, in order; the first that is not allowed decides.
 *
 * Documents of the world are compiled once and remembered for as long as they live, so they must not be changed in place: replace them.
 *
 * @param asked Gets every condition key, in lower case, that policies asked for: the others of `call.context` had no part in what they came to.
 */
export function authorizeCall(world: World, call: ApiCall, asked?: Set<string>): CallDecision {
  const authorizations = authorizationsFor(withBucketFacts(world, call)).map((needed) => {
    const request = completeRequest(world, call, needed);
    const policies = policiesFor(world, call, request);
    const decision = checkOwner(world, call, request, decideOnce(request, policies, asked));
    return { request, decision: checkKey(world, request, decision) };
  });
  const deciding = authorizations.find(({ decision }) => decision.outcome !== 'allow');
  const obstacle = checkBefore(world, call) ?? (deciding === undefined ? checkAfter(world, call) : undefined);
  const { outcome, reason, causes } = obstacle
    ? deniedFor(obstacle)
    : ((deciding ?? authorizations.at(-1))?.decision ?? needsNothing(call));
  return { outcome, reason, causes, authorizations };
}

type Answer = Pick<Decision, 'outcome' | 'reason' | 'causes'>;

const deniedFor = (cause: Cause): Answer => ({
  outcome: 'deny',
  reason: `${cause.detail}.`,
  causes: [cause],
});

const needsNothing = ({ service, operation }: ApiCall): Answer => ({
  outcome: 'allow',
  reason: `${service}:${operation} needs no permission.`,
  causes: [],
});

function decideOnce(request: AccessRequest, policies: PolicySet, asked: Set<string> | undefined): Decision {
  return decide(request, compilePolicies(policies, compileOnce), asked);
}

/** A write without encryption headers uses the bucket's default. */
function withBucketFacts(world: World, call: ApiCall): ApiCall {
  const { Bucket: name } = call.input;
  if (call.bucketEncryption !== undefined || call.service !== 's3' || typeof name !== 'string') return call;
  const bucketEncryption = findBucket(world, name)?.bucket.encryption;
  return bucketEncryption === undefined ? call : { ...call, bucketEncryption };
}
