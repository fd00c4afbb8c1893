import type {
  AccountSnapshot,
  BucketSnapshot,
  NamedPolicy,
  PolicyDocument,
  PrincipalSnapshot,
  World,
} from '@crossbucket/policy';
import type { Survey } from '../services/service.ts';
import type { BucketRecord, ManagedPolicyRecord, RoleRecord, UserRecord } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { iamArn } from '../store/arns.ts';
import type { Caller } from './caller.ts';

/**
 * Yields the part of the world that one call concerns: the caller, and what the call names. Snapshots and documents
 * stay the same objects until what they are made from changes, so that the engine compiles each policy once.
 */
export class Worlds {
  readonly #store: Store;
  readonly #principals = new WeakMap<UserRecord | RoleRecord, CachedPrincipal>();
  readonly #managed = new WeakMap<ManagedPolicyRecord, NamedPolicy>();
  readonly #buckets = new WeakMap<BucketRecord, BucketSnapshot>();

  constructor(store: Store) {
    this.#store = store;
  }

  worldFor(caller: Caller, survey: Survey): World {
    const world: World = { accounts: {} };
    if (caller.account !== '') this.#addCaller(world, caller);
    if (survey.bucket) this.#addBucket(world, survey.bucket);
    for (const bucket of survey.otherBuckets ?? []) this.#addBucket(world, bucket);
    if (survey.role) {
      const snapshot = this.#principal('role', survey.role);
      accountIn(world, survey.role.account).principals[snapshot.arn] = snapshot;
    }
    return world;
  }

  #addCaller(world: World, caller: Caller): void {
    const account = accountIn(world, caller.account);
    if (caller.kind === 'root') return;
    const arn = caller.session?.roleArn ?? caller.arn;
    const record = caller.session ? this.#store.findRole(arn) : this.#store.findUser(arn);
    if (record) account.principals[arn] = this.#principal(caller.session ? 'role' : 'user', record);
  }

  #addBucket(world: World, record: BucketRecord): void {
    let snapshot = this.#buckets.get(record);
    if (!snapshot) {
      snapshot = {
        name: record.name,
        region: record.region,
        ownership: 'BucketOwnerEnforced',
        // Where ACLs are disabled, a request that sets one is refused for that, whether it is public or not.
        publicAccessBlock: { ...record.publicAccessBlock, BlockPublicAcls: false },
        ...(record.policy !== undefined && {
          policy: { name: `bucket policy of ${record.name}`, document: parse(record.policy) },
        }),
      };
      this.#buckets.set(record, snapshot);
    }
    accountIn(world, record.account).buckets[record.name] = snapshot;
  }

  #principal(kind: 'user' | 'role', record: UserRecord | RoleRecord): PrincipalSnapshot {
    const attached = record.attached.flatMap((arn) => this.#store.findPolicy(arn) ?? []);
    const cached = this.#principals.get(record);
    if (cached && cached.attached.every((policy, index) => policy === attached[index]))
      return cached.snapshot;
    const inline = Object.entries(record.inline).map(([name, text]) => ({ name, document: parse(text) }));
    const snapshot: PrincipalSnapshot = {
      kind,
      arn: iamArn(kind, record.account, record.path, record.name),
      uniqueId: record.id,
      tags: Object.fromEntries(record.tags.map(({ Key, Value }) => [Key, Value])),
      policies: [...inline, ...attached.map((policy) => this.#managedPolicy(policy))],
      ...('trust' in record && {
        trust: { name: `trust policy of ${record.name}`, document: parse(record.trust) },
        maxSessionDuration: record.maxSessionDuration,
      }),
    };
    this.#principals.set(record, { attached, snapshot });
    return snapshot;
  }

  #managedPolicy(record: ManagedPolicyRecord): NamedPolicy {
    let policy = this.#managed.get(record);
    if (!policy) {
      const version = record.versions.find(({ id }) => id === record.defaultVersion)!;
      const arn = iamArn('policy', record.account, record.path, record.name);
      policy = { name: record.name, arn, document: parse(version.text) };
      this.#managed.set(record, policy);
    }
    return policy;
  }
}

interface CachedPrincipal {
  attached: ManagedPolicyRecord[];
  snapshot: PrincipalSnapshot;
}

function accountIn(world: World, id: string): AccountSnapshot {
  return (world.accounts[id] ??= { id, principals: {}, buckets: {}, keys: {} });
}

/** Documents were checked when they were stored. */
function parse(text: string): PolicyDocument {
  return JSON.parse(text) as PolicyDocument;
}
