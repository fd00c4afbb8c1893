import type { CallDecision } from '@crossbucket/policy';
import type { RememberedDecision } from '../gate/decision-memo.ts';
import type { Caller } from '../gate/caller.ts';
import type { TlsFacts } from '../wire/message.ts';
import type { OperationModel } from '../wire/model.ts';

/** What the sandbox remembers of one call. */
export interface TrailEntry {
  /** Shared by the copies that each account concerned gets. */
  id: string;
  /** Milliseconds since 1970, by the sandbox's clock. */
  time: number;
  requestId: string;
  service: string;
  operation: string;
  region: string;
  kind: 'management' | 'data';
  readOnly: boolean;
  /** How its members travel; without it, a record shows them by the API's names. */
  model?: OperationModel;
  /** Of a call that S3 made in its caller's name: the request id of the caller's. */
  internal?: string;
  caller: Caller;
  sourceIp: string;
  userAgent: string;
  host: string;
  /** Of a call by TLS. */
  tls?: TlsFacts;
  /** Id of the VPC endpoint that it came in by. */
  endpoint?: string;
  signatureForm: 'AuthHeader' | 'QueryString' | 'Anonymous';
  /** Where it is not Version 4. */
  signatureVersion?: 'SigV2';
  input: Record<string, unknown>;
  output?: Record<string, unknown>;
  error?: { code: string; message: string };
  /** Kept for every denial, and for the latest of the calls that were allowed. */
  decision?: CallDecision | RememberedDecision | undefined;
  resources: { type: string; arn: string; account?: string }[];
  /** Accounts that get a copy: the caller's first. */
  recipients: string[];
  bytesIn: number;
  bytesOut: number;
}

/** Gets the calls since it was called last, oldest first. */
export type Follower = (entries: readonly TrailEntry[]) => void;

/** Keeps calls for longer. */
export interface Recorder {
  add(entry: TrailEntry): void;
  clear(): void;
}

const DEFAULT_LIMIT = 10_000;
/** Calls that are given to followers at once. */
const BATCH = 1000;
/** Milliseconds that a call waits for others to be given with. */
const PATIENCE = 500;
/** Decisions outweigh all else of an entry, and to keep ten thousand of them costs more than to make them. */
const ALLOWED_DECISIONS = 100;

/** The latest calls, management and data apart, so that many reads do not push out the few changes. */
export class Trail {
  readonly #management: Ring<TrailEntry>;
  readonly #data: Ring<TrailEntry>;
  /** As many as there are reads and writes, though they are management events. */
  readonly #internal: Ring<TrailEntry>;
  readonly #allowed = new Ring<TrailEntry>(ALLOWED_DECISIONS);
  /** With the milliseconds that each lets a call wait. */
  readonly #followers = new Map<Follower, number>();
  readonly #recorder: Recorder | undefined;
  #pending: TrailEntry[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param limit Entries kept of each kind. @param recorder Gets the management calls. */
  constructor(limit = DEFAULT_LIMIT, recorder?: Recorder) {
    this.#recorder = recorder;
    this.#management = new Ring(limit);
    this.#data = new Ring(limit);
    this.#internal = new Ring(limit);
  }

  record(entry: TrailEntry): void {
    this.#ringOf(entry).push(entry);
    if (entry.kind === 'management') this.#recorder?.add(entry);
    if (this.#followers.size > 0) this.#queue(entry);
    if (entry.decision?.outcome !== 'allow') return;
    const older = this.#allowed.push(entry);
    if (older) older.decision = undefined;
  }

  /** Forgets every call so far. */
  clear(): void {
    this.drain();
    for (const ring of [this.#management, this.#data, this.#internal, this.#allowed]) ring.clear();
    this.#recorder?.clear();
  }

  /** Gives calls to a follower from now on, in batches. @returns What ends that. */
  follow(follower: Follower, patience = PATIENCE): () => void {
    this.drain();
    this.#followers.set(follower, patience);
    return () => {
      this.drain();
      this.#followers.delete(follower);
    };
  }

  /** Gives what waits to the followers at once. */
  drain(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const batch = this.#pending;
    if (batch.length === 0) return;
    this.#pending = [];
    for (const follower of this.#followers.keys()) follower(batch);
  }

  #queue(entry: TrailEntry): void {
    const waiting = this.#pending.push(entry);
    if (waiting === BATCH) setImmediate(() => this.drain());
    this.#timer ??= setTimeout(() => this.drain(), Math.min(...this.#followers.values())).unref();
  }

  /** The entry of a request id. */
  find(requestId: string): TrailEntry | undefined {
    const matches = (entry: TrailEntry) => entry.requestId === requestId;
    return this.#data.items().findLast(matches) ?? this.#management.items().findLast(matches);
  }

  /** Entries of a kind, oldest first; of both, in the order of their times. */
  entries(kind?: TrailEntry['kind']): TrailEntry[] {
    if (kind === 'data') return this.#data.items();
    const rings = [this.#internal, this.#management, ...(kind === undefined ? [this.#data] : [])];
    return rings.flatMap((ring) => ring.items()).toSorted((a, b) => a.time - b.time);
  }

  #ringOf({ kind, internal }: TrailEntry): Ring<TrailEntry> {
    if (internal !== undefined) return this.#internal;
    return kind === 'data' ? this.#data : this.#management;
  }
}

class Ring<T> {
  readonly #limit: number;
  #items: T[] = [];
  #next = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @returns the item that it takes the place of. */
  push(item: T): T | undefined {
    const older = this.#items[this.#next];
    this.#items[this.#next] = item;
    this.#next = (this.#next + 1) % this.#limit;
    return older;
  }

  clear(): void {
    this.#items = [];
    this.#next = 0;
  }

  items(): T[] {
    if (this.#items.length < this.#limit) return [...this.#items];
    return [...this.#items.slice(this.#next), ...this.#items.slice(0, this.#next)];
  }
}
