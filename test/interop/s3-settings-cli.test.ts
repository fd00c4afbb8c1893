import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, PutBucketPolicyCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cli, cliByProxy, hasCli } from './cli.ts';
import { arnsOf, clientsOf, DESTINATION, documentOf, SOURCE } from './clients.ts';

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
  writeFileSync(join(folder, 'file'), 'content');
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await sandbox.close();
});

const data = (...words: (string | string[])[]) => cli(sandbox, folder, 'data', ...words);
const app = (...words: (string | string[])[]) => cli(sandbox, folder, 'app', ...words);

describe.skipIf(!hasCli)(
  'the AWS CLI with a bucket’s settings (skipped where it is not installed)',
  { timeout: 60_000 },
  () => {
    const it = '--bucket settings';

    test('sets who owns what others write, and they hand it over', async () => {
      await data(`s3api create-bucket ${it} --object-ownership BucketOwnerPreferred`);
      const controls = 's3api get-bucket-ownership-controls';
      expect((await data(controls, it, '--query OwnershipControls.Rules[].ObjectOwnership')).out).toBe(
        'BucketOwnerPreferred',
      );
      const Policy = documentOf({
        Principal: { AWS: SOURCE },
        Action: 's3:PutObject',
        Resource: arnsOf('settings')[1],
      });
      await data(`s3api put-bucket-policy ${it}`, ['--policy', Policy]);
      await Promise.all([
        app(`s3api put-object ${it} --key kept --body file`),
        app(`s3api put-object ${it} --key given --body file --acl bucket-owner-full-control`),
      ]);
      const [kept, given] = await Promise.all([
        data(`s3api get-object ${it} --key kept kept`),
        data(`s3api get-object ${it} --key given given`),
      ]);
      expect(kept.err).toContain('(AccessDenied)');
      expect(given).toMatchObject({ code: 0 });
    });

    test('reads and writes ACLs', async () => {
      const owner = (await data(`s3api get-bucket-acl ${it} --query Owner.ID`)).out;
      expect(owner).toMatch(/^[0-9a-f]{64}$/);
      const granted = await data(
        `s3api put-bucket-acl ${it} --grant-read id=${owner} --grant-write id=${owner}`,
      );
      expect(granted).toMatchObject({ code: 0 });
      expect((await data(`s3api get-bucket-acl ${it} --query Grants[].Permission`)).out).toBe('READ\tWRITE');
      expect((await data(`s3api put-bucket-acl ${it} --acl public-read`)).err).toContain(
        'because public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access.',
      );
    });

    test('opens the bucket to the public only when that is not blocked', async () => {
      const Policy = documentOf({ Principal: '*', Action: 's3:GetObject', Resource: arnsOf('settings')[1] });
      const open = () => data(`s3api put-bucket-policy ${it}`, ['--policy', Policy]);
      expect((await open()).err).toContain(
        'because public policies are prevented by the BlockPublicPolicy setting',
      );
      await data(`s3api delete-public-access-block ${it}`);
      expect(await open()).toMatchObject({ code: 0 });
      expect((await data(`s3api get-bucket-policy-status ${it} --query PolicyStatus.IsPublic`)).out).toBe(
        'True',
      );
      const anonymous = await app(`s3api get-object ${it} --key given got --no-sign-request`);
      expect(anonymous).toMatchObject({ code: 0 });
    });

    test('lets the requester pay', async () => {
      const payer = ['--request-payment-configuration', 'Payer=Requester'];
      expect(await data(`s3api put-bucket-request-payment ${it}`, payer)).toMatchObject({ code: 0 });
      const get = `s3api get-object ${it} --key given`;
      const [payment, refused, paid] = await Promise.all([
        data(`s3api get-bucket-request-payment ${it}`),
        app(get, 'refused'),
        app(get, 'paid --request-payer requester --query RequestCharged'),
      ]);
      expect(payment.out).toBe('Requester');
      expect(refused.err).toContain('(AccessDenied)');
      expect(paid.out).toBe('requester');
    });

    test('reaches S3 Control and an access point, whose hosts nobody finds, by the sandbox as its proxy', async () => {
      const control = (command: string, ...more: (string | string[])[]) =>
        cliByProxy(sandbox, folder, 'data', `s3control ${command} --account-id ${DESTINATION}`, ...more);
      const block =
        'BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true';
      await control('put-public-access-block', `--public-access-block-configuration ${block}`);
      expect(
        await control('get-public-access-block --query PublicAccessBlockConfiguration.BlockPublicPolicy'),
      ).toMatchObject({ code: 0, out: 'True' });
      const { s3 } = clientsOf(sandbox, sandbox.account(DESTINATION).root);
      const Bucket = 'behind-a-point';
      await s3.send(new CreateBucketCommand({ Bucket }));
      await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'content' }));
      const arn = `arn:aws:s3:us-east-1:${DESTINATION}:accesspoint/reports`;
      expect(
        await control('create-access-point --name reports --bucket behind-a-point --query AccessPointArn'),
      ).toMatchObject({ code: 0, out: arn });
      const Resource = `${arn}/object/*`;
      const allows = documentOf({ Principal: { AWS: SOURCE }, Action: 's3:GetObject', Resource });
      await control('put-access-point-policy --name reports', ['--policy', allows]);
      const Policy = documentOf({
        Principal: { AWS: '*' },
        Action: 's3:*',
        Resource: arnsOf(Bucket),
        Condition: { StringEquals: { 's3:DataAccessPointAccount': DESTINATION } },
      });
      await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
      const get = (from: string) =>
        cliByProxy(
          sandbox,
          folder,
          'app',
          `s3api get-object --bucket ${from} --key k got --query ContentLength`,
        );
      expect(await get(arn)).toMatchObject({ code: 0, out: '7' });
      expect((await get(Bucket)).err).toContain('(AccessDenied)');
    });
  },
);
