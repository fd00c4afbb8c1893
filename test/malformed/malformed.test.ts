import { expect, test } from 'vitest';
import { runCampaign } from './campaign.ts';

test('a thousand malformed requests are refused one by one, and the sandbox lives', async () => {
  const { statuses, codes, internal } = await runCampaign(1000, 20_261_124);
  expect(internal).toEqual([]);
  expect(statuses['500'] ?? 0).toBe(0);
  // They get everywhere: to the signature, the router, the decision and the handlers.
  expect(codes.size).toBeGreaterThan(25);
});
