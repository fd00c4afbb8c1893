import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  accountOf,
  generateLogs,
  originOf,
  sourceOf,
  textOf,
  writeLogs,
  type Call,
} from '../../../../test/cloudtrail-logs/index.ts';
import type { AnswerRow } from '../engines/engine.ts';
import { loadRecords, type LoadedRecords } from '../load-records.ts';
import { folderSource } from '../sources/folder.ts';
import type { Source } from '../sources/source.ts';
import { NewFiles } from './new-files.ts';
import { RecentSet } from './recent-set.ts';
import { watchCalls, type WatchOptions } from './watch-calls.ts';
import { WatchWindow } from './watch-window.ts';

// Of today: what is older than a session may be is not read at the start.
const { files } = generateLogs({
  seed: 9,
  calls: 1200,
  days: 1,
  files: 12,
  from: new Date().toISOString().slice(0, 10),
});
/** Calls by the id that is one for all copies. */
const calls = new Map<string, Call>();
for (const { records } of files)
  for (const { call, eventID } of records) calls.set(call.copies.length > 1 ? call.id : eventID, call);

/** Who crosses accounts, of those who call a bucket or a role; undefined for whoever does not. */
function outsider(call: Call): { account: string; principal: string } | undefined {
  if (call.service === 's3') {
    if (call.bucket === undefined) return undefined;
    const { route, account, principal } = sourceOf(call);
    return ['own', 'service'].includes(route) ? undefined : { account, principal };
  }
  const { caller, role } = call;
  const from = caller.kind === 'session' ? originOf(caller.session) : undefined;
  const account = from?.account ?? accountOf(caller);
  if (role === undefined || account === undefined || account === role.account) return undefined;
  return { account, principal: from?.principal ?? principalOf(call) };
}

const principalOf = ({ caller }: Call): string =>
  caller.kind === 'user' ? caller.user.arn : caller.kind === 'session' ? caller.session.role.arn : '';

const wanted = [...calls].filter(([, call]) => outsider(call) !== undefined);

let folder: string;
let source: Source;
let listings: number;
/** How many listings are to break off. */
let failing: number;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'crossbucket-watch-'));
  const real = await folderSource(folder);
  [listings, failing] = [0, 0];
  source = {
    ...real,
    async *list(scope) {
      listings++;
      for await (const file of real.list(scope)) {
        yield file;
        if (failing > 0) {
          failing--;
          throw new Error('the network is away');
        }
      }
    },
  };
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Watches on its own; `end` gives what it told of. */
function start(options: Partial<WatchOptions> = {}) {
  const abort = new AbortController();
  const told: AnswerRow[] = [];
  const problems: string[] = [];
  const watching = (async () => {
    const watched = watchCalls(source, {
      every: 10,
      signal: abort.signal,
      cache: false,
      onProblem: ({ file, kind }) => problems.push(`${file} ${kind}`),
      onFailure: ({ message }) => problems.push(message),
      ...options,
    });
    for await (const call of watched) told.push(call);
  })();
  return {
    told,
    problems,
    /** Until so many looks have begun and ended. */
    looks(count: number) {
      const until = listings + count + 1;
      return vi.waitFor(() => expect(listings).toBeGreaterThanOrEqual(until), {
        timeout: 20_000,
        interval: 5,
      });
    },
    async end() {
      abort.abort();
      await watching;
      return told;
    },
  };
}

const ids = (rows: readonly AnswerRow[]) => rows.map(({ call_id: id }) => String(id)).toSorted();

test('all that is there already, with whom it comes from', async () => {
  writeLogs(folder, files);
  const watch = start({ filters: { since: 0 } });
  await watch.looks(1);
  const told = await watch.end();
  expect(told.length).toBeGreaterThan(100);
  expect(
    Object.fromEntries(told.map((row) => [row['call_id'], [row['source_account'], row['principal']]])),
  ).toEqual(Object.fromEntries(wanted.map(([id, call]) => [id, Object.values(outsider(call)!)])));
});

test('files that come in any order, some of them twice: each new call once, by sessions of before', async () => {
  const isSession = ({ records }: (typeof files)[number]) => records.some(({ call }) => call.session);
  const before = files.filter(isSession).slice(0, 2);
  const after = files.filter((file) => !before.includes(file)).toReversed();
  writeLogs(folder, before);
  const watch = start();
  await watch.looks(1);
  writeLogs(folder, after.slice(0, 3));
  writeFileSync(join(folder, 'again.json'), textOf(after[0]!));
  await watch.looks(2);
  writeLogs(folder, after.slice(3));
  for (const at of [1, 4]) writeFileSync(join(folder, `again-${at}.json`), textOf(after[at]!));
  await watch.looks(2);
  const told = await watch.end();
  expect(watch.problems).toEqual([]);
  const known = new Set(before.flatMap(({ records }) => records.map(({ call }) => call)));
  expect(ids(told)).toEqual(wanted.flatMap(([id, call]) => (known.has(call) ? [] : [id])).toSorted());
});

