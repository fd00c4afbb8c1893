import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { BUCKET, GrantStage } from './stage.ts';

let stage: GrantStage;
beforeEach(async () => {
  stage = await GrantStage.set();
  vi.stubEnv('AWS_CONFIG_FILE', stage.aws.profiles);
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', stage.aws.credentialsFile);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await stage.close();
});

const EVERYTHING = { tagging: true, versions: true, multipart: true };
const LEVELS = ['read', 'write', 'delete', 'list'] as const;

/** Each level alone, and all together with all that goes with them; each below a prefix of its own, by each route. */
const grants = (['role', 'bucket-policy'] as const).flatMap((route) =>
  [...LEVELS.map((level) => [level]), LEVELS].map((levels) => {
    const name = `${levels.length === 1 ? levels[0] : 'all'}-by-${route}`;
    return {
      name,
      bucket: `data/${BUCKET}`,
      to: 'app',
      principals: ['role/report-service'],
      route,
      access: {
        ...Object.fromEntries(levels.map((level) => [level, [`${name}/*`]])),
        ...(levels.length > 1 && EVERYTHING),
      },
    };
  }),
);

test.each(['none', 'of the customer'])(
  'each access level by each route does what it promises, and nothing else, by calls (key: %s)',
  async (key) => {
    if (key !== 'none') await stage.encrypt();
    stage.configure(grants);
    const before = await stage.accounts();
    expect(await stage.grant('apply')).toMatchObject({ exit: 0, err: '' });
    const { exit, out } = await stage.grant('verify', '--json');
    const { checks, notCalled, notes } = JSON.parse(out) as {
      checks: { grant: string; by: string; call: string; expected: string; ok: boolean }[];
      notCalled: unknown[];
      notes: unknown[];
    };
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect({ exit, notes, notCalled }).toEqual({ exit: 0, notes: [], notCalled: [] });
    for (const { name } of grants)
      for (const expected of ['allowed', 'denied'])
        expect([
          name,
          checks.some((check) => check.grant === name && check.by === 'calls' && check.expected === expected),
        ]).toEqual([name, true]);
    expect(await stage.grant('revoke', '--all')).toMatchObject({ exit: 0, err: '' });
    expect(await stage.accounts()).toBe(before);
  },
);
