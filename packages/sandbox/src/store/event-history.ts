import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Database as LmdbTable } from 'lmdb';
import type { Database } from './database.ts';

/** Whose events are kept together: an account's of one region. */
export interface HistoryGroup {
  account: string;
  region: string;
}

/** An event as it is kept: its record as JSON, and when it was, in milliseconds since 1970. */
export interface KeptEvent {
  time: number;
  json: string;
}

/** An event, and the place to go on after it. */
export interface FoundEvent extends KeptEvent {
  place: string;
}

const DAY = 24 * 3600 * 1000;
/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html */
export const HISTORY = 90 * DAY;
const TIMES = 16;
const DIGITS = 16;
/** Old chunks that go with each new one. */
const MOST_PRUNED = 100;

/**
 * Management events of ninety days, compressed, some hundred together, so that memory stays as it is however many there
 * are. Keys go by time, so that the latest are found first.
 */
export class EventHistory {
  readonly #database: Database;
  readonly #chunks: LmdbTable<Buffer, string>;
  /** What is being written, and that nobody can read there yet. */
  readonly #under = new Map<string, Buffer>();
  #sequence = 0;

  constructor(database: Database) {
    this.#database = database;
    this.#chunks = database.bytesTable('event-history');
  }

  /** @param events In the order of their times; at least one. A full disk loses them. */
  append(group: HistoryGroup, events: readonly KeptEvent[]): void {
    const [oldest, newest] = [events[0]!.time, events.at(-1)!.time];
    const text = deflateRawSync(events.map(({ time, json }) => `${time} ${json}`).join('\n'), { level: 1 });
    const bytes = Buffer.concat([Buffer.alloc(TIMES), text]);
    bytes.writeDoubleBE(oldest, 0);
    bytes.writeDoubleBE(newest, TIMES / 2);
    const key = this.#keyFor(group, newest);
    this.#under.set(key, bytes);
    const old = [...this.#chunks.getKeys({ ...until(group, newest - HISTORY), limit: MOST_PRUNED })];
    const put = () =>
      Promise.all([this.#chunks.put(key, bytes), ...old.map((one) => this.#chunks.remove(one))]);
    void this.#write(key, bytes, put);
  }

  async #write(key: string, { length }: Buffer, put: () => Promise<unknown>): Promise<void> {
    try {
      await this.#database.write(length, put);
    } catch {
      // Whoever called has an answer: there is nobody to tell.
    } finally {
      this.#under.delete(key);
    }
  }

  /**
   * The events of a group from one time to another, newest first.
   * @param after A place, to go on behind it.
   */
  *find(group: HistoryGroup, from: number, to: number, after?: string): Generator<FoundEvent> {
    const [first, skip] = after === undefined ? [undefined, 0] : placeOf(after);
    for (const { key, value } of this.#newestFirst(group, first)) {
      if (value.readDoubleBE(TIMES / 2) < from) return;
      if (value.readDoubleBE(0) > to) continue;
      const events = inflateRawSync(value.subarray(TIMES)).toString().split('\n').toReversed();
      const name = key.slice(key.indexOf('\n') + 1);
      for (let index = name === first ? skip : 0; index < events.length; index++) {
        const event = events[index]!;
        const time = Number(event.slice(0, event.indexOf(' ')));
        if (time < from || time > to) continue;
        yield { time, json: event.slice(event.indexOf(' ') + 1), place: `${name} ${index + 1}` };
      }
    }
  }

  /** Whether a text is a place that `find` gave and that is still there. */
  isPlace({ account, region }: HistoryGroup, text: string): boolean {
    if (!/^\d{16}-\d{16} \d{1,9}$/.test(text)) return false;
    const key = `${account} ${region}\n${placeOf(text)[0]}`;
    return this.#under.has(key) || this.#chunks.doesExist(key);
  }

  clear(): void {
    const keys = new Set([...this.#chunks.getKeys(), ...this.#under.keys()]);
    this.#under.clear();
    const remove = () => Promise.all([...keys].map((key) => this.#chunks.remove(key)));
    if (keys.size > 0) void this.#database.write(0, remove, { urgent: true }).catch(() => undefined);
  }

  *#newestFirst(group: HistoryGroup, first: string | undefined): Generator<{ key: string; value: Buffer }> {
    const { start, end } = until(group, Number.MAX_SAFE_INTEGER);
    const top = first === undefined ? end : `${start}${first}`;
    const under = [...this.#under.keys()].filter((key) => key.startsWith(start) && key <= top);
    const waiting = under.toSorted().toReversed();
    for (const { key, value } of this.#chunks.getRange({ start: top, end: start, reverse: true })) {
      while (waiting.length > 0 && waiting[0]! > key) yield* this.#take(waiting.shift()!);
      if (waiting[0] === key) waiting.shift();
      yield { key, value };
    }
    for (const key of waiting) yield* this.#take(key);
  }

  *#take(key: string): Generator<{ key: string; value: Buffer }> {
    const value = this.#under.get(key);
    if (value) yield { key, value };
  }

  /** Later keys of one time are greater, across restarts too, unless the machine's clock goes back. */
  #keyFor(group: HistoryGroup, newest: number): string {
    this.#sequence = Math.max(this.#sequence + 1, Date.now() * 1024);
    return `${until(group, newest).end}-${padded(this.#sequence)}`;
  }
}

const padded = (value: number): string => String(Math.max(0, Math.floor(value))).padStart(DIGITS, '0');

const until = ({ account, region }: HistoryGroup, time: number) => ({
  start: `${account} ${region}\n`,
  end: `${account} ${region}\n${padded(time)}`,
});

function placeOf(text: string): [chunk: string, index: number] {
  const [chunk = '', index = ''] = text.split(' ');
  return [chunk, Number(index)];
}
