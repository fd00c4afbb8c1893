import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { CreateRoleCommand, PutRolePolicyCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, PutBucketPolicyCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientsOf, DESTINATION, documentOf, failureOf, SOURCE, type Clients } from '../interop/clients.ts';

/** The walkthrough's documents and code, with the stray spaces that its pages have. */
const BUCKET_POLICY = `{
    "Version": "2012 - 10 - 17",
    "Statement": [
        {
            "Sid": "AllowCrossAccountAccess",
            "Effect": "Allow",
            "Principal": {
                "AWS": "arn:aws:iam::SOURCE_ACCOUNT_ID:root"
            },
            "Action": [
                "s3:GetObject",
                "s3:ListBucket"
            ],
            "Resource": [
                "arn:aws:s3:::YOUR_BUCKET_NAME",
                "arn:aws:s3:::YOUR_BUCKET_NAME/*"
            ]
        }
    ]
}`;
const ROLE_POLICY = `{
    "Version": "2012 - 10 - 17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "s3:GetObject",
                "s3:ListBucket"
            ],
            "Resource": [
                "arn:aws:s3:::YOUR_BUCKET_NAME",
                "arn:aws:s3:::YOUR_BUCKET_NAME/*"
            ]
        }
    ]
}`;
const LIST = `const params = {
    Bucket: 'YOUR_BUCKET_NAME'
};

s3.listObjectsV2(params, (err, data) => {
    if (err) {
        console.log(err, err.stack);
    } else {
        console.log(data.Contents);
    }
});`;
const ASSUME_AND_LIST = `const AWS = require('aws - sdk');

const sts = new AWS.STS();
const roleToAssume = {
    RoleArn: 'arn:aws:iam::DESTINATION_ACCOUNT_ID:role/YOUR_ROLE_NAME',
    RoleSessionName: 'Session1'
};

sts.assumeRole(roleToAssume, (err, data) => {
    if (err) {
        console.log(err, err.stack);
    } else {
        const s3 = new AWS.S3({
            accessKeyId: data.Credentials.AccessKeyId,
            secretAccessKey: data.Credentials.SecretAccessKey,
            sessionToken: data.Credentials.SessionToken
        });
        ${LIST}
    }
});`;

const BUCKET = 'acme-reports';
const ROLE = 'reports-reader';
const fill = (text: string) =>
  text
    .replaceAll('YOUR_BUCKET_NAME', BUCKET)
    .replaceAll('YOUR_ROLE_NAME', ROLE)
    .replaceAll('SOURCE_ACCOUNT_ID', SOURCE)
    .replaceAll('DESTINATION_ACCOUNT_ID', DESTINATION);
const mend = (text: string) =>
  fill(text).replaceAll('2012 - 10 - 17', '2012-10-17').replaceAll('aws - sdk', 'aws-sdk');

const root = resolve(import.meta.dirname, '../..');
let aws: Sandbox;
let owner: Clients;
let source: Clients;
let folder: string;

beforeAll(async () => {
  aws = await startSandbox({ accounts: [{ id: SOURCE, users: [{ name: 'app' }] }, DESTINATION] });
  owner = clientsOf(aws, aws.account(DESTINATION).root);
  source = clientsOf(aws, aws.account(SOURCE).root);
  folder = mkdtempSync(join(tmpdir(), 'crossbucket-seed-'));
  // All that is not in the walkthrough: where AWS is. The SDK v2 has no environment variable for it.
  writeFileSync(
    join(folder, 'endpoint.cjs'),
    `require(require.resolve('aws-sdk', { paths: [process.cwd()] })).config.update({ endpoint: '${aws.endpoint}', s3ForcePathStyle: true, region: 'us-east-1' });`,
  );
  await owner.s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  await owner.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'reports/q1.csv', Body: 'a,b\n' }));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await aws.close();
});

/** Runs a snippet as the source account's user, and gives what it printed. */
async function run(code: string): Promise<string> {
  const { accessKeyId, secretAccessKey } = aws.account(SOURCE).users['app']!;
  const args = ['--require', join(folder, 'endpoint.cjs'), '--input-type=commonjs', '-e', code];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: root,
    timeout: 15_000,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE: '1',
    },
  });
  return stdout;
}

const listAs = (constructor: string) =>
  `const AWS = require('aws-sdk');\nconst s3 = new AWS.S3(${constructor});\n${mend(LIST)}`;
const allow = (...statements: object[]) =>
  source.iam.send(
    new PutUserPolicyCommand({
      UserName: 'app',
      PolicyName: 'p',
      PolicyDocument: documentOf(...statements.map((statement) => ({ ...statement }))),
    }),
  );

describe('as its pages have them', () => {
  test('the documents are refused for their spaces', async () => {
    const put = new PutBucketPolicyCommand({ Bucket: BUCKET, Policy: fill(BUCKET_POLICY) });
    expect(await failureOf(owner.s3.send(put))).toMatchObject({ code: 'MalformedPolicy', status: 400 });
  });

  test('the code does not find its SDK', async () => {
    await expect(run(fill(ASSUME_AND_LIST))).rejects.toThrow("Cannot find module 'aws - sdk'");
  });
});

describe('without the stray spaces', () => {
  test('the bucket policy lets the source account list, once that account lets its user', async () => {
    await owner.s3.send(new PutBucketPolicyCommand({ Bucket: BUCKET, Policy: mend(BUCKET_POLICY) }));
    // The walkthrough leaves this half out, and its readers meet it as Access Denied.
    expect(await run(listAs(''))).toContain('AccessDenied: Access Denied');
    await allow({ Action: ['s3:GetObject', 's3:ListBucket'], Resource: '*' });
    expect(await run(listAs(''))).toContain("Key: 'reports/q1.csv'");
  });

  test('the role lets it assume and list', async () => {
    const trust = documentOf({
      Principal: { AWS: `arn:aws:iam::${SOURCE}:root` },
      Action: 'sts:AssumeRole',
      Condition: {},
    });
    await owner.iam.send(new CreateRoleCommand({ RoleName: ROLE, AssumeRolePolicyDocument: trust }));
    await owner.iam.send(
      new PutRolePolicyCommand({ RoleName: ROLE, PolicyName: 'read', PolicyDocument: mend(ROLE_POLICY) }),
    );
    await allow({ Action: 'sts:AssumeRole', Resource: '*' });
    expect(await run(mend(ASSUME_AND_LIST))).toContain("Key: 'reports/q1.csv'");
    await allow({ Action: 's3:ListBucket', Resource: '*' });
    expect(await run(mend(ASSUME_AND_LIST))).toMatch(
      /AccessDenied: User: .*:user\/app is not authorized to perform: sts:AssumeRole on resource: .*:role\/reports-reader/,
    );
  });
});
