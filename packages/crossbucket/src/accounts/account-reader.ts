import type {
  AccessPointSnapshot,
  AccountSnapshot,
  BucketSnapshot,
  KeySnapshot,
  NamedPolicy,
  PrincipalSnapshot,
  PublicAccessBlock,
} from '@crossbucket/policy';
import type { AccountConnection } from './connect.ts';
import { DocumentTexts } from './documents.ts';
import { principalName, type Holder } from './principal-name.ts';
import { AccessPointReader } from './read-access-points.ts';
import { BucketReader } from './read-buckets.ts';
import { readAuthorizationDetails } from './read-everyone.ts';
import { KeyReader } from './read-keys.ts';
import { readObject, type ObjectQuestion, type ObjectReading } from './read-objects.ts';
import { OrganizationReader } from './read-organization.ts';
import { PrincipalReader } from './read-principals.ts';
import { isFound, Readings, type ReadingOptions } from './readings.ts';

/**
 * Reads an account with read-only calls, as much of it as is asked for, and everything once: what is asked again is
 * remembered. What a missing right keeps back is among the snapshot's unknown facts.
 *
 * Its methods reject with AccountError where AWS cannot be reached, throttles or answers nonsense (`onFailure`).
 */
export class AccountReader {
  readonly connection: AccountConnection;
  readonly organization: OrganizationReader;
  readonly #readings: Readings;
  readonly #texts: DocumentTexts;
  readonly #principals: PrincipalReader;
  readonly #buckets: BucketReader;
  readonly #keys: KeyReader;
  readonly #accessPoints: AccessPointReader;
  readonly #asked = new Map<string, Promise<unknown>>();
  readonly #snapshot: AccountSnapshot;

  constructor(connection: AccountConnection, options: ReadingOptions = {}) {
    this.connection = connection;
    const { id, name } = connection;
    this.#readings = new Readings(connection, options);
    this.#texts = new DocumentTexts(id);
    this.#principals = new PrincipalReader(this.#readings, this.#texts);
    this.#buckets = new BucketReader(this.#readings, this.#texts);
    this.#keys = new KeyReader(this.#readings, this.#texts);
    this.#accessPoints = new AccessPointReader(this.#readings, this.#texts);
    this.organization = new OrganizationReader(this.#readings);
    this.#snapshot = {
      id,
      ...(name !== id && { name }),
      principals: {},
      buckets: {},
      keys: {},
      accessPoints: {},
    };
  }

  /** How many calls have been made. */
  get calls(): number {
    return this.#readings.calls;
  }

  /** What has been read so far. */
  snapshot(): AccountSnapshot {
    const { unknown } = this.#readings;
    const canonicalId = this.#buckets.owner;
    return {
      ...this.#snapshot,
      principals: { ...this.#snapshot.principals },
      buckets: { ...this.#snapshot.buckets },
      keys: { ...this.#snapshot.keys },
      accessPoints: { ...this.#snapshot.accessPoints },
      ...(canonicalId !== undefined && { canonicalId }),
      ...(unknown.length > 0 && { unknown }),
    };
  }

  /** A document as AWS gave it: `bucket-policy NAME`, `key-policy ARN`, `trust-policy ARN`, `inline-policy role/NAME/POLICY`, ... */
  text(what: string): string | undefined {
    return this.#texts.get(what);
  }

  /** Whose policy it is; several where it is attached to several, and none where the whole account was read. */
  holdersOf(policy: NamedPolicy): Holder[] {
    return this.#principals.placesOf(policy);
  }

  /** A user or role by its ARN, or that of a session by the role's. Undefined where there is none, or none can be read. */
  principal(arn: string): Promise<PrincipalSnapshot | undefined> {
    const name = principalName(arn);
    if (name === undefined) return Promise.resolve(undefined);
    return this.#once(`${name.kind} ${name.name}`, async () => {
      const principal = await this.#principals.read(name);
      if (principal) this.#snapshot.principals[principal.arn] = principal;
      return principal;
    });
  }

  /** A managed policy's default version. Undefined where there is none, or none can be read. */
  managedPolicy(arn: string): Promise<NamedPolicy | undefined> {
    return this.#principals.managed(arn);
  }

  /** Whether any account has a bucket of this name. */
  bucketExists(name: string): Promise<boolean> {
    return this.#once(`exists ${name}`, () => this.#buckets.exists(name));
  }

  /** A bucket of this account. Undefined where it has no such bucket, or nobody could read that it has. */
  bucket(name: string): Promise<BucketSnapshot | undefined> {
    return this.#once(`bucket ${name}`, async () => {
      const bucket = await this.#buckets.read(name);
      if (bucket) this.#snapshot.buckets[name] = bucket;
      return bucket;
    });
  }

