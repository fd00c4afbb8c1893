import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parseSpec } from '../../packages/crossbucket/src/spec/index.ts';
import { APP, BUCKET, DATA, GrantStage } from './stage.ts';

let stage: GrantStage;
beforeAll(async () => {
  stage = await GrantStage.set();
  vi.stubEnv('AWS_CONFIG_FILE', stage.aws.profiles);
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', stage.aws.credentialsFile);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await stage.close();
});

const FLAGS = [
  '--source-profile',
  'app',
  '--destination-profile',
  'data-owner',
  '--bucket',
  BUCKET,
  '--principal',
  'role/report-service',
];
const init = (out: string, ...flags: string[]) =>
  stage.crossbucket('init', '--out', join(stage.folder, out), ...flags);

test('with flags: a commented file that a plan takes as it is', async () => {
  const { exit, out, err } = await init('one.yaml', ...FLAGS, '--read', 'reports/*', '--list', 'reports/*');
  expect({ exit, err }).toEqual({ exit: 0, err: '' });
  const file = join(stage.folder, 'one.yaml');
  expect(out).toContain(`Next: crossbucket grant plan --config ${file}`);
  const text = readFileSync(file, 'utf8');
  expect(text).toContain('# Reading does not include listing.'.slice(2));
  expect(parseSpec(text, 'one.yaml')).toEqual({
    accounts: {
      app: { id: APP, profile: 'app', region: 'us-east-1' },
      'data-owner': { id: DATA, profile: 'data-owner', region: 'us-east-1' },
    },
    grants: [
      {
        name: 'acme-reports-reader',
        bucket: `data-owner/${BUCKET}`,
        to: 'app',
        principals: ['role/report-service'],
        access: { read: ['reports/*'], list: ['reports/*'] },
        route: 'role',
        role: { name: 'acme-reports-reader', externalId: 'auto', maxSession: '1h' },
      },
    ],
  });
  expect(await stage.crossbucket('grant', 'plan', '--config', file)).toMatchObject({ exit: 1 });
});

describe('what is wrong is said, and nothing is written', () => {
  test.each<[string, string[], string]>([
    ['a flag that is missing', FLAGS.slice(0, 4), '`--bucket` is missing, and there is nobody to ask'],
    ['no access at all', FLAGS, '`--read` is missing'],
    [
      'a bucket that is not there',
      [...FLAGS.slice(0, 5), 'acme-nothing', '--principal', 'role/r', '--read', '*'],
      `account ${DATA} has no bucket \`acme-nothing\``,
    ],
    [
      'one account on both sides',
      ['--source-profile', 'app', '--destination-profile', 'app-operator'],
      `both profiles are of account ${APP}`,
    ],
    [
      'a principal that is none',
      [...FLAGS.slice(0, 6), '--principal', 'report-service', '--read', '*'],
      'a principal is written `role/NAME` or `user/NAME`',
    ],
  ])('%s', async (_, flags, message) => {
    const { exit, out, err } = await init('none.yaml', ...flags);
    expect({ exit, out }).toEqual({ exit: 2, out: '' });
    expect(err).toContain(message);
    expect(existsSync(join(stage.folder, 'none.yaml'))).toBe(false);
  });

  test('a file that is there stays as it is without --force', async () => {
    const flags = [...FLAGS, '--read', '*'];
    await init('two.yaml', ...flags);
    expect(await init('two.yaml', ...flags, '--route', 'bucket-policy')).toMatchObject({
      exit: 2,
      err: expect.stringContaining('is there already'),
    });
    expect(await init('two.yaml', ...flags, '--route', 'bucket-policy', '--force')).toMatchObject({
      exit: 0,
    });
    expect(readFileSync(join(stage.folder, 'two.yaml'), 'utf8')).toContain('route: bucket-policy');
  });
});

const SCRIPT = '/usr/bin/script';

describe.skipIf(!existsSync(SCRIPT))('on a terminal', () => {
  test('asks, with what was found to choose from', async () => {
    const file = join(stage.folder, 'asked.yaml');
    const command = resolve(import.meta.dirname, '../../packages/crossbucket/bin/crossbucket.js');
    const child = spawn(
      SCRIPT,
      [
        '-qec',
        `stty cols 120 rows 40; exec ${process.execPath} ${command} init --source-profile app --destination-profile data-owner --out ${file}`,
        '/dev/null',
      ],
      {
        env: { ...process.env, TERM: 'xterm' },
      },
    );
    let seen = '';
    child.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString()));
    const answer = async (question: string, keys: string) => {
      await vi.waitFor(() => expect(seen).toContain(question), { timeout: 15_000, interval: 20 });
      child.stdin.write(keys);
    };
    await answer('Which bucket?', '\r');
    await answer('Who in account', 'role/report-service\r');
    await answer('What may they do?', '\r');
    await answer('Under which prefix?', 'reports/*\r');
    await answer('By which route?', '\r');
    await answer('What is the grant called?', '\r');
    await once(child, 'exit');
    const { grants } = parseSpec(readFileSync(file, 'utf8'), file);
    expect(grants).toMatchObject([
      {
        bucket: `data-owner/${BUCKET}`,
        principals: ['role/report-service'],
        access: { read: ['reports/*'], list: ['reports/*'] },
        route: 'role',
      },
    ]);
  });
});
