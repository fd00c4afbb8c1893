import { expect, test } from 'vitest';
import { Trail, type TrailEntry } from './trail.ts';

const entry = (kind: TrailEntry['kind'], time: number): TrailEntry => ({
  id: `${kind} ${time}`,
  time,
  requestId: `request ${kind} ${time}`,
  service: 's3',
  operation: 'GetObject',
  region: 'us-east-1',
  kind,
  readOnly: true,
  caller: { kind: 'anonymous', arn: '*', account: '', userId: 'anonymous' },
  sourceIp: '127.0.0.1',
  userAgent: '-',
  host: 'localhost',
  signatureForm: 'Anonymous',
  input: {},
  resources: [],
  recipients: [],
  bytesIn: 0,
  bytesOut: 0,
});
const decided = (time: number, outcome: 'allow' | 'deny'): TrailEntry => ({
  ...entry('data', time),
  decision: { outcome, reason: '', causes: [], authorizations: [] },
});
const times = (entries: TrailEntry[]) => entries.map(({ time }) => time);

test('keeps the latest of each kind, so that many reads do not push out the few changes', () => {
  const trail = new Trail(3);
  trail.record(entry('management', 0));
  for (let time = 1; time <= 100; time++) trail.record(entry('data', time));
  trail.record(entry('management', 101));
  expect(times(trail.entries('data'))).toEqual([98, 99, 100]);
  expect(times(trail.entries('management'))).toEqual([0, 101]);
  expect(times(trail.entries())).toEqual([0, 98, 99, 100, 101]);
});

test('finds a call by its request id while it is kept', () => {
  const trail = new Trail(2);
  for (const time of [1, 2, 3]) trail.record(entry('data', time));
  trail.record(entry('management', 4));
  expect(trail.find('request data 3')?.time).toBe(3);
  expect(trail.find('request management 4')?.time).toBe(4);
  expect(trail.find('request data 1')).toBeUndefined();
});

test('keeps the decisions of all denials, and of the latest hundred calls that were allowed', () => {
  const trail = new Trail();
  trail.record(decided(0, 'deny'));
  for (let time = 1; time <= 101; time++) trail.record(decided(time, 'allow'));
  const kept = trail.entries().filter(({ decision }) => decision);
  expect(times(kept)).toEqual([0, ...Array.from({ length: 100 }, (_, index) => index + 2)]);
  expect(trail.entries()).toHaveLength(102);
});
