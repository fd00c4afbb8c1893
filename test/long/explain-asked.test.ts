import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask } from '../explain/ask.ts';
import { Breaker } from '../explain/mutation.ts';
import { singles, type Case } from '../explain/pairs.ts';
import { setStage, type Stage } from '../explain/stage.ts';

/** A failure shows its seed. */
const SEED = Number(process.env['SEED'] ?? 1);

let stage: Stage;
let breaker: Breaker;

beforeAll(async () => {
  stage = await setStage();
  breaker = new Breaker(stage);
});
afterAll(() => stage.aws.close());

/** The question as it is, and with the error of the call. What only AWS can tell is asked with it alone. */
async function findFaults({ title, original, broken, ways }: Case): Promise<string[]> {
  const [{ cause, evidence }] = ways as [Case['ways'][number]];
  await breaker.stand(original);
  const error = await breaker.call(broken);
  // The version that is locked is made when it is to be deleted: nobody can ask of it before.
  const isAfterwards = evidence === true || cause === 'object-lock';
  const faults: string[] = [];
  for (const given of isAfterwards ? [error] : [undefined, error]) {
    const { causes, evidence: weighed } = await ask(stage, broken, given);
    const [first] = causes;
    if (first?.code !== cause) faults.push(`${title}: ${first?.code ?? 'no cause'} in place of ${cause}`);
    if (weighed?.agrees === false) faults.push(`${title}: ${weighed.contradiction!}`);
  }
  return faults;
}

test('asked over the accounts, the first cause of each way to break the setup is its own, by each route', async () => {
  const faults: string[] = [];
  for (const one of singles(SEED, stage)) faults.push(...(await findFaults(one)));
  expect(faults).toEqual([]);
}, 1_800_000);
