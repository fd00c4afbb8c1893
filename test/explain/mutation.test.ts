import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { explainSituation } from '../../packages/crossbucket/src/explain/explain-situation.ts';
import { ask } from './ask.ts';
import { Breaker } from './mutation.ts';
import { caseOf, randomPair, singles } from './pairs.ts';
import { Random } from './random.ts';
import { DATA, ROUTES, SERVICE, situationOf, workingSetup } from './setup.ts';
import { setStage, type Stage } from './stage.ts';
import { WAYS } from './ways/index.ts';
import { drop, keyOf } from './ways/parts.ts';

/** What the cases are; a failure shows its seed. */
const SEED = 1;

let stage: Stage;
let breaker: Breaker;

beforeAll(async () => {
  stage = await setStage();
  const random = new Random(SEED);
  breaker = new Breaker(stage, () => random.next() < 0.1);
});
afterAll(() => stage.aws.close());

test('there are well over a hundred ways to break it', () => {
  expect(new Set(WAYS.map(({ name }) => name)).size).toBeGreaterThan(140);
});

test.each(ROUTES)('the setup works by %s', async (route) => {
  expect(await breaker.call(workingSetup(route, stage))).toBeUndefined();
});

test('a grant of KMS counts, and what nobody could read of it is open', async () => {
  const setup = workingSetup('bucket-policy', stage);
  const key = keyOf(setup);
  drop(key.policy.document, 'Reports');
  key.grants = [{ id: 'g', grantee: SERVICE, operations: ['Decrypt'] }];
  expect(await breaker.call(setup)).toBeUndefined();
  expect(await ask(stage, setup)).toMatchObject({ outcome: 'allow', causes: [] });

  const { grants: _, ...ungranted } = key;
  const world = structuredClone(setup.world);
  world.accounts[DATA]!.keys[key.arn] = ungranted;
  world.accounts[DATA]!.unknown = [
    { what: `key-grants ${key.arn}`, why: 'no permission for kms:ListGrants' },
  ];
  expect(explainSituation({ ...situationOf(setup), world })).toMatchObject({
    outcome: 'depends',
    unknowns: [{ account: DATA, what: `key-grants ${key.arn}`, could: 'allow' }],
  });

  const revoked = structuredClone(setup);
  revoked.world.accounts[DATA]!.keys[key.arn] = ungranted;
  expect(await breaker.call(revoked)).toMatchObject({ name: 'AccessDenied' });
  expect(await ask(stage, revoked)).toMatchObject({ outcome: 'deny', causes: [{ code: 'kms-key-policy' }] });
});

describe('the call is denied, the first cause is the injected one, no fix widens, and mended it succeeds', () => {
  test('broken in each way, by one route of those that it breaks', async () => {
    const random = new Random(SEED);
    const all = singles(SEED, stage);
    for (const way of WAYS) {
      const one = random.pick(all.filter(({ ways }) => ways[0] === way));
      expect({ case: one.title, fault: await breaker.findFault(one) }).toEqual({ case: one.title });
    }
  }, 300_000);

  test.each([
    [
      'the session is tagged, and the trust policy does not let it be',
      'the bucket policy denies whom it does not know',
      'role',
    ],
    ['the boundary of the caller allows no STS', 'the role on the way is gone', 'chain'],
    ['the boundary of the caller allows no STS', 'the role on the way trusts somebody else', 'chain'],
  ] as const)('both are told: %s + %s', async (one, other, route) => {
    const ways = WAYS.filter(({ name }) => name === one || name === other);
    expect(ways).toHaveLength(2);
    // By this seed, the bucket policy wants a tag that the session could have, and has not.
    expect(await breaker.findFault(caseOf(route, ways, new Random(4), stage))).toBeUndefined();
  });

  test('broken in two ways at once', async () => {
    const random = new Random(SEED);
    for (let count = 0; count < 50; count++) {
      const one = randomPair(random, stage);
      expect({ count, case: one.title, fault: await breaker.findFault(one) }).toEqual({
        count,
        case: one.title,
      });
    }
  }, 300_000);
});
