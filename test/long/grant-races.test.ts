import { afterAll, beforeAll, expect, test } from 'vitest';
import { race } from '../grants/races.ts';
import { GrantStage } from '../grants/stage.ts';

let stage: GrantStage;
beforeAll(async () => {
  stage = await GrantStage.set();
});
afterAll(() => stage.close());

test(
  'two processes apply to one bucket at once, 100 rounds: no statement of either is lost',
  { timeout: 900_000 },
  async () => {
    const rounds = await race(stage, 100);
    expect(rounds).toEqual(rounds.map(() => ({ exits: [0, 0], lost: [], foreign: true })));
  },
);
