import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { openBucket } from '@crossbucket/access';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BUCKET, DATA, GrantStage } from './stage.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const section = /## Give the access\n(.*?)\n## /s.exec(readme)![1]!;
const yaml = /```yaml\n(.*?)```/s.exec(section)![1]!;
const commands = /```sh\n(.*?)```/s
  .exec(section)![1]!
  .trim()
  .split('\n')
  .map((line) => line.split('#')[0]!.trim());
const COMMAND = resolve(import.meta.dirname, '../../packages/crossbucket/bin/crossbucket.js');

let stage: GrantStage;
beforeAll(async () => {
  stage = await GrantStage.set();
  // Of the sandbox's profiles, this one may become the service, as an operator of the source may.
  writeFileSync(
    join(stage.folder, 'crossbucket.yaml'),
    yaml.replace('profile: app }', 'profile: app-operator }'),
  );
});
afterAll(() => stage.close());

/** A line of the README, as a user runs it in the folder of the configuration. */
async function run(line: string): Promise<{ code: number | null; out: string; err: string }> {
  const [npx, command, ...words] = line.split(' ');
  expect([npx, command]).toEqual(['npx', 'crossbucket']);
  const asks = /^grant (?:apply|revoke)/.test(words.join(' '));
  const child = spawn(process.execPath, [COMMAND, ...words, ...(asks ? ['--yes'] : [])], {
    cwd: stage.folder,
    env: {
      ...process.env,
      AWS_CONFIG_FILE: stage.aws.profiles,
      AWS_SHARED_CREDENTIALS_FILE: stage.aws.credentialsFile,
    },
  });
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number]>,
  ]);
  return { code, out, err };
}

test("the README's example does what it says, line by line", { timeout: 60_000 }, async () => {
  expect(commands).toHaveLength(5);
  const before = await stage.accounts();
  const [plan, apply, verify, drift, revoke] = commands as [string, string, string, string, string];
  expect(await run(plan)).toMatchObject({
    code: 1,
    err: '',
    out: expect.stringContaining('create role reports-reader'),
  });
  expect(await stage.accounts()).toBe(before);
  expect(await run(apply)).toMatchObject({ code: 0, err: '' });
  expect(await run(verify)).toMatchObject({
    code: 0,
    err: '',
    out: expect.stringContaining('checks came out as expected'),
  });
  expect(await run(drift)).toMatchObject({ code: 0, err: '' });
  // The code that stands below it, as the service.
  const reports = openBucket({
    bucket: BUCKET,
    role: {
      roleArn: `arn:aws:iam::${DATA}:role/reports-reader`,
      externalId: 'acme-7f3a',
      credentials: await stage.service(),
      clientConfig: { region: 'us-east-1', endpoint: stage.aws.endpoint },
    },
    clientConfig: { region: 'us-east-1', endpoint: stage.aws.endpoint },
  });
  expect(await (await reports.get('reports/q1.csv')).text()).toBe('reports/q1.csv');
  expect(await run(revoke)).toMatchObject({ code: 0, err: '' });
  expect(await stage.accounts()).toBe(before);
});
