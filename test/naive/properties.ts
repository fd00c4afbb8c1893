import type {
  AccessRequest,
  ContextValue,
  Decision,
  Layer,
  PolicySet,
  Requirement,
} from '@crossbucket/policy';
import { authorize } from '@crossbucket/policy';
import * as fc from 'fast-check';
import { CONTEXT_KEYS, policySet, request, someLayer, someValue } from './arbitraries.ts';
import { conditionsHold } from './conditions.ts';
import { isAllowed } from './evaluate.ts';

/** The engine and the naive evaluator give the same answer. */
export const agreement = fc.property(request, policySet, (made, policies) => {
  const { outcome, reason } = authorize(made, policies);
  const expected = isAllowed(made, policies) ? 'allow' : 'deny';
  if (outcome !== expected) throw new Error(`expected ${expected}: ${reason}`);
});

const SAMPLES = 8;

const unknownKeys = fc.subarray([...CONTEXT_KEYS], { minLength: 1, maxLength: 3 }).chain((keys) =>
  fc.record({
    keys: fc.constant(keys),
    samples: fc.array(fc.tuple(...keys.map(someValue)), { minLength: SAMPLES, maxLength: SAMPLES }),
  }),
);

/** Whatever the unknown keys turn out to be, a definite answer stands; and where the answer depends, what it requires is necessary. */
export const soundness = fc.property(request, policySet, unknownKeys, (made, policies, { keys, samples }) => {
  const decision = authorize({ ...made, unknown: keys }, policies);
  if (decision.outcome === 'depends' && decision.requires.length === 0) throw new Error('requires nothing');
  for (const values of samples) {
    const known = withValues(made, keys, values);
    const allowed = isAllowed(known, policies);
    if (decision.outcome === 'depends') {
      if (allowed) expectNoDenyMet(decision.requires, known, policies);
    } else if (allowed !== (decision.outcome === 'allow')) {
      throw new Error(
        `${decision.outcome} does not stand for ${JSON.stringify(known.context)}: ${decision.reason}`,
      );
    }
  }
});

function withValues(
  made: AccessRequest,
  keys: readonly string[],
  values: readonly (ContextValue | undefined)[],
): AccessRequest {
  const lower = new Set(keys.map((key) => key.toLowerCase()));
  const context = Object.fromEntries(
    Object.entries(made.context ?? {}).filter(([key]) => !lower.has(key.toLowerCase())),
  );
  for (const [i, key] of keys.entries()) {
    const value = values[i];
    if (value !== undefined) context[key] = value;
  }
  return { ...made, context };
}

/** Of the requirements of each Deny, one at least must fail where the request is allowed. */
function expectNoDenyMet(requires: readonly Requirement[], known: AccessRequest, policies: PolicySet): void {
  const byStatement = new Map<string, Requirement[]>();
  for (const requirement of requires) {
    if (requirement.negated !== true) continue;
    const name = JSON.stringify(requirement.statement);
    byStatement.set(name, [...(byStatement.get(name) ?? []), requirement]);
  }
  for (const group of byStatement.values()) {
    // Whether a Resource fits, or a value with a variable, takes more than the condition to tell.
    if (group.some(({ operator }) => operator.endsWith('Resource')) || JSON.stringify(group).includes('${'))
      continue;
    const isMet = ({ operator, key, values }: Requirement) =>
      conditionsHold(
        { [operator]: { [key]: values } },
        { request: known, isDeny: true, isCurrentVersion: true },
      );
    if (group.every(isMet)) {
      throw new Error(`allowed though ${JSON.stringify(group)} holds in ${JSON.stringify(policies)}`);
    }
  }
}

const LAYERS = {
  identity: 'identity-policy',
  boundary: 'boundary',
  resource: 'resource-policy',
  vpcEndpoint: 'vpc-endpoint-policy',
  accessPoint: 'access-point-policy',
} as const satisfies Partial<Record<keyof PolicySet, Layer>>;

/** Whatever a layer that nobody could read turns out to say, a definite answer stands. */
export const soundnessOfUnread = fc.property(
  request,
  policySet,
  fc.constantFrom(...(Object.keys(LAYERS) as (keyof typeof LAYERS)[])),
  fc.array(someLayer, { minLength: SAMPLES, maxLength: SAMPLES }),
  (made, policies, name, samples) => {
    const { [name]: _unread, ...readable } = policies;
    const decision: Decision = authorize(made, { ...readable, unread: unreadLayers(name) });
    if (decision.outcome === 'depends') return;
    for (const document of samples) {
      const whole = { ...readable, [name]: name === 'identity' ? [document] : document };
      if (isAllowed(made, whole) !== (decision.outcome === 'allow')) {
        throw new Error(`${decision.outcome} does not stand for ${JSON.stringify(document)} as ${name}`);
      }
    }
  },
);

function unreadLayers(name: keyof typeof LAYERS): Layer[] {
  return name === 'resource' ? ['resource-policy', 'trust-policy', 'key-policy'] : [LAYERS[name]];
}
