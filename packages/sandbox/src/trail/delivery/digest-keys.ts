import { createHash, createPrivateKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { DigestKeyRecord } from '../../store/records.ts';
import type { Store } from '../../store/store.ts';

/** How long a pair of keys is used; digests are checked with it later all the same. */
const VALIDITY = 400 * 24 * 3600 * 1000;
/** Its validity begins before it is made, as the sandbox's clock may be moved back. */
const BEFORE = 24 * 3600 * 1000;

/** The keys that sign digest files: each region has its own. */
export class DigestKeys {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The key that signs in a region at a time; made when there is none. */
  async keyFor(region: string, now: number): Promise<{ fingerprint: string; key: KeyObject }> {
    const known = [...this.#store.digestKeys.values()].find(
      (one) => one.region === region && one.validFrom <= now && now < one.validTo,
    );
    const { fingerprint, privateKey } = known ?? (await this.#make(region, now));
    const key = createPrivateKey({ key: Buffer.from(privateKey, 'base64'), format: 'der', type: 'pkcs8' });
    return { fingerprint, key };
  }

  async #make(region: string, now: number): Promise<DigestKeyRecord> {
    const pair = await promisify(generateKeyPair)('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'pkcs1', format: 'der' },
      privateKeyEncoding: { type: 'pkcs8', format: 'der' },
    });
    const record: DigestKeyRecord = {
      region,
      fingerprint: createHash('md5').update(pair.publicKey).digest('hex'),
      publicKey: pair.publicKey.toString('base64'),
      privateKey: pair.privateKey.toString('base64'),
      validFrom: now - BEFORE,
      validTo: now + VALIDITY,
    };
    this.#store.digestKeys.set(`${region}/${record.fingerprint}`, record);
    return record;
  }
}
