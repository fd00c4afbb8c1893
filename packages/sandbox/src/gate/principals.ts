import type { NamedPolicy, PolicyDocument, PrincipalSnapshot } from '@crossbucket/policy';
import { iamArn } from '../store/arns.ts';
import { arnOfPrincipal, textNow } from '../store/principal-ids.ts';
import type {
  GroupRecord,
  ManagedPolicyRecord,
  PrincipalIds,
  RoleRecord,
  UserRecord,
} from '../store/records.ts';
import type { Store } from '../store/store.ts';

type Principal = UserRecord | RoleRecord;

/**
 * Users and roles as the engine takes them. A snapshot stays the same object until one of the records that it is made
 * of is another, so that the engine compiles each policy once.
 */
export class Principals {
  readonly #store: Store;
  readonly #snapshots = new WeakMap<
    Principal,
    { revision: number; parts: readonly unknown[]; snapshot: PrincipalSnapshot }
  >();
  readonly #inline = new WeakMap<Principal | GroupRecord, NamedPolicy[]>();
  readonly #managed = new WeakMap<ManagedPolicyRecord, NamedPolicy>();
  readonly #documents: Documents;

  constructor(store: Store, documents: Documents) {
    this.#store = store;
    this.#documents = documents;
  }

  snapshotOf(record: Principal): PrincipalSnapshot {
    const store = this.#store;
    const revision = store.principalsRevision;
    const latest = this.#snapshots.get(record);
    if (latest?.revision === revision) return latest.snapshot;
    const groups = 'groups' in record ? record.groups!.flatMap((id) => store.groups.byId(id) ?? []) : [];
    const attached = [record, ...groups].flatMap((holder) =>
      holder.attached.flatMap((arn) => store.findPolicy(arn) ?? []),
    );
    const boundary = record.boundary === undefined ? undefined : store.findPolicy(record.boundary);
    const trust =
      'trust' in record ? this.#documents.of(record, record.trust, record.trustPrincipals) : undefined;
    const parts = [boundary, trust, groups.length, ...groups, ...attached];
    if (latest && isSame(latest.parts, parts)) {
      latest.revision = revision;
      return latest.snapshot;
    }
    const snapshot: PrincipalSnapshot = {
      kind: trust ? 'role' : 'user',
      arn: arnOfPrincipal(record),
      uniqueId: record.id,
      tags: Object.fromEntries(record.tags.map(({ Key, Value }) => [Key, Value])),
      policies: [
        ...[record, ...groups].flatMap((holder) => this.#inlineOf(holder)),
        ...attached.map((policy) => this.#managedPolicy(policy)),
      ],
      ...(boundary && { boundary: this.#managedPolicy(boundary) }),
      ...('trust' in record && {
        trust: { name: `trust policy of ${record.name}`, document: trust! },
        maxSessionDuration: record.maxSessionDuration,
      }),
    };
    this.#snapshots.set(record, { revision, parts, snapshot });
    return snapshot;
  }

  /** A managed policy by its ARN. */
  policyOf(arn: string): NamedPolicy | undefined {
    const record = this.#store.findPolicy(arn);
    return record && this.#managedPolicy(record);
  }

  #inlineOf(holder: Principal | GroupRecord): NamedPolicy[] {
    let policies = this.#inline.get(holder);
    if (!policies) {
      policies = Object.entries(holder.inline).map(([name, text]) => ({ name, document: parse(text) }));
      this.#inline.set(holder, policies);
    }
    return policies;
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

/** Documents that name principals, with whoever is gone shown by the unique id; the same object while nothing changes. */
export class Documents {
  readonly #store: Store;
  readonly #known = new WeakMap<object, { revision: number; text: string; document: PolicyDocument }>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** @param record What the document belongs to. */
  of(record: object, text: string, ids: PrincipalIds | undefined): PolicyDocument {
    const revision = this.#store.principalsRevision;
    const known = this.#known.get(record);
    if (known?.revision === revision) return known.document;
    const now = textNow(text, ids, this.#store);
    const document = known?.text === now ? known.document : parse(now);
    this.#known.set(record, { revision, text: now, document });
    return document;
  }
}

function isSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((part, index) => part === other[index]);
}

/** Documents were checked when they were stored. */
function parse(text: string): PolicyDocument {
  return JSON.parse(text) as PolicyDocument;
}
