import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ServiceCalls } from '../../pipeline/service-calls.ts';
import type { Clock } from '../../clock.ts';
import type { Settings } from '../../config/settings.ts';
import type { TrailRecord, TrailStatusRecord } from '../../store/records.ts';
import type { Store } from '../../store/store.ts';
import { groupOf, type SpoolBatch, type SpoolGroup } from '../../store/trail-spool.ts';
import { internalErrors } from '../../internal-errors.ts';
import { AwsError } from '../../wire/errors.ts';
import { recordFor } from '../records/record.ts';
import type { Trail, TrailEntry } from '../trail.ts';
import { DigestChains } from './digest-chains.ts';
import { destinationOf, logFileKey, logFileText } from './log-file.ts';
import { serviceCaller, writeInput } from './service-caller.ts';
import { Subscriptions } from './subscriptions.ts';

const deflate = promisify(gzip);

/** A file is delivered before its time when it would inflate to more than this, in bytes. */
const LARGEST_FILE = 8 * 1_048_576;
/** What could not be delivered is kept up to this, in bytes for each file that it would be. */
const MOST_WAITING = 64 * 1_048_576;
/** How often the clock is looked at, in milliseconds: it may have been moved. */
const TICK = 1000;

export interface DeliveryContext {
  trail: Trail;
  store: Store;
  clock: Clock;
  settings: Settings;
  calls: ServiceCalls;
}

/**
 * Delivers what trails log: calls become records, which wait on the disk until their file is due, and are written to
 * the trail's bucket as CloudTrail does, under the bucket's own policy.
 */
export class TrailDelivery {
  readonly #context: DeliveryContext;
  readonly #subscriptions: Subscriptions;
  readonly #chains: DigestChains;
  /** When the first record came that waits of a group, by the sandbox's clock. */
  readonly #since = new Map<string, number>();
  #working: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #unfollow: (() => void) | undefined;

  constructor(context: DeliveryContext) {
    this.#context = context;
    this.#subscriptions = new Subscriptions(context.store);
    this.#chains = new DigestChains(context, (group) => this.#deliverGroup(group));
  }

  /** Follows the calls, as long as there are trails. */
  start(): void {
    this.#unfollow ??= this.#context.trail.follow(this.#accept);
    this.#timer ??= setInterval(() => void this.deliver('due'), TICK).unref();
  }

