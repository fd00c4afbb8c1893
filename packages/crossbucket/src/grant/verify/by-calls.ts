import type { AccountConnection } from '../../accounts/index.ts';
import { Clients } from '../../accounts/clients.ts';
import type { GrantFacts } from '../facts.ts';
import { answerOf, patiently, type Answer } from './answer.ts';
import { assume, type Caller } from './caller.ts';
import type { Check } from './check.ts';
import { Trial, type NotCalled } from './trial.ts';

export interface CallContext {
  facts: GrantFacts;
  caller: Caller;
  source: AccountConnection;
  /** The bucket's owner, who puts what is to be read and cleans up; without, only what the grant can do itself is tried. */
  destination: AccountConnection | undefined;
  /** For how long a grant that was just made may not work yet, in milliseconds. */
  patience?: number;
}

/** What the calls came to. */
export interface Called {
  checks: Check[];
  notCalled: NotCalled[];
  /** Objects of ours that nobody could remove. */
  left: string[];
}

/** Makes the calls, on objects whose names begin with `crossbucket-probe-`, and removes these again. */
export async function checkCalls(context: CallContext): Promise<Called> {
  const { facts, caller, source, patience = 20_000 } = context;
  const clients = new Clients({
    credentials: caller.credentials,
    profile: source.profile,
    endpoint: source.endpoint,
  });
  const checks: Check[] = [];
  const row = (as: string, call: string, expected: Check['expected'], { actual, detail }: Answer): void => {
    const ok = actual === expected;
    checks.push({
      grant: facts.spec.name,
      by: 'calls',
      as,
      call,
      expected,
      actual,
      ok,
      ...(detail !== undefined && !ok && { detail }),
    });
  };
  let session: Clients = clients;
  let as = caller.arn;
  if (facts.route === 'role') {
    const here = { clients, region: source.region };
    const { role, externalId } = facts;
    const assumed = await patiently(patience, () => answerOf(() => assume(here, role.arn, externalId)));
    row(caller.arn, 'AssumeRole', 'allowed', assumed);
    if (externalId !== undefined)
      row(
        caller.arn,
        'AssumeRole without the external id',
        'denied',
        await answerOf(() => assume(here, role.arn)),
      );
    if (assumed.value === undefined) return { checks, notCalled: [], left: [] };
    session = new Clients({ credentials: assumed.value, profile: source.profile, endpoint: source.endpoint });
    as = role.arn;
  }
  const tried = new Trial(facts, context.destination, await session.s3(facts.region));
  let left: string[] = [];
  try {
    for (const probe of await tried.probes()) {
      const answer =
        probe.expected === 'allowed'
          ? await patiently(patience, () => tried.send(probe))
          : await tried.send(probe);
      row(as, tried.describe(probe), probe.expected, answer);
    }
  } finally {
    left = await tried.cleanUp();
  }
  return { checks, notCalled: tried.notCalled, left };
}
