import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { run } from '../main.ts';
import type { Terminal } from '../terminal.ts';
import type { DemoReport } from '../../demo/report.ts';

let folder: string;
let output: { out: string; err: string };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossbucket-test-'));
  output = { out: '', err: '' };
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function terminal(): Terminal {
  const into = (name: 'out' | 'err') =>
    new Writable({
      write(bytes: Buffer, _, done) {
        output[name] += bytes.toString();
        done();
      },
    });
  const plain = { bold: String, dim: String, green: String, red: String };
  return { out: into('out'), err: into('err'), style: plain };
}

describe('crossbucket demo', () => {
  test('prints its steps and trail as data, each as expected', async () => {
    expect(await run(['demo', '--json'], terminal())).toBe(0);
    const report = JSON.parse(output.out) as DemoReport;
    expect(report.ok).toBe(true);
    for (const step of report.steps) expect(step).toMatchObject({ ok: true, actual: step.expected });
    const denied = report.steps.filter(({ actual }) => actual === 'AccessDenied');
    expect(denied.length).toBeGreaterThanOrEqual(5);
    for (const { detail } of denied)
      expect(detail).toMatch(/^account \d{12}, .+: no statement allows \w+:\w+/);
    const shared = report.trail.filter(({ sharedEventID }) => sharedEventID !== undefined);
    expect(new Set(shared.map(({ recipientAccountId }) => recipientAccountId)).size).toBeGreaterThan(1);
  });

  test("takes the user's own files, whatever they are called", async () => {
    mkdirSync(join(folder, 'a b', '+%'), { recursive: true });
    for (const name of ['plain.txt', 'a b/ü ñ 漢.csv', 'a b/+%/100%+1.bin', 'empty'])
      writeFileSync(join(folder, name), name === 'empty' ? '' : name.repeat(20_000));
    expect(await run(['demo', '--json', '--files', folder], terminal())).toBe(0);
    const report = JSON.parse(output.out) as DemoReport;
    expect(report.steps.filter(({ actual }) => actual === '4 files the same')).toHaveLength(2);
  });

  test('shows people the same', async () => {
    expect(await run(['demo'], terminal())).toBe(0);
    expect(output.out).toContain('Route bucket-policy');
    expect(output.out).toContain('Route role');
    expect(output.out).toContain('seen by 111111111111 and 222222222222');
    expect(output.out).toMatch(/All \d+ steps came out as expected/);
    expect(output.err).toBe('');
  });

  test.each([
    ['a folder that is not there', () => join(folder, 'absent'), /cannot read the folder .+: ENOENT/],
    [
      'a file',
      () => {
        writeFileSync(join(folder, 'file'), '');
        return join(folder, 'file');
      },
      /is not a folder/,
    ],
    ['an empty folder', () => folder, /there are no files in/],
  ])('refuses %s in one line, with what to do', async (_, path, message) => {
    expect(await run(['demo', '--files', path()], terminal())).toBe(2);
    expect(output.out).toBe('');
    expect(output.err).toMatch(message);
    expect(output.err).toMatch(/\nhelp: /);
    expect(output.err.trim().split('\n')).toHaveLength(2);
  });
});
