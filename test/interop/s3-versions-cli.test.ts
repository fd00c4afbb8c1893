import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cli, hasCli } from './cli.ts';
import { DESTINATION } from './clients.ts';

let sandbox: Sandbox;
let folder: string;

beforeAll(async () => {
  sandbox = await startSandbox({ accounts: [{ id: DESTINATION, name: 'data' }] });
  folder = mkdtempSync(join(tmpdir(), 'crossbucket-cli-'));
  for (const name of ['one', 'two']) writeFileSync(join(folder, name), name);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await sandbox.close();
});

const api = (...words: (string | string[])[]) => cli(sandbox, folder, 'data', 's3api', ...words);
const ok = async (...words: (string | string[])[]) => {
  const { code, out, err } = await api(...words);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out;
};

describe.skipIf(!hasCli)(
  'the AWS CLI with versions (skipped where it is not installed)',
  { timeout: 60_000 },
  () => {
    test.concurrent('keeps, lists, reads, hides and removes them', async () => {
      const it = '--bucket kept --key k';
      await ok('create-bucket --bucket kept --object-lock-enabled-for-bucket');
      const first = await ok(`put-object ${it} --body one --query VersionId`);
      const second = await ok(`put-object ${it} --body two --query VersionId`);
      const until = new Date(Date.now() + 86_400_000).toISOString();
      const retention = ['--retention', `Mode=GOVERNANCE,RetainUntilDate=${until}`];
      const [marker] = await Promise.all([
        ok(`delete-object ${it} --query VersionId`),
        ok(`put-object-retention ${it} --version-id ${first}`, retention),
        ok(`get-object ${it} --version-id ${first} got`),
      ]);
      expect(readFileSync(join(folder, 'got'), 'utf8')).toBe('one');
      const list = () => ok('list-object-versions --bucket kept --query', ['Versions[].VersionId']);
      const [listed, hidden, notAllowed] = await Promise.all([
        list(),
        api(`get-object ${it} hidden`),
        api(`get-object ${it} --version-id ${marker} hidden`),
      ]);
      expect(listed).toBe(`${second}\t${first}`);
      expect(hidden.err).toContain('(NoSuchKey)');
      expect(notAllowed.err).toContain('(MethodNotAllowed)');
      const all = [first, second, marker].map((VersionId) => ({ Key: 'k', VersionId }));
      const many = ['--delete', JSON.stringify({ Objects: all })];
      const refused = await ok('delete-objects --bucket kept --query Errors[].VersionId', many);
      expect(refused).toBe(first);
      await ok('delete-objects --bucket kept --bypass-governance-retention', many);
      expect(await list()).toBe('None');
    });

    test.concurrent('sets rules and tags, and reads them back', async () => {
      await ok('create-bucket --bucket ruled');
      const lifecycle = JSON.stringify({
        Rules: [
          {
            ID: 'old',
            Status: 'Enabled',
            Filter: { And: { Prefix: 'a/', Tags: [{ Key: 'k', Value: 'v' }] } },
            Expiration: { Days: 3 },
            NoncurrentVersionExpiration: { NoncurrentDays: 5 },
          },
        ],
      });
      await Promise.all([
        ok('put-bucket-lifecycle-configuration --bucket ruled', ['--lifecycle-configuration', lifecycle]),
        ok('put-bucket-tagging --bucket ruled --tagging TagSet=[{Key=a,Value=b}]'),
      ]);
      const [rules, tags, expiration] = await Promise.all([
        ok('get-bucket-lifecycle-configuration --bucket ruled --output json'),
        ok('get-bucket-tagging --bucket ruled'),
        ok('put-object --bucket ruled --key a/1 --tagging k=v --query Expiration'),
      ]);
      expect(JSON.parse(rules)).toMatchObject(JSON.parse(lifecycle) as object);
      expect(tags).toBe('TAGSET\ta\tb');
      expect(expiration).toMatch(/^expiry-date=".* 00:00:00 GMT", rule-id="old"$/);
      expect((await api('get-bucket-website --bucket ruled')).err).toContain('(NoSuchWebsiteConfiguration)');
    });
  },
);
