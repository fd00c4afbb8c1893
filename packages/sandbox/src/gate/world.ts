import type {
  AccessPointSnapshot,
  AccountSnapshot,
  BucketSnapshot,
  KeySnapshot,
  PolicyDocument,
  World,
} from '@crossbucket/policy';
import type { Survey } from '../services/service.ts';
import type {
  AccessPointRecord,
  BucketRecord,
  GrantRecord,
  KeyRecord,
  RoleRecord,
  UserRecord,
} from '../store/records.ts';
import { grantsNow } from '../store/principal-ids.ts';
import type { Store } from '../store/store.ts';
import { accessPointSnapshot, bucketSnapshot } from './bucket-snapshot.ts';
import type { Caller } from './caller.ts';
import { keySnapshot } from './key-snapshot.ts';
import type { Endpoint } from './network.ts';
import { OrganizationReader } from './organization.ts';
import { Documents, Principals } from './principals.ts';
import { Sessions } from './sessions.ts';

/** A key's snapshot, and what it was made of. */
interface KnownKey {
  made: PolicyDocument;
  grants: readonly GrantRecord[];
  revision: number;
  key: KeySnapshot;
}

/**
 * Yields the part of the world that one call concerns: the caller, and what the call names. Snapshots and documents
 * stay the same objects until what they are made from changes, so that the engine compiles each policy once.
 */
export class Worlds {
  readonly #store: Store;
  readonly #documents: Documents;
  readonly #principals: Principals;
  readonly #buckets = new WeakMap<BucketRecord, BucketSnapshot>();
  readonly #accessPoints = new WeakMap<AccessPointRecord, AccessPointSnapshot>();
  readonly #keys = new WeakMap<KeyRecord, KnownKey>();
  readonly #organization: OrganizationReader;
  readonly sessions: Sessions;

  constructor(store: Store) {
    this.#store = store;
    this.#documents = new Documents(store);
    this.#principals = new Principals(store, this.#documents);
    this.sessions = new Sessions(this.#principals);
    this.#organization = new OrganizationReader(store);
  }

  worldFor(caller: Caller, survey: Survey, endpoint?: Endpoint): World {
    const world: World = { accounts: {} };
    const organization = this.#organization.read();
    if (organization) world.organization = organization;
    if (endpoint) world.endpoints = { [endpoint.id]: endpoint };
    if (caller.account !== '') this.#addCaller(world, caller);
    if (survey.bucket) this.#addBucket(world, survey.bucket);
    if (survey.source) this.#addBucket(world, survey.source.bucket);
    for (const point of [survey.accessPoint, survey.source?.accessPoint])
      if (point) this.#addAccessPoint(world, point);
    for (const key of survey.keys ?? []) this.#addKey(world, key, survey.grant);
    if (survey.role) {
      const snapshot = this.#principals.snapshotOf(survey.role);
      this.#accountIn(world, survey.role.account).principals[snapshot.arn] = snapshot;
    }
    // The account of what is not there, too: so that the decision can tell a role that is missing from one unread.
    for (const { account } of survey.resources ?? [])
      if (account !== undefined && !(account in world.accounts) && this.#store.accounts.has(account))
        this.#accountIn(world, account);
    return world;
  }

  /** Everything that there is: every account with all of its principals, buckets, keys and access points. */
  whole(): World {
    const store = this.#store;
    const organization = this.#organization.read();
    const world: World = { accounts: {}, ...(organization && { organization }) };
    for (const { id } of store.accounts.values()) this.#accountIn(world, id);
    for (const record of [...store.users.values(), ...store.roles.values()]) {
      const snapshot = this.#principals.snapshotOf(record);
      this.#accountIn(world, record.account).principals[snapshot.arn] = snapshot;
    }
    for (const bucket of store.buckets.values()) this.#addBucket(world, bucket);
    for (const key of store.keys.values()) this.#addKey(world, key, undefined);
    for (const point of store.accessPoints.values()) this.#addAccessPoint(world, point);
    return world;
  }

  /** Whether two accounts are the same or of one organization: then AWS says why it denies. */
  areTogether(a: string, b: string): boolean {
    if (a === b) return a !== '';
    const accounts = this.#organization.read()?.accounts ?? {};
    return Object.hasOwn(accounts, a) && Object.hasOwn(accounts, b);
  }

  #addCaller(world: World, caller: Caller): void {
    const account = this.#accountIn(world, caller.account);
    if (caller.kind === 'root') return;
    const record = this.#recordOf(caller);
    if (!record) return;
    const snapshot = this.#principals.snapshotOf(record);
    account.principals[snapshot.arn] = snapshot;
  }

  /** The user or role whose policies count for a caller. */
  #recordOf({ session, arn, federatedBy }: Caller): UserRecord | RoleRecord | undefined {
    if (session?.kind === 'role') return this.#store.findRole(session.roleArn);
    return this.#store.findUser(federatedBy ?? arn);
  }

  #addBucket(world: World, record: BucketRecord): void {
    let snapshot = this.#buckets.get(record);
    const policy =
      record.policy === undefined
        ? undefined
        : this.#documents.of(record, record.policy, record.policyPrincipals);
    if (!snapshot || snapshot.policy?.document !== policy) {
      snapshot = bucketSnapshot(record, policy);
      this.#buckets.set(record, snapshot);
    }
    this.#accountIn(world, record.account).buckets[record.name] = snapshot;
  }

  #addKey(world: World, record: KeyRecord, retired: GrantRecord | undefined): void {
    const made = this.#documents.of(record, record.policy, record.policyPrincipals);
    const revision = this.#store.principalsRevision;
    let known = this.#keys.get(record);
    if (known?.made !== made || known.revision !== revision || retired) {
      const grants = grantsNow(record.grants, this.#store);
      if (known?.made === made && known.grants === grants && !retired) known.revision = revision;
      else {
        const [retiring] = retired ? grantsNow([retired], this.#store) : [];
        known = { made, revision, grants, key: keySnapshot(record, grants, made, retiring) };
        if (!retired) this.#keys.set(record, known);
      }
    }
    this.#accountIn(world, record.account).keys[record.arn] = known.key;
  }

  #addAccessPoint(world: World, record: AccessPointRecord): void {
    let snapshot = this.#accessPoints.get(record);
    const policy =
      record.policy === undefined
        ? undefined
        : this.#documents.of(record, record.policy, record.policyPrincipals);
    if (!snapshot || snapshot.policy?.document !== policy) {
      snapshot = accessPointSnapshot(record, policy);
      this.#accessPoints.set(record, snapshot);
    }
    const account = this.#accountIn(world, record.account);
    account.accessPoints = { ...account.accessPoints, [snapshot.arn]: snapshot };
  }

  #accountIn(world: World, id: string): AccountSnapshot {
    const known = world.accounts[id];
    if (known) return known;
    const account: AccountSnapshot = { id, principals: {}, buckets: {}, keys: {} };
    const { canonicalId, publicAccessBlock } = this.#store.accounts.get(id) ?? {};
    if (canonicalId !== undefined) account.canonicalId = canonicalId;
    if (publicAccessBlock) account.publicAccessBlock = publicAccessBlock;
    world.accounts[id] = account;
    return account;
  }
}
