import { afterAll, beforeAll, expect, test } from 'vitest';
import { calls, outcomeOf } from './outcome.ts';
import { setStage, type Stage } from './stage.ts';

let stage: Stage | undefined;

beforeAll(async () => {
  stage = await setStage();
});

afterAll(() => stage?.aws.close());

test.each(calls)('%s %s %j: %s, since %s', async (...row) => {
  expect(await outcomeOf(stage!, row)).toBe(row[3]);
});

test('the table is as long as it should be', () => {
  expect(calls.length).toBeGreaterThanOrEqual(60);
});
