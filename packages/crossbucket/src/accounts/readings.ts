import type { UnknownFact } from '@crossbucket/policy';
import { AccountError } from './account-error.ts';
import { asAwsError, failureKind, hasName } from './aws-error.ts';
import type { AccountConnection } from './connect.ts';

/** AWS says that there is no such thing. */
export const ABSENT = Symbol('absent');
/** Nobody could read it: it is among the unknown facts. */
export const UNREAD = Symbol('unread');

export type Reading<T> = T | typeof ABSENT | typeof UNREAD;

export const isFound = <T>(reading: Reading<T>): reading is T => reading !== ABSENT && reading !== UNREAD;

/** The value, or undefined where there is none or nobody could read it. */
export const foundOr = <T, D>(reading: Reading<T>, otherwise: D): T | D =>
  isFound(reading) ? reading : otherwise;

export interface Question {
  /** What is read, as `UnknownFact.what` names it. */
  what: string;
  /** The permission that it takes: `iam:GetRole`. */
  action: string;
  /** Error names that mean that there is none. */
  absent?: readonly string[];
}

export interface ReadingOptions {
  /** `unknown` goes on where AWS cannot be reached or throttles, and notes what it missed. Default: `throw`. */
  onFailure?: 'throw' | 'unknown';
}

/** Read-only calls of one account. What a missing right keeps from us is noted, and is no failure. */
export class Readings {
  readonly connection: AccountConnection;
  readonly #onFailure: 'throw' | 'unknown';
  readonly #unknown = new Map<string, UnknownFact>();
  #calls = 0;

  constructor(connection: AccountConnection, { onFailure = 'throw' }: ReadingOptions = {}) {
    this.connection = connection;
    this.#onFailure = onFailure;
  }

  /** How many calls have been made. */
  get calls(): number {
    return this.#calls;
  }

  get unknown(): UnknownFact[] {
    return [...this.#unknown.values()];
  }

  note(fact: UnknownFact): void {
    if (!this.#unknown.has(fact.what)) this.#unknown.set(fact.what, fact);
  }

  /** Takes notes back that turned out to be about another account. */
  forget(isAboutOther: (what: string) => boolean): void {
    for (const what of this.#unknown.keys()) if (isAboutOther(what)) this.#unknown.delete(what);
  }

  /** @throws AccountError where the failure is not that a right is missing. */
  async read<T>({ what, action, absent = [] }: Question, call: () => Promise<T>): Promise<Reading<T>> {
    try {
      return await this.connection.limiter.run(() => {
        this.#calls++;
        return call();
      });
    } catch (error) {
      if (error instanceof AccountError) throw error;
      if (hasName(error, ...absent)) return ABSENT;
      const kind = failureKind(error);
      if (kind === 'denied') {
        this.note({ what, why: `no permission for ${action}`, action });
        return UNREAD;
      }
      if (this.#onFailure === 'throw' || kind === 'credentials')
        throw readError(error, this.connection, action, what);
      this.note({ what, why: `${action} failed: ${asAwsError(error).message ?? String(error)}`, action });
      return UNREAD;
    }
  }

  /** Every page of a listing. */
  async readPages<P, T>(
    question: Question,
    page: (token: string | undefined) => Promise<P>,
    pick: (page: P) => { items: readonly T[] | undefined; next: string | undefined },
  ): Promise<Reading<T[]>> {
    const all: T[] = [];
    let token: string | undefined;
    do {
      const answer = await this.read(question, () => page(token));
      if (!isFound(answer)) return answer;
      const { items, next } = pick(answer);
      all.push(...(items ?? []));
      token = next;
    } while (token !== undefined);
    return all;
  }
}

const HELP = {
  credentials: 'log in again, or name another profile',
  throttled: 'wait a minute and try again',
  unreachable: 'look at the network, the region and the endpoint',
  denied: 'give the caller the permission, or use another profile',
  other: "try again; if it stays, the message is AWS's own",
} as const;

const CODES = {
  credentials: 'credentials-rejected',
  throttled: 'throttled',
  unreachable: 'unreachable',
  denied: 'aws-denied',
  other: 'aws-failed',
} as const;

/** A failed call, with its account and document. */
export function readError(
  error: unknown,
  { id: account }: Pick<AccountConnection, 'id'>,
  call: string,
  document: string,
): AccountError {
  const kind = failureKind(error);
  const { message, name } = asAwsError(error);
  const said = [name, message].filter(Boolean).join(': ') || String(error);
  return new AccountError(
    CODES[kind],
    `account ${account}, ${document}: ${call} failed: ${said}`,
    HELP[kind],
    {
      account,
      call,
      document,
      cause: error,
    },
  );
}
