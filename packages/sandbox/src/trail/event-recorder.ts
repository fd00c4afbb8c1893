import type { EventHistory, FoundEvent, HistoryGroup, KeptEvent } from '../store/event-history.ts';
import { recordFor } from './records/record.ts';
import type { TrailEntry } from './trail.ts';

/** Calls that are kept together. */
const BATCH = 200;
/** Milliseconds that a call waits for others, where it is to outlive the process. */
const PATIENCE = 500;

/** Makes records of management calls, some time after these, and keeps them for LookupEvents. */
export class EventRecorder {
  readonly #history: EventHistory;
  readonly #lasting: boolean;
  #waiting: TrailEntry[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param lasting Whether events outlive the process; without, they wait until there are enough, or somebody looks. */
  constructor(history: EventHistory, lasting: boolean) {
    this.#history = history;
    this.#lasting = lasting;
  }

  add(entry: TrailEntry): void {
    const waiting = this.#waiting.push(entry);
    if (waiting === BATCH) setImmediate(() => this.flush());
    if (this.#lasting) this.#timer ??= setTimeout(() => this.flush(), PATIENCE).unref();
  }

  /** Events of an account and region, newest first, those of just now too. */
  find(group: HistoryGroup, from: number, to: number, after?: string): Generator<FoundEvent> {
    this.flush();
    return this.#history.find(group, from, to, after);
  }

  isPlace(group: HistoryGroup, text: string): boolean {
    return this.#history.isPlace(group, text);
  }

  /** Hands what waits to the store. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const entries = this.#waiting.toSorted((a, b) => a.time - b.time);
    this.#waiting = [];
    const groups = new Map<string, { group: HistoryGroup; events: KeptEvent[] }>();
    for (const entry of entries)
      for (const account of entry.recipients) {
        const { time, region } = entry;
        const name = `${account} ${region}`;
        const { events } = groups.get(name) ?? set(groups, name, { group: { account, region }, events: [] });
        events.push({ time, json: JSON.stringify(recordFor(entry, account)) });
      }
    for (const { group, events } of groups.values()) this.#history.append(group, events);
  }

  /** Forgets every event so far. */
  clear(): void {
    this.#waiting = [];
    this.#history.clear();
  }
}

function set<V>(map: Map<string, V>, key: string, value: V): V {
  map.set(key, value);
  return value;
}
