import { CAUSE_CODES } from '@crossbucket/policy';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readError } from '../../packages/crossbucket/src/explain/evidence/read-error.ts';
import { weigh } from '../../packages/crossbucket/src/explain/evidence/weigh.ts';
import { explainSituation } from '../../packages/crossbucket/src/explain/explain-situation.ts';
import { formOf, FORMS } from './forms.ts';
import { Breaker } from './mutation.ts';
import { singles, type Case } from './pairs.ts';
import { situationOf } from './setup.ts';
import { setStage, type Stage } from './stage.ts';

describe.each([
  ['within an organization', true],
  ['across organizations', false],
])(
  'the denial of each cause through the real SDK, and the answer that is held against it: %s',
  (_, together) => {
    let stage: Stage;
    let breaker: Breaker;
    let cases: Case[];

    beforeAll(async () => {
      stage = await setStage(together);
      breaker = new Breaker(stage);
      cases = singles(1, stage);
    });
    afterAll(() => stage.aws.close());

    test.each(CAUSE_CODES)('%s', async (code) => {
      const { broken, original } = cases.find(({ ways }) => ways[0]!.cause === code)!;
      await breaker.stand(original);
      const error = await breaker.call(broken);
      expect(formOf(error!)).toBe(FORMS[code][together ? 0 : 1]);
      const answer = weigh(explainSituation(situationOf(broken)), readError(error));
      expect({
        first: answer.causes[0]?.code,
        outcome: answer.outcome,
        evidence: answer.evidence,
      }).toMatchObject({
        first: code,
        outcome: 'deny',
        evidence: { agrees: true },
      });
    });
  },
);
