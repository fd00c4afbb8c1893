import { afterAll, beforeAll, expect, test } from 'vitest';
import { Breaker } from '../explain/mutation.ts';
import { randomPair, singles } from '../explain/pairs.ts';
import { Random } from '../explain/random.ts';
import { setStage, type Stage } from '../explain/stage.ts';

/** A failure shows its seed. */
const SEED = Number(process.env['SEED'] ?? 1);
const CASES = Number(process.env['CASES'] ?? 2000);

let together: Stage;
let apart: Stage;

beforeAll(async () => {
  [together, apart] = await Promise.all([setStage(true), setStage(false)]);
});
afterAll(() => Promise.all([together.aws.close(), apart.aws.close()]));

test.each([
  ['within an organization', () => together],
  ['across organizations, where AWS does not say why', () => apart],
])(
  'explains and mends what is broken in one way and in two: %s',
  async (_, stageOf) => {
    const stage = stageOf();
    const random = new Random(SEED);
    const breaker = new Breaker(stage, () => random.next() < 0.3);
    const faults: unknown[] = [];
    for (let count = 0, seed = SEED; count < CASES / 2; seed++) {
      const alone = singles(seed, stage);
      const cases = [...alone, ...alone.map(() => randomPair(random, stage))];
      for (const one of cases.slice(0, CASES / 2 - count)) {
        const fault = await breaker.findFault(one);
        if (fault !== undefined) faults.push({ seed, count, case: one.title, fault });
        count++;
      }
    }
    expect(faults).toEqual([]);
  },
  1_800_000,
);
