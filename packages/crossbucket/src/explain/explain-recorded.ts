import type { EndpointSnapshot, World } from '@crossbucket/policy';
import type { Evidence } from './evidence/evidence.ts';
import { weigh } from './evidence/weigh.ts';
import { ExplainError } from './explain-error.ts';
import { explainSituation } from './explain-situation.ts';
import type { Explanation } from './explanation.ts';
import { pathOf } from './question/path.ts';

export interface RecordedOptions {
  /** ISO 8601: when the call was made. */
  now: string;
  /** VPC endpoints with their policies, by id. */
  endpoints?: Readonly<Record<string, EndpointSnapshot>> | undefined;
}

/**
 * Why a recorded call was denied, by accounts that are data already, such as a state file of then. Nothing is read.
 * @param evidence What `readEvent` makes of the record.
 * @throws ExplainError where the record tells of no call
 */
export function explainRecorded(world: World, evidence: Evidence, options: RecordedOptions): Explanation {
  const { operation, as = '*', session, context, closed } = evidence.question;
  if (operation === undefined)
    throw new ExplainError('bad-evidence', 'the record tells of no call', 'give a whole record');
  const principal = /^\d{12}$/.test(as) ? `arn:aws:iam::${as}:root` : as;
  const path = pathOf({
    principal,
    session,
    via: [],
    operation,
    context,
    open: closed !== true,
    now: options.now,
  });
  const { endpoints = {} } = options;
  const explanation = explainSituation({
    ...path,
    calls: path.calls.map((call) => ({ ...call, ...objectOf(world, call.input) })),
    world: { ...world, endpoints: { ...world.endpoints, ...endpoints } },
    facts: { ...evidence.facts, now: options.now },
  });
  return weigh(explanation, evidence);
}

/** Nobody knows the object of then: it is taken to be encrypted as its bucket's are. */
function objectOf({ accounts }: World, { Bucket, Key }: Record<string, unknown>) {
  if (typeof Bucket !== 'string' || typeof Key !== 'string') return {};
  const owner = Object.values(accounts).find(({ buckets }) => Object.hasOwn(buckets, Bucket));
  const { key, bucketKey } = owner?.buckets[Bucket]?.encryption ?? {};
  return key === undefined ? {} : { object: { kmsKey: key, ...(bucketKey === true && { bucketKey }) } };
}
