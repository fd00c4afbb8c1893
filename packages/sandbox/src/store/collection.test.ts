import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Collection } from './collection.ts';
import { Database } from './database.ts';

let folder: string;
let database: Database;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossbucket-test-'));
  database = new Database(folder, true);
});

afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

const open = () =>
  new Collection<{ id: string; text: string }>(
    database,
    'things',
    () => undefined,
    ({ id }) => id,
  );

async function stored(...keys: string[]): Promise<void> {
  const things = open();
  for (const key of keys) things.set(key, { id: `id of ${key}`, text: key });
  await database.settled();
}

test('an entity is read when it is asked for, and stays the same object', async () => {
  await stored('a');
  const things = open();
  expect(things.get('a')).toEqual({ id: 'id of a', text: 'a' });
  expect(things.get('a')).toBe(things.get('a'));
  expect(things.get('b')).toBeUndefined();
});

test('what was deleted or set is not read again from the table', async () => {
  await stored('a', 'b', 'c');
  const things = open();
  things.delete('a');
  things.set('b', { id: 'id of b', text: 'new' });
  expect(things.has('a')).toBe(false);
  expect(things.get('b')?.text).toBe('new');
  expect([...things.values()].map(({ text }) => text).toSorted()).toEqual(['c', 'new']);
  await database.settled();
  expect([...open().values()].map(({ text }) => text)).toEqual(['new', 'c']);
});

test('an entity that was deleted can be set again', async () => {
  await stored('a');
  const things = open();
  things.delete('a');
  things.set('a', { id: 'second', text: 'again' });
  expect(things.get('a')?.text).toBe('again');
  expect(things.byId('second')?.text).toBe('again');
  expect(things.byId('id of a')).toBeUndefined();
});
