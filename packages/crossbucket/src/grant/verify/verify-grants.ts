import { readWorld, type AccountReader } from '../../accounts/index.ts';
import type { EndpointSnapshot } from '@crossbucket/policy';
import type { GrantSpec, Spec } from '../../spec/index.ts';
import { freshReaders, type Connections } from '../open-accounts.ts';
import { planGrants, type Side } from '../plan-grants.ts';
import type { GrantFacts } from '../facts.ts';
import type { GrantState } from '../state.ts';
import { checkCalls } from './by-calls.ts';
import { checkDocuments } from './by-documents.ts';
import { findCaller } from './caller.ts';
import type { Check } from './check.ts';
import type { NotCalled } from './trial.ts';

export interface VerifyOptions {
  side?: Side;
  /** Profile of one of the grant's principals. */
  as?: string | undefined;
  /** Where the role's trust policy, which holds it, is not looked at. */
  externalId?: string | undefined;
  /** Decide on the documents only. */
  withoutCalls?: boolean;
  endpoints?: Record<string, EndpointSnapshot>;
  /** For how long a call may still be denied, in milliseconds. */
  patience?: number;
}

export interface VerifyReport {
  ok: boolean;
  checks: Check[];
  /** What the grants promise and no call has tried: only the documents say it. */
  notCalled: ({ grant: string } & NotCalled)[];
  /** Grants whose documents are not all there, and grants of which no call could be made, and why. */
  notes: { grant: string; message: string }[];
}

/** Proves grants on the documents as they are now, and by calls: what they promise works, and what they do not give is denied. */
export async function verifyGrants(
  spec: Spec,
  grants: readonly GrantSpec[],
  connections: Connections,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  const readers = freshReaders(connections);
  const { plan, states } = await planGrants(spec, grants, readers, { side: options.side ?? 'both' });
  await readAround(states, [...readers.values()]);
  const world = await readWorld([...readers.values()], options.endpoints);
  const notes: VerifyReport['notes'] = [];
  const notCalled: VerifyReport['notCalled'] = [];
  for (const name of new Set(plan.changes.flatMap((change) => change.grants)))
    notes.push({
      grant: name,
      message: 'its documents are not as they should be: `crossbucket grant plan` shows what differs',
    });
  for (const { facts, destination } of states) {
    if (destination !== undefined) continue;
    const told = facts.spec.role?.externalId;
    facts.externalId = options.externalId ?? (typeof told === 'string' && told !== 'auto' ? told : undefined);
    notes.push({
      grant: facts.spec.name,
      message: `the documents of account ${facts.destination} were not looked at: only calls prove it`,
    });
  }
  const checks = states
    .filter(({ destination }) => destination !== undefined)
    .flatMap(({ facts }) => checkDocuments(facts, world));
  if (options.withoutCalls !== true)
    for (const { facts } of states) {
      const source = connections.get(facts.source);
      const unmet = unmetHere(facts);
      if (unmet !== undefined) {
        const message = `no calls were made: the grant asks for ${unmet}, which there is not here`;
        notes.push({ grant: facts.spec.name, message });
        continue;
      }
      const found =
        source === undefined
          ? { why: `account ${facts.source} is not open` }
          : await findCaller(facts, source, options.as);
      if ('why' in found || source === undefined) {
        const why = 'why' in found ? found.why : '';
        notes.push({
          grant: facts.spec.name,
          message: `no calls were made: ${why}; \`--as PROFILE\` names one of its principals`,
        });
        continue;
      }
      const context = {
        facts,
        caller: found.caller,
        source,
        destination: connections.get(facts.destination),
      };
      const called = await checkCalls({
        ...context,
        ...(options.patience !== undefined && { patience: options.patience }),
      });
      checks.push(...called.checks);
      notCalled.push(...called.notCalled.map((one) => ({ grant: facts.spec.name, ...one })));
      for (const what of called.left)
        notes.push({
          grant: facts.spec.name,
          message: `nobody here could remove ${what}: it is left behind`,
        });
    }
  return { ok: checks.every(({ ok }) => ok), checks, notCalled, notes };
}

/** What decisions need besides the documents of the grants. */
async function readAround(states: readonly GrantState[], readers: readonly AccountReader[]): Promise<void> {
  await Promise.all(
    states.flatMap(({ facts }) =>
      readers
        .filter(({ connection }) => connection.id === facts.destination)
        .map((reader) => reader.principal(facts.role.arn)),
    ),
  );
}

/** What the grant asks for and a command on somebody's machine cannot bring along. */
function unmetHere({ spec }: GrantFacts): string | undefined {
  const { mfa, vpcEndpoint, vpc } = spec.conditions ?? {};
  if (mfa !== undefined) return 'a second factor';
  if (vpcEndpoint !== undefined) return `the VPC endpoint ${vpcEndpoint.join(' or ')}`;
  return vpc === undefined ? undefined : `the VPC ${vpc.join(' or ')}`;
}
