import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Store } from './store.ts';

const BUCKET = { id: '00000000000000b1' };
const KEY = 'k';
const WRITES = 150;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossbucket-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Writes one key again and again, and reads it all the while: record, then body. */
test('a record that is read has its body, however often it is written meanwhile', async () => {
  const store = await Store.open(folder);
  const ended = new AbortController();
  const writing = async () => {
    for (let turn = 0; turn < WRITES; turn++) {
      const id = `body-${turn}`;
      const record = { owner: '', size: id.length, etag: id, modified: 0, headers: {}, metadata: {} };
      const body = { id, place: 'table' as const };
      await store.objects.commit(BUCKET, KEY, { ...record, body }, { bytes: Buffer.from(id) });
    }
    ended.abort();
  };
  const reading = async () => {
    const torn = new Set<string>();
    let latest = -1;
    while (!ended.signal.aborted) {
      const record = store.objects.get(BUCKET.id, KEY);
      if (record) {
        if (String(store.bodies.read(record.body)) !== record.etag) torn.add(record.etag);
        // And what was read once is never older later.
        const turn = Number(record.etag.slice('body-'.length));
        expect(turn).toBeGreaterThanOrEqual(latest);
        latest = turn;
      }
      await setImmediate();
    }
    return torn;
  };
  const [, torn] = await Promise.all([writing(), reading()]);
  expect([...torn]).toEqual([]);
  expect(store.objects.get(BUCKET.id, KEY)!.etag).toBe(`body-${WRITES - 1}`);
  await store.close();
});

const recordOf = (id: string) => ({
  owner: '',
  size: id.length,
  etag: id,
  modified: 0,
  headers: {},
  metadata: {},
  body: { id, place: 'table' as const },
});

/** As many writes of one key as come, and deletions between them, none of which waits for the one before. */
test.each([
  ['with a sync', true],
  ['without', false],
])('writes of one key that are under way together come out in their order, %s', async (_, durable) => {
  const store = await Store.open(durable ? folder : undefined);
  const { objects, bodies } = store;
  let made = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('write', 'write', 'write', 'delete', 'describe'), { maxLength: 12 }),
      async (changes) => {
        const written: string[] = [];
        let expected = objects.get(BUCKET.id, KEY)?.etag;
        const done = changes.map((change) => {
          if (change === 'delete') {
            expected = undefined;
            return objects.exclusively(BUCKET.id, KEY, async () => {
              await objects.delete(BUCKET, KEY, { owner: '', modified: 0 });
            });
          }
          if (change === 'describe')
            return objects.exclusively(BUCKET.id, KEY, async () => {
              const record = objects.get(BUCKET.id, KEY);
              if (record) await objects.describe(BUCKET.id, KEY, { ...record, tags: { a: 'b' } });
            });
          const id = `body-${made++}`;
          expected = id;
          written.push(id);
          return objects.inTurn(BUCKET.id, KEY, async () => {
            await objects.commit(BUCKET, KEY, recordOf(id), { bytes: Buffer.from(id) });
            // What is stored is seen, or what came after it.
            const seen = objects.get(BUCKET.id, KEY)?.body;
            if (seen) expect(String(bodies.read(seen))).toBe(seen.id);
          });
        });
        await Promise.all(done);
        expect(objects.get(BUCKET.id, KEY)?.etag).toBe(expected);
        // Nothing is left of what was written over.
        const left = written.filter((id) => String(bodies.read({ id, place: 'table' })) !== '');
        expect(left).toEqual(expected !== undefined && written.includes(expected) ? [expected] : []);
      },
    ),
    { numRuns: durable ? 25 : 100 },
  );
  await store.close();
});