  /** An object of a bucket of this account. */
  object(question: ObjectQuestion): Promise<ObjectReading> {
    return this.#once(`object ${JSON.stringify(question)}`, () => readObject(this.#readings, question));
  }

  /** @param region Where an id or alias without one is looked up. */
  key(key: string, region = this.connection.region): Promise<KeySnapshot | undefined> {
    return this.#once(`key ${key} ${region}`, async () => {
      const found = await this.#keys.read(key, region);
      if (found) this.#snapshot.keys[found.arn] = found;
      return found;
    });
  }

  accessPoint(arn: string): Promise<AccessPointSnapshot | undefined> {
    return this.#once(`access point ${arn}`, async () => {
      const point = await this.#accessPoints.read(arn);
      if (point) this.#snapshot.accessPoints![point.arn] = point;
      return point;
    });
  }

  /** ARN of the access point that an alias (`...-s3alias`) stands for, where it is the account's. */
  accessPointBehind(alias: string, region = this.connection.region): Promise<string | undefined> {
    return this.#once(`alias ${alias} ${region}`, () => this.#accessPoints.behind(alias, region));
  }

  /** The account's own Block Public Access. */
  publicAccessBlock(): Promise<PublicAccessBlock | undefined> {
    return this.#once('public access block', async () => {
      const settings = await this.#accessPoints.accountSettings();
      if (settings) this.#snapshot.publicAccessBlock = settings;
      return settings;
    });
  }

  /** Names of the account's buckets; undefined where nobody could read them. */
  async bucketNames(): Promise<string[] | undefined> {
    const found = await this.#once('buckets', () => this.#buckets.list());
    return isFound(found) ? found.map(({ name }) => name) : undefined;
  }

  /** ARNs of the access points of a bucket, or of the account in a region. */
  accessPoints(region = this.connection.region, bucket?: string): Promise<string[]> {
    return this.#once(`access points ${region} ${bucket ?? ''}`, () =>
      this.#accessPoints.list(region, bucket),
    );
  }

  /** Every user and role, with their policies. */
  everyone(): Promise<void> {
    return this.#once('everyone', async () => {
      const principals = await readAuthorizationDetails(this.#readings);
      for (const principal of principals) this.#snapshot.principals[principal.arn] = principal;
    });
  }

  /** Every bucket, with its region from the listing. */
  everyBucket(): Promise<void> {
    return this.#once('every bucket', async () => {
      const found = await this.#once('buckets', () => this.#buckets.list());
      if (!isFound(found)) return;
      await Promise.all(
        found.map(({ name, region }) =>
          this.#once(`bucket ${name}`, async () => {
            const bucket = await this.#buckets.read(name, region);
            if (bucket) this.#snapshot.buckets[name] = bucket;
            return bucket;
          }),
        ),
      );
    });
  }

  /** The whole account, but for keys, which buckets and policies name. */
  async everything(): Promise<void> {
    await Promise.all([this.everyone(), this.everyBucket(), this.publicAccessBlock()]);
  }

  /** Whether nothing of a bucket could be read, nor whether it is this account's. */
  isUnclaimed(name: string): boolean {
    return this.#readings.unknown.some(({ what }) => what === `bucket ${name}`);
  }

  /** Leaves out a bucket that may be another account's, with what could not be read of it. */
  disown(name: string): void {
    delete this.#snapshot.buckets[name];
    this.#readings.forget((what) => what.endsWith(` ${name}`));
  }

  /** Takes back that something is unknown: somebody else could tell. */
  settle(what: string): void {
    this.#readings.forget((one) => one === what);
  }

  /** Notes what is not known for another reason than a missing right. */
  note(what: string, why: string, action?: string): void {
    this.#readings.note({ what, why, ...(action !== undefined && { action }) });
  }

  #once<T>(key: string, read: () => Promise<T>): Promise<T> {
    const known = this.#asked.get(key) as Promise<T> | undefined;
    if (known) return known;
    const asked = read();
    this.#asked.set(key, asked);
    return asked;
  }
}
