import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

/** What a program has that is given as a text: the built packages. */
async function run(code: string, type = 'commonjs'): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, [`--input-type=${type}`, '-e', code], {
    cwd: root,
    timeout: 15_000,
    env: {
      PATH: process.env['PATH'],
      HOME: '/nonexistent',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
  });
  return JSON.parse(stdout);
}

describe('CommonJS requires', () => {
  test('@crossbucket/policy', async () => {
    const code = `
      const { authorize } = require('@crossbucket/policy');
      const decision = authorize(
        { principal: 'arn:aws:iam::111111111111:user/app', action: 's3:GetObject', resource: 'arn:aws:s3:::acme/k' },
        { identity: [{ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' } }] },
      );
      console.log(JSON.stringify(decision.outcome));`;
    expect(await run(code)).toBe('allow');
  });

  test('@crossbucket/access and @crossbucket/sandbox, together', async () => {
    const code = `
      const { openBucket } = require('@crossbucket/access');
      const { startSandbox } = require('@crossbucket/sandbox');
      const { S3Client, CreateBucketCommand } = require('@aws-sdk/client-s3');
      (async () => {
        const aws = await startSandbox();
        const credentials = aws.account('222222222222').root;
        const clientConfig = { region: 'us-east-1', endpoint: aws.endpoint };
        await new S3Client({ ...clientConfig, credentials, forcePathStyle: true }).send(new CreateBucketCommand({ Bucket: 'acme' }));
        const bucket = openBucket({ bucket: 'acme', credentials, clientConfig });
        await bucket.put('k', 'text');
        console.log(JSON.stringify(await (await bucket.get('k')).text()));
        await aws.close();
      })();`;
    expect(await run(code)).toBe('text');
  });

  test('crossbucket', async () => {
    const code = `console.log(JSON.stringify(Object.keys(require('crossbucket')).length > 0));`;
    expect(await run(code)).toBe(true);
  });
});

test('a module that is given as a text puts a body that another thread hashes', async () => {
  const code = `
    import { createHash } from 'node:crypto';
    import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
    import { startSandbox } from '@crossbucket/sandbox';
    const aws = await startSandbox();
    const s3 = new S3Client({ region: 'us-east-1', endpoint: aws.endpoint, credentials: aws.account('222222222222').root, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'acme' }));
    const Body = Buffer.alloc(2 ** 20, 'x');
    const { ETag } = await s3.send(new PutObjectCommand({ Bucket: 'acme', Key: 'k', Body }));
    console.log(JSON.stringify(ETag === '"' + createHash('md5').update(Body).digest('hex') + '"'));
    await aws.close();`;
  expect(await run(code, 'module')).toBe(true);
});
