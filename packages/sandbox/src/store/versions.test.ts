import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ListedVersion } from './object-listing.ts';
import type { ObjectsOf } from './objects.ts';
import type { ObjectRecord } from './records.ts';
import { Store } from './store.ts';
import { isVersionId, newVersionId, sequenceIn } from './version-ids.ts';

let store: Store;
beforeAll(async () => {
  store = await Store.open();
});
afterAll(() => store.close());

/** Prefixes of one another, and with the bytes that the order of chains could stumble over. */
const KEYS = ['a', 'a\0', 'a\0\0', 'a\u0001', 'ab', 'a/', 'b', '\u{10FFFF}', '\u{10FFFF}a'];
const inBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** What a version is to those who list: its id, or of what it is the marker. */
interface Known {
  id: string;
  etag: string | undefined;
}

/** The rules of AWS's pages, in the plainest form: a list for each key, the newest first. */
class Model {
  versioning: ObjectsOf['versioning'];
  readonly chains = new Map<string, Known[]>();

  chain(key: string): Known[] {
    return this.chains.get(key) ?? [];
  }

  add(key: string, version: Known): void {
    const kept = this.chain(key).filter(({ id }) => this.versioning === 'Enabled' || id !== 'null');
    this.chains.set(key, [version, ...kept]);
  }

  remove(key: string, id: string): void {
    this.chains.set(
      key,
      this.chain(key).filter((version) => version.id !== id),
    );
  }

  listed(): object[] {
    return [...this.chains.keys()]
      .toSorted(inBytes)
      .flatMap((key) =>
        this.chain(key).map((version, index) => ({ key, ...version, isLatest: index === 0 })),
      );
  }
}

const shown = ({ key, record, isLatest }: ListedVersion) => ({
  key: key.toString(),
  id: record.version ?? 'null',
  etag: record.deleteMarker ? undefined : record.etag,
  isLatest,
});

const key = fc.constantFrom(...KEYS);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('put' as const), key }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete' as const), key }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('remove' as const), key, index: fc.nat({ max: 3 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('mode' as const),
      mode: fc.constantFrom('Enabled' as const, 'Suspended' as const),
    }),
  },
);

let buckets = 0;

test('whatever is put, deleted, removed and switched, the versions are those of a plain list', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const id = (++buckets).toString(16).padStart(16, '0');
      const stored: ObjectRecord[] = [];
      const model = new Model();
      for (const [index, next] of steps.entries()) {
        const bucket: ObjectsOf = { id, versioning: model.versioning };
        if (next.kind === 'mode') model.versioning = next.mode;
        else if (next.kind === 'put') {
          const etag = `"${index}"`;
          const added = await store.objects.commit(bucket, next.key, object(etag, index), {
            bytes: Buffer.from('x'),
          });
          stored.push(added);
          model.add(next.key, { id: added.version ?? 'null', etag });
        } else if (next.kind === 'delete') {
          const marker = await store.objects.delete(bucket, next.key, { owner: '', modified: 0 });
          if (marker) model.add(next.key, { id: marker.version ?? 'null', etag: undefined });
          else model.chains.delete(next.key);
        } else {
          const gone = model.chain(next.key)[next.index]?.id ?? 'null';
          await store.objects.deleteVersion(id, next.key, gone);
          model.remove(next.key, gone);
        }
        requireSame(id, model);
      }
      requireResumable(id, model);
      for (const name of KEYS)
        for (const version of model.chain(name)) await store.objects.deleteVersion(id, name, version.id);
      expect(store.objects.isEmpty(id)).toBe(true);
      for (const { body } of stored) expect(store.bodies.read(body)).toHaveLength(0);
    }),
    { numRuns: 40 },
  );
});

function requireSame(id: string, model: Model): void {
  expect([...store.objects.listing.scanVersions(id, '')].map(shown)).toEqual(model.listed());
  const current = [...store.objects.listing.scan(id, '')].map(({ record }) => record.etag);
  const expected = [...model.chains.keys()]
    .toSorted(inBytes)
    .flatMap((name) => model.chain(name)[0]?.etag ?? []);
  expect(current).toEqual(expected);
  for (const name of KEYS) {
    const chain = model.chain(name);
    expect(store.objects.get(id, name)?.etag).toBe(chain[0]?.etag);
    expect(store.objects.latest(id, name)?.version ?? 'null').toBe(chain[0]?.id ?? 'null');
    for (const version of chain) {
      const found = store.objects.version(id, name, version.id);
      expect(found && !found.deleteMarker ? found.etag : undefined).toBe(version.etag);
      expect(found?.version ?? 'null').toBe(version.id);
    }
  }
}

/** From each version on, the rest of the listing is the rest of the list. */
function requireResumable(id: string, model: Model): void {
  const all = [...store.objects.listing.scanVersions(id, '')];
  for (const [index, { key: at, record }] of all.entries()) {
    const rest = [...store.objects.listing.scanVersions(id, '', { key: at, after: record.sequence ?? 0 })];
    expect(rest.map(shown)).toEqual(model.listed().slice(index + 1));
  }
}

function object(etag: string, index: number): ObjectRecord {
  const body = { id: `${buckets}-${index}`, place: 'table' as const };
  return { owner: '', size: 1, etag, modified: 0, headers: {}, metadata: {}, body };
}

test('an id is thirty-two characters that carry the place of its version', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (sequence) => {
      const id = newVersionId(sequence);
      expect(id).toMatch(/^[A-Za-z0-9._]{32}$/);
      expect(isVersionId(id)).toBe(true);
      expect(sequenceIn(id)).toBe(sequence);
    }),
  );
});
