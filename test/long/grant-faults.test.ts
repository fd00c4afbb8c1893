import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Fault } from '../grants/fault-proxy.ts';
import { FaultCampaign } from '../grants/faults.ts';

let campaign: FaultCampaign;
beforeAll(async () => {
  campaign = await FaultCampaign.begin();
}, 60_000);
afterAll(() => campaign.end());

test.each<Fault>(['lost', 'answer lost', 'AWS fails', 'denied'])(
  '%s, at every single call of an apply: finished by applying again',
  { timeout: 600_000 },
  async (fault) => {
    expect(campaign.calls.length).toBeGreaterThan(40);
    for (const at of campaign.calls.keys()) await campaign.finishes(at, fault);
  },
);

test.each<Fault>(['lost', 'answer lost', 'AWS fails', 'denied'])(
  '%s, at every single call of an apply: rolled back, both accounts byte for byte as before',
  { timeout: 600_000 },
  async (fault) => {
    for (const at of campaign.calls.keys()) await campaign.rollsBack(at, fault);
  },
);
