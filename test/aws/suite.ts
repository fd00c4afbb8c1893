import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TwoAccounts, type Profiles } from './end-to-end.ts';

/** Grants, access and explain from end to end, by two profiles: on AWS before a release, on the sandbox in the long tests. */
export function describeTwoAccounts(
  profiles: () => Promise<Profiles>,
  close: () => Promise<void> = async () => {},
  settle: string[] = [],
): void {
  let accounts: TwoAccounts;
  beforeAll(async () => {
    accounts = await TwoAccounts.open(await profiles());
  }, 120_000);
  afterAll(async () => {
    await accounts?.close();
    await close();
  }, 120_000);

  describe.each(['role', 'bucket-policy'] as const)('by %s', (route) => {
    test('planned, applied, proved, used, explained, revoked', { timeout: 300_000 }, async () => {
      const config = accounts.configure(route);
      const before = await accounts.bucketPolicy();
      expect(await accounts.grant('plan')).toMatchObject({ exit: 1, err: '' });
      const applied = await accounts.grant('apply', '--json', ...settle);
      expect(applied.exit, applied.err).toBe(0);
      const [{ roleArn, externalId }] = (
        JSON.parse(applied.out) as { grants: { roleArn?: string; externalId?: string }[] }
      ).grants as [{ roleArn?: string; externalId?: string }];
      const verified = await accounts.grant('verify', '--patience', '60');
      expect(verified, verified.out).toMatchObject({ exit: 0 });
      expect(verified.out).toContain('by calls');
      expect(await accounts.grant('plan')).toMatchObject({ exit: 0 });
      expect(await accounts.grant('drift')).toMatchObject({ exit: 0 });

      const bucket = await accounts.asService(roleArn, externalId);
      expect(await (await bucket.get('reports/q1.csv')).text()).toBe('reports/q1.csv');
      await expect(bucket.get('secret/plan.txt')).rejects.toMatchObject({ code: 'access-denied' });

      const who = `arn:${accounts.source.partition}:iam::${accounts.source.id}:role/${accounts.service}`;
      const via = roleArn === undefined ? [] : ['--via', roleArn];
      const explain = (key: string) =>
        accounts.crossbucket(
          'explain',
          's3:GetObject',
          `s3://${accounts.bucket}/${key}`,
          '--config',
          config,
          '--as',
          who,
          ...via,
        );
      // What has not come yet is not tried.
      const { out: commands } = await accounts.crossbucket('--help');
      if (/^ {2}explain /m.test(commands)) expect((await explain('secret/plan.txt')).exit).toBe(1);

      expect(await accounts.grant('revoke', '--all', ...settle)).toMatchObject({ exit: 0, err: '' });
      expect(JSON.parse((await accounts.bucketPolicy())!)).toEqual(JSON.parse(before!));
    });
  });
}
