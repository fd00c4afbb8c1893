import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { manualClock, type ManualClock } from '../testing/manual-clock.ts';
import { startSts, type StsServer } from '../testing/sts-server.ts';
import { gate } from '../testing/gate.ts';
import { providerFrom } from './from-cross-account-role.ts';
import { sessionOf } from './live-session.ts';
import type { CrossAccountRoleOptions } from './role-options.ts';
import { SessionRegistry } from './session-registry.ts';
import type { SessionEvent } from './session-events.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const roleArn = 'arn:aws:iam::222222222222:role/reader';
const source = { accessKeyId: 'AKIASOURCE', secretAccessKey: 'source-secret' };
const denied = { status: 403, code: 'AccessDenied' };
const down = { status: 503, code: 'ServiceUnavailable' };

let sts: StsServer;
let clock: ManualClock;
let sessions: SessionRegistry;

beforeEach(async () => {
  sts = await startSts();
  useClock(manualClock());
});
afterEach(() => sts.close());

function useClock(made: ManualClock) {
  clock = made;
  sts.now = clock.now;
  sessions = new SessionRegistry(clock);
}

function provider(options: Partial<CrossAccountRoleOptions> = {}) {
  return providerFrom(sessions, {
    roleArn,
    credentials: source,
    endpoint: sts.url,
    region: 'eu-west-1',
    clientConfig: oneTry,
    ...options,
  });
}
const oneTry = { maxAttempts: 1 };

const settled = (get: ReturnType<typeof provider>) =>
  vi.waitFor(() => expect(get.describe().renewing).toBe(false));
const keyOf = async (get: ReturnType<typeof provider>) => (await get()).accessKeyId;

const sessionBehind = async (get: ReturnType<typeof provider>) => sessionOf(await get())!;

describe('while sts answers', () => {
  test('credentials in use are renewed in the background, and no request waits', async () => {
    const get = provider();
    const first = await keyOf(get);
    const { opened, open } = gate();
    sts.answer = () => opened.then(() => ({ seconds: 3600 }));
    await get();
    clock.advance(42 * MINUTE);
    await vi.waitFor(() => expect(sts.calls).toHaveLength(2));
    expect(await keyOf(get)).toBe(first);
    open();
    await settled(get);
    expect(await keyOf(get)).not.toBe(first);
  });

  test('without any request in between, a session lapses instead of being renewed for ever', async () => {
    const get = provider();
    await get();
    clock.advance(12 * HOUR);
    expect(sts.calls).toHaveLength(1);
    expect(clock.waiting).toBe(0);
    await get();
    expect(sts.calls).toHaveLength(2);
  });

  test('a service under load through ten hours never waits and never holds stale credentials', async () => {
    const get = provider();
    await get();
    for (let minute = 0; minute < 600; minute++) {
      clock.advance(MINUTE);
      const all = await Promise.all(Array.from({ length: 10 }, () => get()));
      for (const { expiration } of all) expect(expiration!.getTime()).toBeGreaterThan(clock.now());
      await settled(get);
    }
    // A renewal at 60 to 80 % of each hour.
    expect(sts.calls.length).toBeGreaterThan(12);
    expect(sts.calls.length).toBeLessThan(18);
  });
});

describe('while sts fails', () => {
  test('requests succeed until the true expiry, then fail with the last error as cause', async () => {
    const get = provider();
    const first = await keyOf(get);
    sts.answer = () => down;
    for (let minute = 1; minute < 60; minute++) {
      clock.advance(MINUTE);
      expect(await keyOf(get)).toBe(first);
      await settled(get);
    }
    const tries = sts.calls.length - 1;
    expect(tries).toBeGreaterThan(5);
    clock.advance(MINUTE);
    await get().catch(() => {});
    const error = await get().catch((e: unknown) => e);
    expect(error).toMatchObject({
      code: 'credentials-expired',
      message: expect.stringContaining(`the session of \`${roleArn}\` ended at`),
      cause: { name: 'ServiceUnavailable' },
    });
    sts.answer = () => ({ seconds: 3600 });
    clock.advance(MINUTE);
    expect(await keyOf(get)).not.toBe(first);
  });

  test('an outage through the expiry keeps its history, and is forgotten once nobody asks', async () => {
    const get = provider();
    await get();
    await get();
    sts.answer = () => down;
    for (let minute = 0; minute < 70; minute += 2) {
      clock.advance(2 * MINUTE);
      await get().catch(() => {});
      await settled(get);
    }
    expect(get.describe()).toMatchObject({ state: 'failed', failure: { count: expect.any(Number) } });
    expect(get.describe().failure!.count).toBeGreaterThan(8);
    clock.advance(HOUR);
    expect(clock.waiting).toBe(0);
  });

  test('a permanent denial is asked about seldom: an hour of requests makes a handful of calls', async () => {
    sts.answer = () => denied;
    const get = provider();
    for (let second = 0; second < 3600; second++) {
      await expect(get()).rejects.toMatchObject({ code: 'assume-role-denied' });
      clock.advance(1000);
    }
    expect(sts.calls.length).toBeGreaterThan(8);
    expect(sts.calls.length).toBeLessThan(25);
  });

  test('it recovers by itself when the denial is lifted', async () => {
    sts.answer = () => denied;
    const get = provider();
    await expect(get()).rejects.toThrow();
    sts.answer = () => ({ seconds: 3600 });
    clock.advance(5000);
    await expect(get()).resolves.toBeDefined();
  });

  test('a connection that breaks is tried again', async () => {
    sts.answer = () => 'hang-up';
    const get = provider();
    await expect(get()).rejects.toMatchObject({
      code: 'sts-unreachable',
      help: expect.stringContaining('network'),
    });
    sts.answer = () => ({ seconds: 3600 });
    clock.advance(1000);
    await expect(get()).resolves.toBeDefined();
  });
});