test('who stops does not wait for what is still to be read or told', async () => {
  writeLogs(folder, files);
  const opened: string[] = [];
  const { list } = source;
  source = {
    ...source,
    async *list(scope) {
      for await (const file of list(scope))
        yield { ...file, open: () => (opened.push(file.key), abort.abort(), file.open()) };
    },
  };
  const abort = new AbortController();
  const options = { every: 10, signal: abort.signal, cache: false, filters: { since: 0 } };
  let told = 0;
  for await (const _ of watchCalls(source, options)) told++;
  expect(opened).toHaveLength(1);
  expect(told).toBeLessThanOrEqual(wanted.length / 4);
});

const record = (more: object) => ({
  eventVersion: '1.11',
  eventTime: '2026-08-01T00:00:00Z',
  eventSource: 's3.amazonaws.com',
  eventName: 'GetObject',
  awsRegion: 'us-east-1',
  sourceIPAddress: '198.51.100.7',
  eventType: 'AwsApiCall',
  eventCategory: 'Data',
  recipientAccountId: '222222222222',
  ...more,
});
const ROLE = 'arn:aws:iam::222222222222:role/reader';
const used = record({
  eventID: 'used',
  userIdentity: {
    type: 'AssumedRole',
    principalId: 'AROA:s',
    arn: 'arn:aws:sts::222222222222:assumed-role/reader/s',
    accountId: '222222222222',
    accessKeyId: 'ASIAONE',
    sessionContext: { sessionIssuer: { type: 'Role', arn: ROLE } },
  },
  requestParameters: { bucketName: 'acme-reports', key: 'a.csv' },
});
const assumed = record({
  eventID: 'assumed',
  eventSource: 'sts.amazonaws.com',
  eventName: 'AssumeRole',
  eventCategory: 'Management',
  eventTime: '2026-07-31T23:00:00Z',
  userIdentity: { type: 'AWSAccount', principalId: 'AIDA', accountId: '111111111111' },
  requestParameters: { roleArn: ROLE, roleSessionName: 's' },
  responseElements: { credentials: { accessKeyId: 'ASIAONE' } },
});
const put = (name: string, ...records: object[]) =>
  writeFileSync(join(folder, name), JSON.stringify({ Records: records }));

test('a call of a session that nobody knows yet waits for it; a broken file and a failed look are no end', async () => {
  const watch = start({ filters: { account: '111111111111', action: 'GetObject' } });
  await watch.looks(1);
  put('one.json', used);
  await watch.looks(2);
  expect(watch.told).toEqual([]);
  const text = JSON.stringify({ Records: [assumed] });
  writeFileSync(join(folder, 'two.json'), text.slice(0, -40));
  await watch.looks(2);
  expect(watch.problems).toEqual(['two.json cut']);
  failing = 1;
  writeFileSync(join(folder, 'two.json'), text);
  await watch.looks(3);
  expect(watch.problems.slice(1)).toEqual(['the network is away']);
  expect(await watch.end()).toMatchObject([{ source_account: '111111111111', route: 'role', role: ROLE }]);
});

test('a call of a session that stays unknown is told as that, when its time is over or the watch ends', async () => {
  const watch = start({ holdFor: 100 });
  await watch.looks(1);
  put('one.json', used);
  await watch.looks(2);
  await vi.waitFor(() => expect(watch.told).toHaveLength(1), 5000);
  put('two.json', { ...used, eventID: 'another' });
  await watch.looks(2);
  const told = await watch.end();
  expect(told).toMatchObject([{ route: 'unknown', principal: ROLE }, { call_id: 'another' }]);
});

test('a session that is kept is told of once, however many calls came since', async () => {
  put('one.json', assumed, used);
  const read = await loadRecords(source, { cache: false });
  const window = await WatchWindow.open([read.folder], 1);
  const tell = async (records: Pick<LoadedRecords, 'files' | 'only'>) => {
    const told: AnswerRow[] = [];
    for await (const call of window.take(records, {}, { now: 0, until: 0 })) told.push(call);
    return ids(told);
  };
  expect(await tell(read)).toEqual(['assumed', 'used']);
  expect(await tell({ files: [], only: undefined })).toEqual([]);
  await window.close();
  read.close();
});

test('what is remembered has an end', async () => {
  const recent = new RecentSet(2);
  expect(['a', 'b', 'a', 'c', 'a'].map((name) => recent.add(name))).toEqual([true, true, false, true, true]);
  const known = new NewFiles();
  const file = (key: string) => ({ key, size: 0, stamp: '1', open: () => Promise.reject(new Error('no')) });
  const list = async (...keys: string[]) => {
    const found: string[] = [];
    const listing = (async function* () {
      yield* keys.map(file);
    })();
    for await (const one of known.of(listing)) found.push(one.key);
    return found;
  };
  known.markAsRead(file('a'));
  expect(await list('a', 'b')).toEqual(['b']);
  expect(await list('b')).toEqual(['b']);
  expect(await list('a')).toEqual(['a']);
});
