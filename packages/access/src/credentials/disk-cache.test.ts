import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { manualClock, type ManualClock } from '../testing/manual-clock.ts';
import { startSts, type StsServer } from '../testing/sts-server.ts';
import { providerFrom } from './from-cross-account-role.ts';
import { SessionRegistry } from './session-registry.ts';

const roleArn = 'arn:aws:iam::222222222222:role/reader';
const source = { accessKeyId: 'AKIASOURCE', secretAccessKey: 'source-secret' };

let sts: StsServer;
let clock: ManualClock;
let directory: string;

beforeEach(async () => {
  sts = await startSts();
  clock = manualClock();
  sts.now = clock.now;
  directory = join(mkdtempSync(join(tmpdir(), 'crossbucket-cache-')), 'sessions');
});
afterEach(() => sts.close());

/** As far as memory goes. */
const anotherProcess = (credentials = source) =>
  providerFrom(new SessionRegistry(clock), {
    roleArn,
    credentials,
    endpoint: sts.url,
    region: 'eu-west-1',
    cache: { directory },
  });
const files = () => readdirSync(directory).map((name) => join(directory, name));
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

test('the next process uses the session that the last one left', async () => {
  const first = await anotherProcess()();
  const second = await anotherProcess()();
  expect(second).toEqual(first);
  expect(second.sessionToken).toBe('token-1');
  expect(sts.calls).toHaveLength(1);
});

test('files are for the user alone and hold no source credentials', async () => {
  await anotherProcess()();
  expect(modeOf(directory)).toBe('700');
  expect(files().map(modeOf)).toEqual(['600']);
  expect(readFileSync(files()[0]!, 'utf8')).not.toMatch(/AKIASOURCE|source-secret/);
});

test('another identity does not get the session', async () => {
  await anotherProcess()();
  await anotherProcess({ accessKeyId: 'AKIAOTHER', secretAccessKey: 'other' })();
  expect(sts.calls.map(({ signer }) => signer)).toEqual(['AKIASOURCE', 'AKIAOTHER']);
});

test('a session that is due for renewal is renewed for all', async () => {
  const get = anotherProcess();
  await get();
  clock.advance(45 * 60_000);
  await get();
  await vi.waitFor(() => expect(get.describe().renewing).toBe(false));
  const renewed = await get();
  expect(await anotherProcess()()).toEqual(renewed);
  expect(sts.calls).toHaveLength(2);
});

test('an expired session is not used', async () => {
  await anotherProcess()();
  clock.advance(3_600_000);
  expect((await anotherProcess()()).sessionToken).toBe('token-2');
});

test('a process takes over what another has renewed', async () => {
  const [one, two] = [anotherProcess(), anotherProcess()];
  await one();
  await two();
  clock.advance(45 * 60_000);
  await one();
  await vi.waitFor(() => expect(one.describe().renewing).toBe(false));
  await two();
  await vi.waitFor(() => expect(two.describe().renewing).toBe(false));
  expect(await two()).toEqual(await one());
  expect(sts.calls).toHaveLength(2);
});

test('sessions that ended long ago are removed, and nothing else', async () => {
  mkdirSync(directory, { mode: 0o700 });
  const old = ['A'.repeat(43) + '.json', 'notes.txt'].map((name) => join(directory, name));
  for (const path of old) {
    writeFileSync(path, '', { mode: 0o600 });
    utimesSync(path, 0, 0);
  }
  await anotherProcess()();
  expect(readdirSync(directory)).toHaveLength(2);
  expect(readdirSync(directory)).toContain('notes.txt');
});

test('many processes at once leave one whole file', async () => {
  const all = await Promise.all(Array.from({ length: 20 }, () => anotherProcess()()));
  expect(files()).toHaveLength(1);
  const kept = await anotherProcess()();
  expect(all.map(({ accessKeyId }) => accessKeyId)).toContain(kept.accessKeyId);
});

test.each([
  ['a folder that others may enter', () => chmodSync(directory, 0o755), "run: chmod 700 '"],
  ['a file that others may read', () => chmodSync(files()[0]!, 0o644), "run: chmod 600 '"],
])('%s is refused', async (_, spoil, help) => {
  await anotherProcess()();
  spoil();
  await expect(anotherProcess()()).rejects.toMatchObject({
    code: 'cache-unsafe',
    help: expect.stringContaining(help),
  });
  expect(sts.calls).toHaveLength(1);
});

test('a folder that is a link is refused', async () => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'crossbucket-elsewhere-'));
  symlinkSync(elsewhere, directory);
  await expect(anotherProcess()()).rejects.toMatchObject({ code: 'cache-unsafe' });
});

test.each([
  ['cut off', (text: string) => text.slice(0, text.length / 2)],
  ['of another version', (text: string) => text.replace('"version":1', '"version":2')],
  ['without a token', (text: string) => text.replace('"sessionToken":"token-1"', '"x":1')],
  ['not JSON', () => '__proto__'],
  ['empty', () => ''],
  ['huge', (text: string) => text + ' '.repeat(70_000)],
])('a file that is %s counts as none, and is replaced', async (_, spoil) => {
  await anotherProcess()();
  const [path] = files();
  writeFileSync(path!, spoil(readFileSync(path!, 'utf8')));
  expect((await anotherProcess()()).sessionToken).toBe('token-2');
  expect((await anotherProcess()()).sessionToken).toBe('token-2');
});

test('a folder that cannot be written does not stop anybody', async () => {
  mkdirSync(directory, { mode: 0o700 });
  const file = join(directory, 'file');
  writeFileSync(file, '');
  directory = join(file, 'below');
  await expect(anotherProcess()()).resolves.toMatchObject({ sessionToken: 'token-1' });
});
