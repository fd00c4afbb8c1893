import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DemoReport } from '../../demo/report.ts';
import { run } from '../main.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossbucket-demo-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function demo(...argv: string[]) {
  const written = { out: '', err: '' };
  const sink = (name: 'out' | 'err') =>
    new Writable({
      write(chunk: Buffer, _, done) {
        written[name] += chunk.toString();
        done();
      },
    });
  const style = { bold: String, dim: String, green: String, red: String };
  const exit = await run(['demo', ...argv], { out: sink('out'), err: sink('err'), style });
  return { exit, ...written };
}

const BOTH = ['111111111111', '222222222222'];

describe('demo --json', () => {
  let report: DemoReport;
  beforeAll(async () => {
    const { exit, out, err } = await demo('--json');
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    report = JSON.parse(out) as DemoReport;
  });

  test('shows both routes and every denial, each as expected', () => {
    expect(report.ok).toBe(true);
    for (const step of report.steps) expect(step).toMatchObject({ ok: true, expected: step.actual });
    const namesOf = (group: RegExp) =>
      report.steps.filter((step) => group.test(step.group)).map(({ name }) => name);
    expect(namesOf(/bucket-policy/)).toEqual(
      expect.arrayContaining(['ListObjectsV2', 'GetObject of each, every byte compared']),
    );
    expect(namesOf(/Route role/)).toEqual(
      expect.arrayContaining([
        'sts:AssumeRole with the ExternalId',
        'ListObjectsV2',
        'GetObject of each, every byte compared',
      ]),
    );
    const denials = report.steps.filter(({ group }) => group.includes('must not work'));
    expect(denials.map(({ actual }) => actual)).toEqual(
      expect.arrayContaining(['AccessDenied', 'ExpiredToken']),
    );
  });

  test('says of each denial which account, which document and which statement, in one line', () => {
    const denials = report.steps.filter(({ actual }) => actual === 'AccessDenied');
    expect(denials).toHaveLength(5);
    for (const { detail } of denials)
      expect(detail).toMatch(
        /^account \d{12}, [^:]+: no statement allows s(3|ts):\w+; nearest is statement \w+, but .+$/,
      );
  });

  test('has the trail of it all, from both accounts', () => {
    const recipients = (accountId: string) =>
      report.trail
        .filter(({ userIdentity }) => userIdentity['accountId'] === accountId)
        .map(({ recipientAccountId }) => recipientAccountId);
    expect(new Set(recipients('111111111111'))).toEqual(new Set(BOTH));
    expect(new Set(recipients('222222222222'))).toEqual(new Set(['222222222222']));
    expect(new Set(recipients('333333333333'))).toEqual(new Set(['222222222222', '333333333333']));
    expect(new Set(report.trail.map(({ errorCode }) => errorCode))).toEqual(
      new Set([undefined, 'AccessDenied']),
    );
    expect(report.trail.map(({ eventName }) => eventName)).toEqual(
      expect.arrayContaining(['PutObject', 'GetObject', 'ListObjects']),
    );
  });
});

describe('demo --files', () => {
  const names = [
    'with space.txt',
    'plus+percent%20.txt',
    'question?mark#hash.txt',
    `quotes'".txt`,
    'Überblick – façade.txt',
    'rocket 🚀.txt',
    'new\nline.txt',
    'back\\slash.txt',
    '.hidden',
    '__proto__',
    'colour\u001B[31m.txt',
    'deep/er/file.txt',
  ];

  test('takes files whatever they are called, and none that are only linked', async () => {
    const files = join(folder, 'odd');
    mkdirSync(join(files, 'deep', 'er'), { recursive: true });
    for (const name of names) writeFileSync(join(files, name), `content of ${name}`);
    writeFileSync(join(files, 'empty'), '');
    writeFileSync(join(files, 'large'), Buffer.alloc(300_000, 'large'));
    symlinkSync('/etc/hostname', join(files, 'link'));
    const { exit, out } = await demo('--json', '--files', files);
    expect(exit).toBe(0);
    const { steps, trail } = JSON.parse(out) as DemoReport;
    const count = names.length + 2;
    expect(steps[0]).toMatchObject({ actual: `${count} objects` });
    expect(steps.filter(({ actual }) => actual === `${count} files the same`)).toHaveLength(2);
    const keys = trail.map(({ requestParameters }) => (requestParameters as { key?: string }).key);
    for (const name of [...names, 'empty', 'large']) expect(keys).toContain(`reports/${name}`);
    expect(keys).not.toContain('reports/link');
  });

  test('prints none of their control characters', async () => {
    const { exit, out } = await demo('--files', join(folder, 'odd'));
    expect(exit).toBe(0);
    expect(out).toContain('rocket 🚀.txt');
    expect(out).not.toContain('\u001B');
    expect(out).not.toContain('new\nline');
    expect(out).toContain('Route bucket-policy');
    expect(out).toContain('Route role');
    expect(out).toContain('seen by 111111111111 and 222222222222');
    expect(out).toMatch(/All \d+ steps came out as expected/);
  });

  const deep = (path: string) => join(path, ...Array.from({ length: 6 }, () => 'd'.repeat(200)));
  const refused: [string, (path: string) => void, string][] = [
    ['none', () => {}, 'error: cannot read the folder `PATH`: ENOENT'],
    ['a-file', (path) => writeFileSync(path, 'x'), 'error: `PATH` is not a folder'],
    [
      'empty',
      (path) => mkdirSync(join(path, 'within'), { recursive: true }),
      'error: there are no files in `PATH`',
    ],
    [
      'not-utf-8',
      (path) => {
        mkdirSync(path);
        writeFileSync(Buffer.concat([Buffer.from(`${path}/`), Buffer.from([0xff, 0xfe])]), 'x');
      },
      'error: cannot read the files in `PATH`: ENOENT',
    ],
    [
      'deep',
      (path) => {
        mkdirSync(deep(path), { recursive: true });
        writeFileSync(join(deep(path), 'file'), 'x');
      },
      'is too long for a key',
    ],
  ];
  test.each(refused)('%s is refused, before anything is begun', async (name, make, message) => {
    const path = join(folder, name);
    make(path);
    const { exit, out, err } = await demo('--files', path);
    expect({ exit, out }).toEqual({ exit: 2, out: '' });
    const lines = err.trimEnd().split('\n');
    expect(lines[0]).toContain(message.replace('PATH', path));
    expect(lines[1]).toMatch(/^help: /);
    expect(lines).toHaveLength(2);
  });
});

test("nothing of the user's own configuration gets in its way", async () => {
  const command = resolve(import.meta.dirname, '../../../bin/crossbucket.js');
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [command, 'demo', '--json'], {
    timeout: 15_000,
    env: {
      PATH: process.env['PATH'],
      HOME: '/nonexistent',
      AWS_PROFILE: 'missing',
      AWS_REGION: 'eu-central-1',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
      AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9',
      AWS_CONFIG_FILE: '/nonexistent/config',
      AWS_ACCESS_KEY_ID: 'AKIAWRONG00000000000',
      AWS_SECRET_ACCESS_KEY: 'wrong',
      AWS_SESSION_TOKEN: 'wrong',
      HTTP_PROXY: 'http://127.0.0.1:9',
    },
  });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toMatchObject({ ok: true });
});
