import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, PutBucketPolicyCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
const guide = readFileSync(resolve(root, 'docs/from-sdk-v2.md'), 'utf8');
const blocks = [...guide.matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code!);

// The walkthrough's own two policies, filled in.
const actions = ['s3:GetObject', 's3:ListBucket'];
const resources = ['arn:aws:s3:::acme-reports', 'arn:aws:s3:::acme-reports/*'];
const policy = (statement: object) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });
const principal = { AWS: 'arn:aws:iam::111111111111:root' };
const readers = policy({ Action: actions, Resource: resources });

let aws: Sandbox;
beforeAll(async () => {
  const app = {
    name: 'app',
    policies: { all: JSON.parse(policy({ Action: ['s3:*', 'sts:AssumeRole'], Resource: '*' })) },
  };
  aws = await startSandbox({ accounts: [{ id: '111111111111', users: [app] }, '222222222222'] });
  const owner = {
    region: 'us-east-1',
    endpoint: aws.endpoint,
    credentials: aws.account('222222222222').root,
  };
  const [iam, s3] = [new IAMClient(owner), new S3Client(owner)];
  const trust = policy({ Action: 'sts:AssumeRole', Principal: principal });
  const bucketPolicy = policy({ Principal: principal, Action: actions, Resource: resources });
  await iam.send(new CreateRoleCommand({ RoleName: 'reports-reader', AssumeRolePolicyDocument: trust }));
  await iam.send(
    new PutRolePolicyCommand({ RoleName: 'reports-reader', PolicyName: 'read', PolicyDocument: readers }),
  );
  await s3.send(new CreateBucketCommand({ Bucket: 'acme-reports' }));
  await s3.send(
    new PutObjectCommand({ Bucket: 'acme-reports', Key: 'reports/q1.csv', Body: 'the first quarter' }),
  );
  await s3.send(new PutBucketPolicyCommand({ Bucket: 'acme-reports', Policy: bucketPolicy }));
});
afterAll(() => aws.close());

/** Runs a block of the guide as the source account's application. */
async function run(code: string): Promise<string> {
  const { accessKeyId, secretAccessKey } = aws.account('111111111111').users['app']!;
  const isV2 = code.includes("require('aws-sdk')");
  // The SDK v2 does not read AWS_ENDPOINT_URL.
  const settings = `require('aws-sdk').config.update({ endpoint: '${aws.endpoint}', s3ForcePathStyle: true });\n`;
  const args = isV2 ? ['--input-type=commonjs', '-e', settings + code] : ['--input-type=module', '-e', code];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: root,
    env: {
      PATH: process.env['PATH'],
      AWS_ENDPOINT_URL: aws.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE: '1',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
    timeout: 15_000,
  });
  return stdout;
}

const outputs: [string, string][] = [
  ['assume and list with v2', "Key: 'reports/q1.csv'"],
  ['assume and list with v3', "Key: 'reports/q1.csv'"],
  ['assume and list with crossbucket', 'reports/q1.csv 17'],
  ["a client of one's own", 'the first quarter'],
  [
    'a denial',
    'access-denied\ncrossbucket explain s3:PutObject s3://acme-reports/reports/q2.csv --via arn:aws:iam::222222222222:role/reports-reader --expected-owner 222222222222',
  ],
  ['the bucket-policy route', 'the first quarter'],
];

test('the guide has one block for each of these', () => {
  expect(blocks).toHaveLength(outputs.length);
});

test.each(outputs.map(([name, output], index) => [name, index, output] as const))(
  '%s',
  async (_, index, output) => {
    expect(await run(blocks[index]!)).toContain(output);
  },
);
