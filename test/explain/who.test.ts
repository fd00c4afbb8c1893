import { describe, expect, test } from 'vitest';
import type { WhoAnswer } from '../../packages/crossbucket/src/explain/who/answer-who.ts';
import { READS, stage, crossbucket, useStage } from './command.ts';
import { Breaker } from './mutation.ts';
import { EXTERNAL_ID, HOP, READER, SERVICE, workingSetup } from './setup.ts';

useStage();

describe('who', () => {
  const rowsOf = async (...argv: string[]) =>
    (JSON.parse((await crossbucket('who', ...argv, ...READS, '--json')).out) as WhoAnswer).rows;

  test('can do what to a bucket, by which way and statement', async () => {
    const rows = await rowsOf('s3://acme-reports/reports/');
    expect(rows).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          principal: SERVICE,
          route: 'bucket-policy',
          can: ['read', 'write'],
          on: ['reports/*'],
          statement: 'Reports',
          outcome: 'allow',
        }),
        expect.objectContaining({
          principal: SERVICE,
          route: 'access-point',
          can: ['read', 'write'],
          outcome: 'allow',
        }),
        expect.objectContaining({
          principal: HOP,
          route: 'role',
          via: [READER],
          conditions: [{ key: 'sts:ExternalId', operator: 'StringEquals', values: [EXTERNAL_ID] }],
          outcome: 'depends',
        }),
      ]),
    );
  });

  test('public, whole-account and stale grants stand out, and what shuts them out', async () => {
    const breaker = new Breaker(stage);
    const setup = workingSetup('bucket-policy', stage);
    const { policy } = setup.world.accounts['222222222222']!.buckets['acme-reports']!;
    const more = (Principal: unknown, Sid: string) => ({
      Sid,
      Effect: 'Allow',
      Principal,
      Action: 's3:GetObject',
      Resource: 'arn:aws:s3:::acme-reports/public/*',
    });
    (policy!.document.Statement as unknown[]).push(
      more('*', 'All'),
      more({ AWS: '333333333333' }, 'Partner'),
    );
    await breaker.stand(setup);
    const rows = await rowsOf('s3://acme-reports');
    expect(rows.find(({ statement }) => statement === 'All')).toMatchObject({
      kind: 'public',
      outcome: 'deny',
      because: 'public-access-block',
    });
    expect(rows.find(({ statement }) => statement === 'Partner')).toMatchObject({
      kind: 'account',
      principal: expect.stringContaining('333333333333'),
    });
    await new Breaker(stage, undefined, setup).stand(workingSetup('bucket-policy', stage));
  });

  test('--as: to which buckets a principal gets, through roles as well', async () => {
    const rows = await rowsOf('--as', SERVICE);
    expect(rows.map(({ bucket, route, via, can }) => ({ bucket, route, via, can }))).toEqual(
      expect.arrayContaining([
        { bucket: 'acme-reports', route: 'bucket-policy', via: [], can: ['read', 'write'] },
        { bucket: 'acme-reports', route: 'role', via: [READER], can: ['read', 'write'] },
        { bucket: 'acme-reports', route: 'role', via: [HOP, READER], can: ['read', 'write'] },
        { bucket: 'acme-reports', route: 'role', via: [HOP, READER], can: ['list'] },
      ]),
    );
  });

  test.each(['text', 'csv', 'mermaid'])('as %s', async (format) => {
    const { exit, out } = await crossbucket('who', 's3://acme-reports', ...READS, '--format', format);
    expect(exit).toBe(0);
    expect(out).toContain('reports/*');
    if (format === 'mermaid') expect(out).toMatch(/^flowchart LR\n/);
  });

  test.each([
    ['--profile', 'nobody', 2, 'there is no profile `nobody`'],
    ['--profile', 'app-service', 2, 'has a bucket `acme-reports`'],
  ])('%s %s', async (option, profile, exit, message) => {
    expect(await crossbucket('who', 's3://acme-reports', option, profile)).toMatchObject({
      exit,
      err: expect.stringContaining(message),
    });
  });

  test('a bucket that nobody has', async () => {
    expect(await crossbucket('who', 's3://acme-nowhere', ...READS)).toMatchObject({
      exit: 2,
      err: expect.stringContaining('has a bucket `acme-nowhere`'),
    });
  });
});
