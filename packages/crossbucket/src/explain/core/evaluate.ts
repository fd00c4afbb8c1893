import {
  authorizeCall,
  failuresOf,
  obstaclesTo,
  type AccessRequest,
  type ApiCall,
  type CallDecision,
  type Cause,
  type Decision,
  type NearestMiss,
  type Outcome,
  type World,
} from '@crossbucket/policy';
import { callsOf, type Facts, type Situation } from './situation.ts';
import { causesAfter, causesBefore } from './outside-causes.ts';

/** One call of the path, decided. */
export interface EvaluatedStep {
  index: number;
  call: ApiCall;
  outcome: Outcome;
  reason: string;
  decision: CallDecision;
  /** Everything that stands in its way, in the order in which it would be met. */
  causes: FoundCause[];
}

/** A cause with what it was found in. */
export interface FoundCause extends Cause {
  step: number;
  /** The authorization that it keeps from being given; without it, the call itself. */
  request?: AccessRequest;
  decision?: Decision;
  /** The Allow that came closest. */
  miss?: NearestMiss;
}

/** Decides every call of the path, also those behind one that is denied: so that all that is wrong comes out at once. */
export function evaluate(situation: Situation): EvaluatedStep[] {
  const known = EVALUATED.get(situation);
  if (known !== undefined) return known;
  let isNobody = false;
  const steps = callsOf(situation).map((call, index) => {
    const step = evaluateCall(situation.world, call, index, situation.facts);
    if (isNobody) step.causes = step.causes.filter((cause) => isOfOthers(step, cause));
    isNobody = step.causes.some(({ code }) => code === 'role-not-found');
    return step;
  });
  EVALUATED.set(situation, steps);
  return steps;
}

/** A situation is never changed in place, and each fix is held against the same one. */
const EVALUATED = new WeakMap<Situation, EvaluatedStep[]>();

/**
 * What the session of a role that is not there may do is no question. But whoever is to be assumed next has a trust policy, and that
 * has to be mended besides.
 */
const isOfOthers = ({ call }: EvaluatedStep, { layer }: FoundCause): boolean =>
  call.service === 'sts' && layer !== 'identity-policy' && layer !== 'boundary' && layer !== 'session-policy';

function evaluateCall(world: World, call: ApiCall, index: number, facts: Facts): EvaluatedStep {
  const decision = authorizeCall(world, call);
  const { before, after } = obstaclesTo(world, call);
  const outside = causesBefore(world, call, index, facts);
  const isGone = [...outside, ...before].some(({ code }) => code === 'no-such-bucket');
  // Credentials that AWS does not take are nobody's: no policy can be asked about them.
  const isNobody = facts.credentials !== undefined && call.principal === '*';
  const isRoleMissing = before.some(({ code }) => code === 'role-not-found');
  const causes: FoundCause[] = [
    ...outside.map((cause) => ({ ...cause, step: index })),
    ...before.map((cause) => ({ ...cause, step: index })),
    ...(isGone || isNobody ? [] : policyCauses(decision, index)).filter(
      // There is no trust policy to mend.
      ({ layer }) => !(isRoleMissing && layer === 'trust-policy'),
    ),
    ...after.map((cause) => ({ ...cause, step: index })),
  ];
  if (causes.length === 0)
    causes.push(...causesAfter(world, call, facts).map((cause) => ({ ...cause, step: index })));
  const [first] = causes;
  return {
    index,
    call,
    decision,
    causes,
    outcome: first ? 'deny' : decision.outcome,
    reason: first ? `${first.detail}.` : decision.reason,
  };
}

function policyCauses({ authorizations }: CallDecision, step: number): FoundCause[] {
  return authorizations.flatMap(({ request, decision }) =>
    decision.causes.map((cause) => {
      const miss = missOf(cause, request, decision);
      return { ...cause, step, request, decision, ...(miss && { miss }) };
    }),
  );
}

/** The Allow that came closest, with the parts at fault that the cause is about. */
function missOf(
  { code, layer, statement }: Cause,
  { action }: AccessRequest,
  { layers }: Decision,
): NearestMiss | undefined {
  if (layer === undefined || statement?.effect === 'Deny') return undefined;
  const miss = layers.find((one) => one.layer === layer)?.nearestMisses[0];
  return miss && { ...miss, failed: failuresOf({ layer, action }, miss, code) };
}

/** What the whole path comes to. */
export function overall(steps: readonly EvaluatedStep[]): Outcome {
  if (steps.some(({ outcome }) => outcome === 'deny')) return 'deny';
  return steps.some(({ outcome }) => outcome === 'depends') ? 'depends' : 'allow';
}

/** Tells causes apart, whatever place a statement has in its document. */
export function identityOf({ code, step, request, document }: FoundCause): string {
  return [code, step, request?.action, request?.resource, document?.name].join('\n');
}
