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

test('a write that is lost, or whose answer is, can be finished', async () => {
  for (const [index, at] of writes().entries())
    await campaign.finishes(at, index % 2 === 0 ? 'lost' : 'answer lost');
});

test('a write that is lost, or whose answer is, can be rolled back', async () => {
  for (const [index, at] of writes().entries())
    await campaign.rollsBack(at, index % 2 === 0 ? 'answer lost' : 'denied');
});
