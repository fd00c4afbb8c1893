import { afterAll, expect, test } from 'vitest';
import { race } from './races.ts';
import { GrantStage } from './stage.ts';

// A hundred rounds: test/long/grant-races.test.ts.

const stages: GrantStage[] = [];
afterAll(async () => {
  for (const stage of stages) await stage.close();
});

test('two processes apply to one bucket at once, and no statement of either is lost', async () => {
  const stage = await GrantStage.set();
  stages.push(stage);
  const rounds = await race(stage, 2);
  expect(rounds).toEqual(rounds.map(() => ({ exits: [0, 0], lost: [], foreign: true })));
});
