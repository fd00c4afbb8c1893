import { afterAll, beforeAll, expect, test } from 'vitest';
import { FaultCampaign } from './faults.ts';

// Every call, and every fault at it: test/long/grant-faults.test.ts.

let campaign: FaultCampaign;
beforeAll(async () => {
  campaign = await FaultCampaign.begin();
});
afterAll(() => campaign.end());

const writes = () => campaign.calls.flatMap(({ isWrite }, at) => (isWrite ? [at] : []));

test('an apply writes a document of every kind', () => {
  const names = writes().map((at) => campaign.calls[at]!.name);
  expect(names).toEqual([
    'CreateRole',
    'PutRolePolicy',
    'PutKeyPolicy',
    'PUT /acme-reports/?policy=',
    'PutRolePolicy',
    'PutRolePolicy',
  ]);
});

test('a write whose answer is lost can be finished, or rolled back', async () => {
  for (const [index, at] of writes().entries())
    if (index % 2 === 0) await campaign.finishes(at, 'answer lost');
    else await campaign.rollsBack(at, 'answer lost');
});

test('a write that AWS denies can be rolled back, and one that is lost finished', async () => {
  const all = writes();
  await campaign.rollsBack(all[0]!, 'denied');
  await campaign.finishes(all.at(-1)!, 'lost');
});
