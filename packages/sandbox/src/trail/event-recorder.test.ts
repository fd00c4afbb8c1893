import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Database } from '../store/database.ts';
import { EventHistory, HISTORY, type FoundEvent } from '../store/event-history.ts';
import { EventRecorder } from './event-recorder.ts';
import type { TrailEntry } from './trail.ts';

const GROUP = { account: '111111111111', region: 'us-east-1' };
const entry = (time: number, more: Partial<TrailEntry> = {}): TrailEntry => ({
  id: `event ${time}`,
  time,
  requestId: `request ${time}`,
  service: 'iam',
  operation: 'CreateUser',
  region: 'us-east-1',
  kind: 'management',
  readOnly: false,
  caller: {
    kind: 'root',
    arn: 'arn:aws:iam::111111111111:root',
    account: '111111111111',
    userId: '111111111111',
  },
  sourceIp: '127.0.0.1',
  userAgent: '-',
  host: 'localhost',
  signatureForm: 'AuthHeader',
  input: { UserName: `user-${time}` },
  resources: [],
  recipients: ['111111111111'],
  bytesIn: 0,
  bytesOut: 0,
  ...more,
});

let folder: string;
let database: Database;
let recorder: EventRecorder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossbucket-history-'));
  open();
});
afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

function open(): void {
  database = new Database(folder, false);
  recorder = new EventRecorder(new EventHistory(database), false);
}

const times = (from: number, to: number, after?: string) =>
  Array.from(recorder.find(GROUP, from, to, after), ({ time }) => time);

function pageOf(after?: string): FoundEvent[] {
  const page: FoundEvent[] = [];
  for (const event of recorder.find(GROUP, 0, 20_000, after)) {
    page.push(event);
    if (page.length === 170) break;
  }
  return page;
}

test('events are all found, newest first and page by page, also after a restart', async () => {
  const all = Array.from({ length: 2000 }, (_, index) => index + 1);
  for (const time of all) {
    recorder.add(entry(time));
    // As calls come: not all in one turn of the event loop.
    if (time % 130 === 0) await new Promise(setImmediate);
  }
  expect(times(0, 20_000)).toEqual(all.toReversed());
  await database.settled();
  await database.close();
  open();
  const pages: number[] = [];
  let after: string | undefined;
  do {
    const page = pageOf(after);
    pages.push(...page.map(({ time }) => time));
    after = page.at(-1)?.place;
    expect(after === undefined || recorder.isPlace(GROUP, after)).toBe(true);
  } while (after !== undefined);
  expect(pages).toEqual(all.toReversed());
});

test('finds by time, account and region', () => {
  for (const time of [10, 20, 30]) recorder.add(entry(time));
  recorder.add(entry(25, { region: 'eu-west-1' }));
  recorder.add(entry(26, { recipients: ['222222222222', '111111111111'] }));
  expect(times(15, 30)).toEqual([30, 26, 20]);
  const other = { account: '222222222222', region: 'us-east-1' };
  expect([...recorder.find(other, 0, 100)].map(({ time }) => time)).toEqual([26]);
  expect(recorder.isPlace(other, [...recorder.find(GROUP, 0, 100)][0]!.place)).toBe(false);
  expect(recorder.isPlace(GROUP, '../x')).toBe(false);
});

test('what is older than ninety days goes', async () => {
  recorder.add(entry(5));
  recorder.flush();
  recorder.add(entry(HISTORY + 4));
  recorder.flush();
  await database.settled();
  expect(times(0, 2 * HISTORY)).toEqual([HISTORY + 4, 5]);
  recorder.add(entry(HISTORY + 6));
  recorder.flush();
  await database.settled();
  expect(times(0, 2 * HISTORY)).toEqual([HISTORY + 6, HISTORY + 4]);
});

test('forgets everything that it is told to, also what is being written', async () => {
  recorder.add(entry(1));
  recorder.flush();
  recorder.add(entry(2));
  recorder.clear();
  expect(times(0, 100)).toEqual([]);
  await database.settled();
  expect(times(0, 100)).toEqual([]);
});
