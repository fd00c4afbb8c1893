import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSts, type StsServer } from './testing/sts-server.ts';

/** What a user has: the built package, in a process of its own. */
async function run(code: string, type: 'module' | 'commonjs' = 'module'): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, [`--input-type=${type}`, '-e', code], {
    cwd: resolve(import.meta.dirname, '..'),
    env: {
      PATH: process.env['PATH'],
      HOME: '/nonexistent',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
    timeout: 15_000,
  });
  return JSON.parse(stdout);
}

const LOADED = `
import { _cache } from 'node:module';
const loaded = () => [...new Set(Object.keys(_cache).flatMap((path) => /node_modules\\/(@[^/]+\\/[^/]+)/.exec(path)?.[1] ?? []))];
`;

let sts: StsServer;
beforeAll(async () => {
  sts = await startSts();
});
afterAll(() => sts.close());

const options = () =>
  JSON.stringify({
    roleArn: 'arn:aws:iam::222222222222:role/reader',
    credentials: { accessKeyId: 'AKIASOURCE', secretAccessKey: 's' },
    endpoint: sts.url,
    region: 'eu-west-1',
  });

test('credentials need no S3 client, and load nothing before they are asked for', async () => {
  const [before, after] = (await run(`${LOADED}
    import { fromCrossAccountRole } from '@crossbucket/access/credentials';
    const get = fromCrossAccountRole(${options()});
    const before = loaded();
    await get();
    console.log(JSON.stringify([before, loaded()]));`)) as string[][];
  expect(before).toEqual([]);
  expect(after).toContain('@aws-sdk/client-sts');
  expect(after).not.toContain('@aws-sdk/client-s3');
});

test('opening a bucket loads nothing either', async () => {
  const code = `${LOADED}
    import { openBucket } from '@crossbucket/access';
    openBucket({ bucket: 'acme-reports', roleArn: 'arn:aws:iam::222222222222:role/reader' });
    console.log(JSON.stringify(loaded()));`;
  expect(await run(code)).toEqual([]);
});

test('a process with a live session ends by itself', async () => {
  const code = `
    import { fromCrossAccountRole } from '@crossbucket/access';
    const { accessKeyId } = await fromCrossAccountRole(${options()})();
    console.log(JSON.stringify(accessKeyId));`;
  expect(await run(code)).toMatch(/^ASIA/);
});

test('CommonJS requires it', async () => {
  const code = `
    const access = require('@crossbucket/access');
    const { fromCrossAccountRole } = require('@crossbucket/access/credentials');
    fromCrossAccountRole(${options()})().then(({ accessKeyId }) =>
      console.log(JSON.stringify([fromCrossAccountRole === access.fromCrossAccountRole, accessKeyId])));`;
  expect(await run(code, 'commonjs')).toEqual([true, expect.stringMatching(/^ASIA/)]);
});
