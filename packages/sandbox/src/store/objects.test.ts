import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Store } from './store.ts';

const BUCKET = { id: '00000000000000b1' };
const KEY = 'k';
const WRITES = 400;

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