describe('clock skew', () => {
  test.each([
    ['ahead', 20 * MINUTE],
    ['behind', -20 * MINUTE],
  ])('credentials end when they end for sts, whose clock is %s', async (_, ahead) => {
    sts.now = () => clock.now() + ahead;
    const { expiration } = await provider()();
    const ends = expiration!.getTime() - clock.now();
    expect(ends).toBeLessThanOrEqual(HOUR);
    // A Date header has whole seconds.
    expect(ends).toBeGreaterThanOrEqual(HOUR - 1000);
  });

  test('credentials that have ended on arrival are an error', async () => {
    sts.answer = () => ({ seconds: -10 });
    await expect(provider()()).rejects.toThrow('has ended already');
  });
});

describe('credentials that a service rejects', () => {
  test('are fetched once more, however many requests report them', async () => {
    const get = provider();
    const { accessKeyId } = await get();
    const registry = await sessionBehind(get);
    for (let i = 0; i < 100; i++) expect(registry.rejected(accessKeyId)).toBe(true);
    expect(await keyOf(get)).not.toBe(accessKeyId);
    expect(sts.calls).toHaveLength(2);
  });

  test('are kept when fresh ones were rejected a moment ago, until time has passed', async () => {
    const get = provider();
    const live = await sessionBehind(get);
    live.rejected(await keyOf(get));
    expect(live.rejected(await keyOf(get))).toBe(false);
    expect(sts.calls).toHaveLength(2);
    clock.advance(5000);
    expect(live.rejected(await keyOf(get))).toBe(true);
  });

  test('are dropped at once when they had worked', async () => {
    const get = provider();
    const live = await sessionBehind(get);
    for (let i = 0; i < 5; i++) {
      const key = await keyOf(get);
      live.accepted(key);
      expect(live.rejected(key)).toBe(true);
    }
    await get();
    expect(sts.calls).toHaveLength(6);
  });
});

test('refresh, failure and expiry are published, without secrets', async () => {
  const seen: [string, SessionEvent][] = [];
  const listen = (message: unknown, name: string | symbol) =>
    seen.push([String(name), message as SessionEvent]);
  const channels = ['refresh', 'failure', 'expiry'].map((kind) => `crossbucket:credentials:${kind}`);
  for (const name of channels) subscribe(name, listen);
  try {
    const get = provider();
    await get();
    await get();
    sts.answer = () => down;
    clock.advance(45 * MINUTE);
    await settled(get);
    clock.advance(15 * MINUTE);
    await expect(get()).rejects.toThrow();
  } finally {
    for (const name of channels) unsubscribe(name, listen);
  }
  expect(new Set(seen.map(([name]) => name))).toEqual(new Set(channels));
  expect(seen[0]).toMatchObject([
    'crossbucket:credentials:refresh',
    { roleArn, account: '222222222222', state: 'valid', region: 'eu-west-1', took: 0 },
  ]);
  expect(seen.find(([name]) => name.endsWith('failure'))).toMatchObject([
    'crossbucket:credentials:failure',
    { error: { name: 'AssumeRoleError' }, failure: { count: 1 }, state: 'valid' },
  ]);
  expect(JSON.stringify(seen)).not.toMatch(/secret-|token-/);
});

test('describe tells the state of the session', async () => {
  const get = provider({ sessionName: 'app' });
  expect(get.describe()).toEqual({
    roleArn,
    account: '222222222222',
    sessionName: 'app',
    state: 'none',
    renewing: false,
  });
  await get();
  expect(get.describe()).toMatchObject({
    state: 'valid',
    arn: 'arn:aws:sts::222222222222:assumed-role/reader/app',
    expiration: new Date(clock.now() + HOUR),
    refreshAt: new Date(clock.now() + 42 * MINUTE),
  });
  sts.answer = () => denied;
  clock.advance(HOUR);
  await expect(get()).rejects.toThrow();
  expect(get.describe()).toMatchObject({
    state: 'failed',
    failure: { code: 'assume-role-denied', count: 1 },
  });
});
