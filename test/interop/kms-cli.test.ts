import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cli, hasCli } from './cli.ts';
import { arnsOf, DESTINATION, documentOf, SOURCE } from './clients.ts';

let sandbox: Sandbox;
let folder: string;

beforeAll(async () => {
  sandbox = await startSandbox({
    accounts: [
      { id: SOURCE, name: 'app' },
      { id: DESTINATION, name: 'data' },
    ],
  });
  folder = mkdtempSync(join(tmpdir(), 'crossbucket-cli-'));
  writeFileSync(join(folder, 'secret.txt'), 'a secret');
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await sandbox.close();
});

const data = (...words: (string | string[])[]) => cli(sandbox, folder, 'data', ...words);
const app = (...words: (string | string[])[]) => cli(sandbox, folder, 'app', ...words);

describe.skipIf(!hasCli)(
  'the AWS CLI with keys (skipped where it is not installed)',
  { timeout: 60_000 },
  () => {
    let key: string;

    test('makes a key, names it, and encrypts with it', async () => {
      const made = await data('kms create-key --description reports --query KeyMetadata.Arn');
      expect(made).toMatchObject({ code: 0, out: expect.stringContaining(`:${DESTINATION}:key/`) });
      key = made.out;
      expect(await data('kms create-alias --alias-name alias/reports --target-key-id', key)).toMatchObject({
        code: 0,
      });
      const context = ['--encryption-context', 'team=reports'];
      const sealed = await data(
        'kms encrypt --key-id alias/reports --plaintext fileb://secret.txt --query CiphertextBlob',
        context,
      );
      expect(sealed.code).toBe(0);
      writeFileSync(join(folder, 'sealed'), Buffer.from(sealed.out, 'base64'));
      const opened = await data(
        'kms decrypt --ciphertext-blob fileb://sealed --query [Plaintext,KeyId]',
        context,
      );
      const [plaintext, by] = opened.out.split('\t');
      expect(Buffer.from(plaintext!, 'base64').toString()).toBe('a secret');
      expect(by).toBe(key);
      expect((await data('kms decrypt --ciphertext-blob fileb://sealed')).err).toContain(
        '(InvalidCiphertextException)',
      );
    });

    test('shares it by policy and grant, and takes it away', async () => {
      const decrypt = () =>
        app('kms decrypt --ciphertext-blob fileb://sealed --encryption-context team=reports');
      expect((await decrypt()).err).toContain('(AccessDeniedException)');
      const grantee = `arn:aws:iam::${SOURCE}:root`;
      const granted = await data(
        `kms create-grant --key-id ${key} --grantee-principal ${grantee} --operations Decrypt --query GrantId`,
      );
      expect(granted.code).toBe(0);
      expect(await decrypt()).toMatchObject({ code: 0 });
      expect((await data(`kms list-grants --key-id ${key} --query Grants[].GrantId`)).out).toBe(granted.out);
      await data(`kms revoke-grant --key-id ${key} --grant-id ${granted.out}`);
      expect((await decrypt()).err).toContain('(AccessDeniedException)');
    });

    test('encrypts a bucket with it, and what another account reads there', async () => {
      await data('s3 mb s3://encrypted');
      const rule = { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key };
      const configuration = { Rules: [{ ApplyServerSideEncryptionByDefault: rule, BucketKeyEnabled: true }] };
      const set = ['--server-side-encryption-configuration', JSON.stringify(configuration)];
      expect(await data('s3api put-bucket-encryption --bucket encrypted', set)).toMatchObject({ code: 0 });
      const Policy = documentOf({
        Principal: { AWS: SOURCE },
        Action: 's3:GetObject',
        Resource: arnsOf('encrypted')[1],
      });
      await data('s3api put-bucket-policy --bucket encrypted', ['--policy', Policy]);
      expect(await data('s3 cp secret.txt s3://encrypted/secret.txt')).toMatchObject({ code: 0 });
      const head = 's3api head-object --bucket encrypted --key secret.txt --query';
      expect((await data(head, '[ServerSideEncryption,SSEKMSKeyId,BucketKeyEnabled]')).out).toBe(
        `aws:kms\t${key}\tTrue`,
      );
      const copy = () => app('s3api get-object --bucket encrypted --key secret.txt got.txt');
      expect((await copy()).err).toContain('kms:Decrypt on the resource associated with this ciphertext');
      const keyPolicy = documentOf(
        { Principal: { AWS: DESTINATION }, Action: 'kms:*', Resource: '*' },
        { Principal: { AWS: SOURCE }, Action: 'kms:Decrypt', Resource: '*' },
      );
      const put = await data(`kms put-key-policy --key-id ${key} --policy-name default`, [
        '--policy',
        keyPolicy,
      ]);
      expect(put).toMatchObject({ code: 0 });
      expect(await copy()).toMatchObject({ code: 0 });
      expect(readFileSync(join(folder, 'got.txt'), 'utf8')).toBe('a secret');
    });

    test('disables it and schedules its deletion', async () => {
      expect(await data(`kms disable-key --key-id ${key}`)).toMatchObject({ code: 0 });
      expect((await data('s3 cp secret.txt s3://encrypted/other.txt')).err).toContain(
        '(KMS.DisabledException)',
      );
      const days = '--pending-window-in-days 7 --query KeyState';
      expect((await data(`kms schedule-key-deletion --key-id ${key} ${days}`)).out).toBe('PendingDeletion');
      expect((await data(`kms enable-key --key-id ${key}`)).err).toContain('(KMSInvalidStateException)');
      expect((await data(`kms cancel-key-deletion --key-id ${key}`)).out).toBe(key);
    });
  },
);
