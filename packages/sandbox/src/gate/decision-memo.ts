import { authorizeCall, type CallDecision, type SessionFacts, type World } from '@crossbucket/policy';
import { Recent } from '../recent.ts';
import type { Store } from '../store/store.ts';
import { callOf, contextFacts, type RequestFacts } from './authorize.ts';
import type { Worlds } from './world.ts';

type Input = Record<string, unknown>;

/** A call that is allowed as an equal one was; the decision is worked out when somebody wants to see it. */
export interface RememberedDecision extends Pick<CallDecision, 'reason' | 'causes'> {
  outcome: 'allow';
  inFull(): CallDecision;
}

export function inFull(decision: CallDecision | RememberedDecision): CallDecision {
  return 'inFull' in decision ? decision.inFull() : decision;
}

/** Condition keys with another value in every request: what asks for one is decided anew each time. */
const FLEETING = [
  'aws:currenttime',
  'aws:epochtime',
  'aws:multifactorauthage',
  's3:object-lock-remaining-retention-days',

  's3:signatureage',
];
const MOST = 2000;

/** What a decision was made of, and why it came out so. */
interface Allowed {
  world: World;
  session: SessionFacts | undefined;
  reason: string;
}

/**
 * Decides calls, and remembers which were allowed: for as long as nothing changes of what decides, be it an entity of
 * the store or something of the call that the decision has read. Denials are worked out each time.
 */
export class DecisionMemo {
  readonly #store: Store;
  readonly #worlds: Worlds;
  #revision = -1;
  #allowed = new Recent<Allowed>(MOST);
  /** The members of the inputs of an operation that decisions have read. */
  readonly #read = new Map<string, Set<string>>();
  readonly #numbers = new WeakMap<object, number>();
  #lastNumber = 0;

  constructor(store: Store, worlds: Worlds) {
    this.#store = store;
    this.#worlds = worlds;
  }

  decide(facts: RequestFacts, operation: string, input: Input): CallDecision | RememberedDecision {
    if (this.#revision !== this.#store.revision) {
      this.#revision = this.#store.revision;
      this.#allowed = new Recent(MOST);
    }
    if (!isRepeatable(facts)) return this.#decideAnew(facts, operation, input).decision;
    const name = `${facts.service}:${operation}`;
    let read = this.#read.get(name);
    if (!read) this.#read.set(name, (read = new Set()));
    const known = this.#allowed.get(this.#nameOf(facts, name, input, read));
    if (known) {
      const { world, session, reason } = known;
      return {
        outcome: 'allow',
        reason,
        causes: [],
        inFull: () => authorizeCall(world, callOf(facts, operation, input, session)),
      };
    }
    const asked = new Set<string>();
    const { decision, ...by } = this.#decideAnew(facts, operation, noting(input, read), asked);
    if (decision.outcome === 'allow' && !FLEETING.some((key) => asked.has(key)))
      this.#allowed.set(this.#nameOf(facts, name, input, read), { ...by, reason: decision.reason });
    return decision;
  }

  #decideAnew(facts: RequestFacts, operation: string, input: Input, asked?: Set<string>) {
    const { caller, survey, endpoint } = facts;
    const world = this.#worlds.worldFor(caller, survey, endpoint);
    const session = this.#worlds.sessions.factsOf(caller);
    return {
      world,
      session,
      decision: authorizeCall(world, callOf(facts, operation, input, session), asked),
    };
  }

  /** The same for calls on which a decision cannot differ, as long as the store is the same. */
  #nameOf(facts: RequestFacts, operation: string, input: Input, read: ReadonlySet<string>): string {
    const { caller, survey, endpoint } = facts;
    const { bucket, role, accessPoint, resources = [] } = survey;
    let name = `${operation} ${this.#numberOf(caller)} ${this.#numberOf(bucket)} ${this.#numberOf(role)} ${this.#numberOf(accessPoint)} ${resources.length}`;
    name += lineOf(endpoint?.id) + lineOf(survey.facts) + lineOf(survey.context);
    for (const fact of contextFacts(facts)) name += lineOf(fact);
    for (const { account } of resources) name += lineOf(account);
    // Members come in a fixed order, so their names need not be told.
    if (read.has(ALL)) return name + lineOf(input);
    for (const member of read) name += lineOf(input[member]);
    return name;
  }

  /** Records and callers never change in place. */
  #numberOf(thing: object | undefined): number {
    if (!thing) return 0;
    let number = this.#numbers.get(thing);
    if (number === undefined) this.#numbers.set(thing, (number = ++this.#lastNumber));
    return number;
  }
}

/** What else has a part in a decision is seldom, and has more to it than the store says. */
function isRepeatable({ caller, survey }: RequestFacts): boolean {
  const { source, upload, keys, grant } = survey;
  return caller.kind !== 'service' && !survey.caller && !source && !upload && !keys && !grant;
}

/** A value as a line that no other value has. */
function lineOf(value: unknown): string {
  if (value === undefined) return '\n';
  if (typeof value === 'string' && !value.includes('\n')) return `\n'${value}`;
  return `\n${JSON.stringify(value)}`;
}

const ALL = '*';

/** An input that notes which of its members are read. */
function noting(input: Input, read: Set<string>): Input {
  const note = (member: string | symbol): void => {
    if (typeof member === 'string') read.add(member);
  };
  return new Proxy(input, {
    get(target, member) {
      note(member);
      return Reflect.get(target, member);
    },
    has(target, member) {
      note(member);
      return Reflect.has(target, member);
    },
    getOwnPropertyDescriptor(target, member) {
      note(member);
      return Reflect.getOwnPropertyDescriptor(target, member);
    },
    ownKeys(target) {
      read.add(ALL);
      return Reflect.ownKeys(target);
    },
  });
}