  #stop(): void {
    this.#unfollow?.();
    this.#unfollow = undefined;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Puts the records of calls where a kill does not reach them. */
  readonly #accept = (entries: readonly TrailEntry[]): void => {
    const chunks = new Map<
      string,
      { group: SpoolGroup; records: string[]; oldest: number; newest: number }
    >();
    for (const entry of entries) {
      for (const account of entry.recipients) {
        const trails = this.#subscriptions.trailsFor(entry, account);
        if (trails.length === 0) continue;
        const record = JSON.stringify(recordFor(entry, account));
        for (const { arn } of trails) {
          const group = { trail: arn, account, region: entry.region };
          const name = groupOf(group);
          const chunk = chunks.get(name) ?? { group, records: [], oldest: entry.time, newest: entry.time };
          chunk.records.push(record);
          chunk.oldest = Math.min(chunk.oldest, entry.time);
          chunk.newest = Math.max(chunk.newest, entry.time);
          chunks.set(name, chunk);
        }
      }
    }
    for (const { group, records, oldest, newest } of chunks.values())
      this.#append(group, { text: records.join(','), oldest, newest });
  };

  #append(group: SpoolGroup, chunk: { text: string; oldest: number; newest: number }): void {
    const { store } = this.#context;
    try {
      store.trailSpool.append(group, chunk);
    } catch (error) {
      // A full disk keeps no call back: its record is lost, and the trail's status says so.
      this.#note(group.trail, { error: codeOf(error) });
      return;
    }
    const name = groupOf(group);
    if (!this.#since.has(name)) this.#since.set(name, chunk.oldest);
    if (store.trailSpool.size(group) >= LARGEST_FILE) void this.deliver('full');
  }

  /**
   * Delivers: what is due by the sandbox's clock, or files that are full, or all that waits; and the digests that are
   * due. Never rejects: what could not be delivered is tried again.
   */
  deliver(what: 'due' | 'full' | 'all'): Promise<void> {
    return this.#inTurn(() => this.#deliver(what));
  }

  /** Ends a trail's recording: the rest of its files, and the last digests. */
  finish(trail: TrailRecord): Promise<void> {
    return this.#inTurn(async () => {
      this.#context.trail.drain();
      for (const group of this.#groupsOf(trail)) await this.#deliverGroup(group);
      await this.#chains.finish(trail);
    });
  }

  /** Forgets a trail that was deleted, with what could not be delivered. */
  forget(trail: TrailRecord): Promise<void> {
    const { store } = this.#context;
    return this.#inTurn(async () => {
      store.trailStatus.delete(trail.arn);
      for (const group of this.#groupsOf(trail)) await this.#deliverGroup(group);
      if (store.trails.values().next().done) this.#stop();
    });
  }

  /** A trail's digests begin anew: with the next, which names no other. */
  beginChains(trail: TrailRecord): void {
    this.#chains.begin(trail);
  }

  /** Delivers all that waits. What that itself gives to record is lost. */
  async close(): Promise<void> {
    await this.deliver('all');
    this.#stop();
    await this.#working;
  }

  #inTurn(job: () => Promise<void>): Promise<void> {
    this.#working = this.#working.then(job).catch((error: unknown) => internalErrors.publish({ error }));
    return this.#working;
  }

  async #deliver(what: 'due' | 'full' | 'all'): Promise<void> {
    const { store, trail } = this.#context;
    if (what !== 'full') trail.drain();
    for (const group of store.trailSpool.groups()) {
      if (
        what === 'full' ? store.trailSpool.size(group) < LARGEST_FILE : what === 'due' && !this.#isDue(group)
      )
        continue;
      await this.#deliverGroup(group, what === 'full');
    }
    if (what === 'full') return;
    for (const one of store.trails.values())
      await (one.logging ? this.#chains.deliverDue(one) : this.#chains.finish(one));
  }

  #groupsOf({ arn }: TrailRecord): SpoolGroup[] {
    return this.#context.store.trailSpool.groups().filter(({ trail }) => trail === arn);
  }

  #isDue(group: SpoolGroup): boolean {
    const { clock, settings, store } = this.#context;
    const now = clock.now();
    if (!store.trails.get(group.trail)?.logging) return true;
    const since = this.#since.get(groupOf(group)) ?? now;
    // What was there at the start waits from now on, and so does what came in a future that the clock was moved from.
    this.#since.set(groupOf(group), Math.min(since, now));
    return now - since >= settings.trailInterval;
  }

  /** @param whole Whether only files that are full are written. */
  async #deliverGroup(group: SpoolGroup, whole = false): Promise<void> {
    const { store, clock } = this.#context;
    const trail = store.trails.get(group.trail);
    this.#since.delete(groupOf(group));
    // What is being written cannot be read yet.
    await store.settled();
    for (;;) {
      if (whole && store.trailSpool.size(group) < LARGEST_FILE) break;
      const batch = store.trailSpool.peek(group, LARGEST_FILE);
      if (!batch) return;
      if (!(await this.#write(trail, group, batch))) break;
    }
    if (store.trailSpool.size(group) > 0) this.#since.set(groupOf(group), clock.now());
  }

  /** @returns Whether it could be delivered. */
  async #write(trail: TrailRecord | undefined, group: SpoolGroup, batch: SpoolBatch): Promise<boolean> {
    const { store, clock, calls } = this.#context;
    if (!trail) {
      await store.trailSpool.take(group, batch);
      return true;
    }
    const now = clock.now();
    const { bucket } = trail;
    const key = logFileKey(destinationOf(trail, store), group, now);
    const text = logFileText(batch);
    const { oldest, newest } = batch;
    try {
      const body = await deflate(text, { level: 1 });
      await calls.perform(serviceCaller(trail), writeInput(trail, store, { key, body }));
      const hash = createHash('sha256').update(text).digest('hex');
      const file = trail.validation ? { bucket, key, hash, oldest, newest } : undefined;
      await store.trailSpool.take(group, batch, file);
      this.#note(trail.arn, { delivered: now, error: undefined });
      return true;
    } catch (error) {
      this.#note(trail.arn, { error: codeOf(error) });
      if (store.trailSpool.size(group) > MOST_WAITING) await store.trailSpool.take(group, batch);
      return false;
    }
  }

  #note(arn: string, news: { delivered?: number; error: string | undefined }): void {
    const { trailStatus } = this.#context.store;
    const { error: _, ...rest } = trailStatus.get(arn) ?? { arn };
    const { error, ...times } = news;
    const status: TrailStatusRecord = { ...rest, ...times, ...(error !== undefined && { error }) };
    try {
      trailStatus.set(arn, status);
    } catch {
      // The disk is full: what is known of the trail stays as it was.
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof AwsError ? error.code : 'InternalError';
}
