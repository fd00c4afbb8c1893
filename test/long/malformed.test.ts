import { expect, test } from 'vitest';
import { runCampaign } from '../malformed/campaign.ts';

const CAMPAIGNS = 10;
const REQUESTS = 20_000;

test.each(Array.from({ length: CAMPAIGNS }, (_, index) => index + 1))(
  `of ${REQUESTS} malformed requests none is unexpected, and memory stays where it was: campaign %i`,
  async (seed) => {
    const before = process.memoryUsage.rss();
    const { statuses, codes, internal } = await runCampaign(REQUESTS, seed);
    expect(internal).toEqual([]);
    expect(statuses['500'] ?? 0).toBe(0);
    expect(codes.size).toBeGreaterThan(40);
    // The first campaign also loads every service.
    if (seed > 1) expect(process.memoryUsage.rss() - before).toBeLessThan(150 * 1024 ** 2);
  },
  600_000,
);
