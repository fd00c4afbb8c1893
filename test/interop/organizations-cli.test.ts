import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cli, hasCli } from './cli.ts';
import { documentOf, DESTINATION, SOURCE } from './clients.ts';

let sandbox: Sandbox;
let folder: string;

beforeAll(async () => {
  sandbox = await startSandbox({
    config: {
      accounts: [
        { id: SOURCE, name: 'management' },
        { id: DESTINATION, name: 'data' },
      ],
      organization: { management: SOURCE, root: { accounts: [DESTINATION] } },
    },
  });
  folder = mkdtempSync(join(tmpdir(), 'crossbucket-cli-'));
  const block = { s3_attributes: { public_access_block_configuration: { '@@assign': 'all' } } };
  writeFileSync(join(folder, 'block.json'), JSON.stringify(block));
  writeFileSync(
    join(folder, 'delegation.json'),
    documentOf({
      Principal: { AWS: `arn:aws:iam::${DESTINATION}:root` },
      Action: 'organizations:ListAccounts',
      Resource: '*',
    }),
  );
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await sandbox.close();
});

const management = (...words: (string | string[])[]) =>
  cli(sandbox, folder, 'management', 'organizations', ...words);
const data = (...words: (string | string[])[]) => cli(sandbox, folder, 'data', 'organizations', ...words);

describe.skipIf(!hasCli)(
  'the AWS CLI with an organization (skipped where it is not installed)',
  { timeout: 60_000 },
  () => {
    test('settles the Block Public Access of its accounts', async () => {
      const [root, policy] = await Promise.all([
        management('list-roots --query Roots[0].Id'),
        management(
          'create-policy --name closed --type S3_POLICY --content file://block.json --query Policy.PolicySummary.Id',
          ['--description', 'nothing is public'],
        ),
      ]);
      expect(policy.out).toMatch(/^p-/);
      await management('attach-policy --policy-id', policy.out, '--target-id', root.out);
      const effective = await data(
        'describe-effective-policy --policy-type S3_POLICY --query EffectivePolicy.PolicyContent',
      );
      expect(JSON.parse(effective.out)).toEqual({
        s3_attributes: { public_access_block_configuration: 'all' },
      });
    });

    test('delegates a listing, and says no to what is not delegated', async () => {
      expect((await management('put-resource-policy --content file://delegation.json')).code).toBe(0);
      const [listed, denied] = await Promise.all([
        data('list-accounts --query Accounts[].Id'),
        data('list-roots'),
      ]);
      expect(listed.out.split('\t')).toEqual([SOURCE, DESTINATION]);
      expect(denied.err).toContain('(AccessDeniedException)');
    });
  },
);
