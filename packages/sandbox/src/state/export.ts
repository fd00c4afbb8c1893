import { canonicalIdOf } from '../config/seed.ts';
import { ONLY } from '../services/organizations/changes.ts';
import type { Store } from '../store/store.ts';
import { list, object } from './codec.ts';
import { mask, withoutSecrets } from './mask.ts';
import { exportObjects, version } from './objects.ts';
import { account, SECTIONS } from './schema.ts';
import { member, organization, organizationPolicy, unit } from './schema/organization.ts';
import { writeState } from './write.ts';

/** Of the file; one that is not known is refused. */
export const STATE_VERSION = 1;

export interface ExportOptions {
  /** Whether the objects in the buckets are part of it, with all their versions. */
  objects?: boolean;
  /** Whether account ids are replaced, and secrets left out. */
  mask?: boolean;
}

type Members = Record<string, unknown>;

const accountCodec = object(account);
const versionCodec = object(version);
const sections = SECTIONS.map((section) => ({ ...section, codec: object(section.fields) }));

/**
 * A whole state as YAML: accounts, principals, policies, settings of buckets, keys, access points, trails and the
 * organization.
 * @throws SandboxError `StateTooLarge` where the objects are too much for one file.
 */
export async function exportState(store: Store, options: ExportOptions = {}): Promise<string> {
  const state = await stateOf(store, options.objects);
  return writeState(options.mask ? mask(state) : state);
}

/** A state to look at: without secrets, and without objects. */
export async function snapshotOf(store: Store): Promise<Members> {
  return withoutSecrets(await stateOf(store));
}

async function stateOf(store: Store, objects = false): Promise<Members> {
  const records = recordsByAccount(store);
  const accounts = [...store.accounts.values()]
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map((record) => ({
      ...(accountCodec.encode(withoutDefaultId(record as unknown as Members)) as Members),
      ...Object.fromEntries(
        sections.flatMap(({ name, codec }) => {
          const own = records.get(`${record.id} ${name}`);
          return own ? [[name, own.map((one) => codec.encode(one))]] : [];
        }),
      ),
    }));
  return {
    state: STATE_VERSION,
    secrets: { session: store.sessionKey.toString('hex') },
    accounts,
    ...organizationOf(store),
    ...(objects && { objects: (await exportObjects(store)).map((one) => versionCodec.encode(one)) }),
  };
}

function withoutDefaultId(record: Members): Members {
  const { canonicalId, ...rest } = record;
  return canonicalId === canonicalIdOf(String(record['id'])) ? rest : record;
}

/** By account and section, in the order of their keys, so that the same state is the same file. */
function recordsByAccount(store: Store): Map<string, Members[]> {
  const records = new Map<string, Members[]>();
  for (const { name, collection, keyOf } of sections) {
    const all = [...(collection(store).values() as IterableIterator<Members>)]
      .map((record) => ({ record, key: keyOf(record as never, String(record['account'])) }))
      .toSorted((a, b) => (a.key < b.key ? -1 : 1));
    for (const { record } of all) {
      const place = `${String(record['account'])} ${name}`;
      const own = records.get(place);
      if (own) own.push(record);
      else records.set(place, [record]);
    }
  }
  return records;
}

function organizationOf(store: Store): Members {
  const record = store.organization.get(ONLY);
  if (!record) return {};
  const sorted = <V>(values: Iterable<V>, keyOf: (value: V) => string) =>
    [...values].toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  return {
    organization: {
      ...(object(organization).encode(record) as Members),
      units: list(object(unit)).encode(sorted(store.organizationUnits.values(), ({ id }) => id)),
      members: list(object(member)).encode(sorted(store.organizationMembers.values(), (one) => one.account)),
      policies: list(object(organizationPolicy)).encode(
        sorted(store.organizationPolicies.values(), ({ id }) => id),
      ),
    },
  };
}
