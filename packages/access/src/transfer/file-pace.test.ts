import { afterEach, expect, test, vi } from 'vitest';
import { FilePace } from './file-pace.ts';

afterEach(() => vi.restoreAllMocks());

/** A file system that takes so many milliseconds for each call. */
function taking(milliseconds: number) {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  return () => {
    now += milliseconds;
    return 'read';
  };
}
const read = (pace: FilePace, work: () => string, times: number) =>
  Array.from({ length: times }, () => pace.atOnce(work)).filter((done) => done !== undefined).length;

test('what answers from memory is always read at once', () => {
  expect(read(new FilePace(), taking(0.05), 10_000)).toBe(10_000);
});

test('one call that is held up changes nothing', () => {
  const pace = new FilePace();
  read(pace, taking(8), 1);
  expect(read(pace, taking(0.05), 100)).toBe(100);
});

test('a slow file system goes by the thread pool, and is tried again now and then', () => {
  const times = read(new FilePace(), taking(20), 2000);
  expect(times).toBeGreaterThan(2);
  expect(times).toBeLessThan(20);
});

test('an error is passed on', () => {
  expect(() =>
    new FilePace().atOnce(() => {
      throw new Error('gone');
    }),
  ).toThrow('gone');
});
