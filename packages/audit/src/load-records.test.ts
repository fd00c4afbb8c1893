import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { generateLogs, writeLogs } from '../../../test/cloudtrail-logs/index.ts';
import { openDuckDb, openEngine } from './engines/duckdb.ts';
import { loadRecords } from './load-records.ts';
import { folderSource } from './sources/folder.ts';
import { isInScope, type Scope } from './sources/key-layout.ts';
import type { Source } from './sources/source.ts';

const { calls, files } = generateLogs({ seed: 8, calls: 800, days: 3, files: 6 });
let folder: string;
let logs: string;
let cacheBase: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossbucket-load-'));
  logs = join(folder, 'logs');
  cacheBase = join(folder, 'cache');
  writeLogs(logs, files);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** How many files were read now, and how many calls there are. */
async function load(scope: Scope = {}) {
  const records = await loadRecords(await folderSource(logs), { cacheBase, scope });
  const engine = await openDuckDb(records);
  try {
    const { rows } = await engine.ask('SELECT count(*) AS calls FROM events');
    return { read: records.summary.read, files: records.summary.files, calls: rows[0]!['calls'] };
  } finally {
    await engine.close();
    records.close();
  }
}

const cached = () =>
  readdirSync(cacheBase, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

describe('the cache', () => {
  test('is read once, and for its owner alone', async () => {
    expect(await load()).toEqual({ read: files.length, files: files.length, calls: calls.length });
    expect(await load()).toEqual({ read: 0, files: files.length, calls: calls.length });
    for (const path of cached()) {
      expect(statSync(path).mode & 0o777, path).toBe(0o600);
      expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
    }
  });

  test('takes what has come since', async () => {
    const [later, ...first] = files;
    rmSync(join(logs, later!.key));
    expect(await load()).toMatchObject({ read: first.length });
    writeLogs(logs, [later!]);
    expect(await load()).toEqual({ read: 1, files: files.length, calls: calls.length });
  });

  test('reads a file anew that has changed', async () => {
    await load();
    const path = join(logs, files[0]!.key);
    writeFileSync(path, gzipSync('{"Records":[]}'));
    utimesSync(path, 0, 0);
    const { read, calls: left } = await load();
    expect(read).toBeGreaterThan(0);
    expect(left).toBeLessThan(calls.length);
  });

  test('is built anew where it is damaged, wherever that is', async () => {
    await load();
    for (const kind of ['.parquet', '.json', '.copies']) {
      const path = cached().find((name) => name.endsWith(kind))!;
      const bytes = readFileSync(path);
      // Not at the end: there the length would tell.
      bytes.fill(0x2a, Math.floor(bytes.length / 3), Math.floor(bytes.length / 2));
      writeFileSync(path, bytes);
      expect(await load(), kind).toMatchObject({ files: files.length, calls: calls.length });
    }
  });

  test('is built anew where a part is cut or gone, and half-written ones do not count', async () => {
    await load();
    // One that counts: those of a batch that was dropped stay for a while.
    const part = () => {
      const described = cached().find((name) => name.endsWith('.json'))!;
      const { parts } = JSON.parse(readFileSync(described, 'utf8')) as { parts: { name: string }[] };
      return join(dirname(described), parts[0]!.name);
    };
    writeFileSync(part(), readFileSync(part()).subarray(0, 1000));
    expect(await load()).toMatchObject({ read: files.length, calls: calls.length });
    const whole = part();
    writeFileSync(join(dirname(whole), 'half.parquet'), 'PAR1');
    writeFileSync(join(dirname(whole), 'half.json.new'), '{');
    rmSync(whole);
    expect(await load()).toMatchObject({ read: files.length, calls: calls.length });
  });

  test('of an older version is removed', async () => {
    const older = join(cacheBase, 'crossbucket', 'audit', 'v0', 'abc');
    mkdirSync(older, { recursive: true });
    writeFileSync(join(older, 'x.parquet'), 'old');
    await load();
    expect(cached().some((name) => name.includes('/v0/'))).toBe(false);
  });

  test('by two at once is right for both, and afterwards', async () => {
    const both = await Promise.all([load(), load()]);
    expect(both.map((one) => one.calls)).toEqual([calls.length, calls.length]);
    expect(await load()).toMatchObject({ read: 0, calls: calls.length });
  });
});

test('an answer is remembered for as long as the records are the same, and not believed where it is damaged', async () => {
  const sql = 'SELECT count(*) AS calls FROM events';
  const ask = async () => {
    const records = await loadRecords(await folderSource(logs), { cacheBase });
    const engine = openEngine(records);
    const { rows } = await engine.ask(sql, [], { remember: true });
    await engine.close();
    return rows[0]!['calls'];
  };
  const answers = () => cached().filter((name) => name.endsWith('.answer'));
  const [last, ...first] = files;
  rmSync(join(logs, last!.key));
  const fewer = await ask();
  expect(fewer).toBeLessThan(calls.length);
  expect([await ask(), answers().length]).toEqual([fewer, 1]);
  const [kept] = answers();
  writeFileSync(kept!, readFileSync(kept!, 'utf8').replace(String(fewer), '7'));
  expect(await ask()).toBe(fewer);
  writeLogs(logs, [last!]);
  expect(await ask()).toBe(calls.length);
  expect(first.length).toBeGreaterThan(0);
});

describe('only what is asked for is read', () => {
  test('days, with the day after, when what came before midnight is delivered', async () => {
    const day = Date.parse('2026-08-01T00:00:00Z');
    const wanted = files.filter(({ key }) => /2026\/08\/0[12]\//.test(key));
    expect(wanted.length).toBeLessThan(files.length);
    expect(await load({ since: day, until: day + 86_400_000 })).toMatchObject({ read: wanted.length });
    // What is in the cache beside it does not count.
    await load();
    expect(await load({ accounts: ['333333333333'] })).toMatchObject({
      read: 0,
      files: files.filter(({ key }) => key.includes('AWSLogs/333333333333/')).length,
    });
  });

  test.each<[string, Scope, boolean]>([
    [
      'a/AWSLogs/o-a1b2c3d4e5/222222222222/CloudTrail/eu-west-1/2026/08/01/x.json.gz',
      { regions: ['eu-west-1'] },
      true,
    ],
    ['AWSLogs/222222222222/CloudTrail/eu-west-1/2026/08/01/x.json.gz', { regions: ['us-east-1'] }, false],
    ['AWSLogs/222222222222/CloudTrail-Digest/eu-west-1/2026/08/01/x.json.gz', {}, false],
    ['some/other/place.json', { since: 0, accounts: ['222222222222'] }, true],
  ])('%s', (key, scope, expected) => {
    expect(isInScope(key, scope)).toBe(expected);
  });
});

test('a file that cannot be opened is named, not kept as read, and the others count', async () => {
  const good = gzipSync(
    '{"Records":[{"eventName":"A","eventSource":"s3.amazonaws.com","eventVersion":"1.0","eventID":"E","eventTime":"2026-08-01T00:00:00Z"}]}',
  );
  let isDown = true;
  const source: Source = {
    name: 'test',
    id: `test ${folder}`,
    async *list() {
      yield { key: 'a.json.gz', size: 1, stamp: '1', open: async () => Readable.from([good]) };
      yield {
        key: 'b.json.gz',
        size: 1,
        stamp: '1',
        open: async () => {
          if (isDown) throw new Error('Access Denied');
          return Readable.from([good]);
        },
      };
    },
  };
  const first = await loadRecords(source, { cacheBase });
  expect(first.summary).toMatchObject({
    files: 2,
    records: 1,
    problems: [{ file: 'b.json.gz', kind: 'broken' }],
  });
  isDown = false;
  const second = await loadRecords(source, { cacheBase });
  expect(second.summary).toMatchObject({ read: 1, records: 2, problems: [] });
});

test('of a damaged file, all counts that comes before the damage but for some kilobytes', async () => {
  const large = join(folder, 'large');
  const [file] = generateLogs({ seed: 9, calls: 20_000, days: 1, files: 1 }).files.toSorted(
    (a, b) => b.records.length - a.records.length,
  );
  writeLogs(large, [file!]);
  const path = join(large, file!.key);
  const bytes = readFileSync(path);
  expect(bytes.length).toBeGreaterThan(200_000);
  bytes.fill(0x55, bytes.length - 20_000, bytes.length - 19_000);
  writeFileSync(path, bytes);
  const { summary } = await loadRecords(await folderSource(large), { cache: false });
  expect(summary.problems.map(({ kind }) => kind)).toContain('broken');
  expect(summary.records).toBeGreaterThan(file!.records.length * 0.75);
});
