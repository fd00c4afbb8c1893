import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { DigestChainRecord, TrailRecord, TrailStatusRecord } from '../../store/records.ts';
import { groupOf, type SpoolGroup } from '../../store/trail-spool.ts';
import { AwsError } from '../../wire/errors.ts';
import { makeDigest, SIGNATURE_ALGORITHM } from './digest.ts';
import { DigestKeys } from './digest-keys.ts';
import { destinationOf, digestKey } from './log-file.ts';
import { serviceCaller, writeInput } from './service-caller.ts';
import type { DeliveryContext } from './trail-delivery.ts';

const deflate = promisify(gzip);

/**
 * The digest files of trails: one for each account and region and hour, be there files or not, by the sandbox's clock. A
 * clock that was moved further gets one digest of it all.
 */
export class DigestChains {
  readonly #context: DeliveryContext;
  readonly #keys: DigestKeys;
  /** Delivers what waits of a group, so that its digest names all of it. */
  readonly #deliverFiles: (group: SpoolGroup) => Promise<void>;

  constructor(context: DeliveryContext, deliverFiles: (group: SpoolGroup) => Promise<void>) {
    this.#context = context;
    this.#keys = new DigestKeys(context.store);
    this.#deliverFiles = deliverFiles;
  }

  /** Starts a trail's chains anew. */
  begin(trail: TrailRecord): void {
    const { store, clock } = this.#context;
    this.#forget(trail);
    if (!trail.validation) return;
    const { arn, account, region } = trail;
    store.digestChains.set(groupOf({ trail: arn, account, region }), {
      arn,
      account,
      region,
      start: clock.now(),
    });
  }

  async deliverDue(trail: TrailRecord): Promise<void> {
    if (!trail.validation) return;
    const { clock, settings } = this.#context;
    for (const chain of this.#chainsOf(trail)) {
      // A clock that was moved back has no hours to tell of.
      if (chain.start > clock.now()) this.#keep({ ...chain, start: clock.now() });
      else if (clock.now() - chain.start >= settings.digestInterval) await this.#deliver(trail, chain);
    }
  }

  /** Delivers the last digests of a trail that logs no more. */
  async finish(trail: TrailRecord): Promise<void> {
    const chains = this.#chainsOf(trail);
    if (chains.length === 0) return;
    for (const chain of chains) await this.#deliver(trail, chain);
    this.#forget(trail);
  }

  /** Those that there are, and those of accounts and regions that have files and no digest yet. */
  #chainsOf({ arn, started = 0 }: TrailRecord): DigestChainRecord[] {
    const { store } = this.#context;
    const chains = [...store.digestChains.values()].filter((chain) => chain.arn === arn);
    const start = chains.length > 0 ? Math.min(...chains.map((chain) => chain.start)) : started;
    const others = store.trailSpool.fileGroups().filter((group) => group.trail === arn);
    for (const { account, region } of others)
      if (!chains.some((chain) => chain.account === account && chain.region === region))
        chains.push({ arn, account, region, start });
    return chains;
  }

  async #deliver(trail: TrailRecord, chain: DigestChainRecord): Promise<void> {
    const { store, clock, calls } = this.#context;
    const group = { trail: trail.arn, account: chain.account, region: chain.region };
    await this.#deliverFiles(group);
    const now = clock.now();
    // A digest's name tells its second.
    if (Math.floor(now / 1000) <= Math.floor(chain.start / 1000)) return;
    const files = store.trailSpool.files(group);
    const key = digestKey(destinationOf(trail, store), group, trail, now);
    try {
      const signing = await this.#keys.keyFor(chain.region, now);
      const digest = makeDigest(
        {
          account: chain.account,
          start: chain.start,
          end: now,
          bucket: trail.bucket,
          key,
          fingerprint: signing.fingerprint,
          previous: chain.previous,
          files: files.map(({ file }) => file),
        },
        signing.key,
      );
      const { signature, hash } = digest;
      const metadata = { signature, 'signature-algorithm': SIGNATURE_ALGORITHM };
      const body = await deflate(digest.text);
      await calls.perform(serviceCaller(trail), writeInput(trail, store, { key, body, metadata }));
      this.#keep({ ...chain, start: now, previous: { bucket: trail.bucket, key, hash, signature } });
      await store.trailSpool.forgetFiles(files.map(({ key: name }) => name));
      this.#note(trail.arn, { digested: now });
    } catch (error) {
      this.#note(trail.arn, { digestError: error instanceof AwsError ? error.code : 'InternalError' });
    }
  }

  #keep(chain: DigestChainRecord): void {
    const { arn: trail, account, region } = chain;
    this.#context.store.digestChains.set(groupOf({ trail, account, region }), chain);
  }

  #forget({ arn }: TrailRecord): void {
    const { digestChains } = this.#context.store;
    for (const { account, region } of [...digestChains.values()].filter((chain) => chain.arn === arn))
      digestChains.delete(groupOf({ trail: arn, account, region }));
  }

  #note(arn: string, news: Pick<TrailStatusRecord, 'digested' | 'digestError'>): void {
    const { trailStatus } = this.#context.store;
    const { digestError: _, ...known } = trailStatus.get(arn) ?? { arn };
    trailStatus.set(arn, { ...known, ...news });
  }
}
