import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generateLogs, ROLES, writeLogs, type Call } from '../../../../../test/cloudtrail-logs/index.ts';
import { run } from '../main.ts';

const folder = mkdtempSync(join(tmpdir(), 'crossbucket-grants-'));
const logs = join(folder, 'logs');
const config = join(folder, 'crossbucket.yaml');
const generated = generateLogs({ seed: 6, calls: 4000, days: 3, files: 8 });

const CONFIG = `
accounts:
  app: { id: "111111111111" }
  data: { id: "222222222222" }
grants:
  - name: reports-reader
    bucket: data/acme-reports
    to: app
    principals: [role/report-service, user/app-user, role/deploy, role/nobody]
    access: { read: ["*"], write: ["*"], delete: ["*"], list: ["*"], actions: [s3:GetBucketPolicy] }
  - name: direct
    bucket: data/acme-raw
    to: app
    principals: [user/app-user, role/report-service]
    access: { read: ["incoming/*", "other/*"], list: ["*"] }
    route: bucket-policy
`;

beforeAll(() => {
  writeLogs(logs, generated.files);
  writeFileSync(config, CONFIG);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function audit(...argv: string[]) {
  let out = '';
  let err = '';
  const into = (put: (text: string) => void) =>
    new Writable({
      write(chunk: Buffer, _, done) {
        put(chunk.toString());
        done();
      },
    });
  const style = { bold: String, dim: String, green: String, red: String };
  const sinks = {
    out: into((text) => {
      out += text;
    }),
    err: into((text) => {
      err += text;
    }),
  };
  const exit = await run(['audit', ...argv, '--source', logs, '--no-cache', '--config', config], {
    ...sinks,
    style,
  });
  return { exit, out, err };
}

const byReader = ({ caller, bucket, error }: Call) =>
  bucket?.name === 'acme-reports' &&
  caller.kind === 'session' &&
  caller.session.role === ROLES.reader &&
  error?.code !== 'AccessDenied';

test('grants: what was used, what was not, who never came', async () => {
  const { exit, out } = await audit('grants', '--json');
  const { grants } = JSON.parse(out) as {
    grants: { grant: string; calls: number; absent: string[]; unused: { pattern: string }[] }[];
  };
  expect(exit).toBe(1);
  expect(grants).toMatchObject([
    {
      grant: 'reports-reader',
      calls: generated.calls.filter(byReader).length,
      absent: ['arn:aws:iam::111111111111:role/nobody'],
      unused: [],
    },
    { grant: 'direct', absent: [], unused: [{ pattern: 'other/*' }] },
  ]);
});

test('shrink: the least that covers the use, and the proof', async () => {
  const { exit, out } = await audit('shrink', 'reports-reader', '--days', '3', '--json');
  const report = JSON.parse(out) as {
    access: Record<string, string[]>;
    principals: string[];
    absent: string[];
    replay: { allowed: number; denied: unknown[] };
    diffs: { document: string }[];
  };
  expect(exit).toBe(1);
  expect(report.access).toEqual({
    read: ['exports/*', 'reports/*'],
    write: ['exports/*', 'reports/*'],
    delete: ['exports/*', 'reports/*'],
    list: ['exports/*', 'reports/*'],
    actions: ['s3:GetBucketPolicy'],
  });
  expect(report.principals).toEqual(['role/report-service', 'user/app-user', 'role/deploy']);
  expect(report.replay).toEqual({ allowed: generated.calls.filter(byReader).length, denied: [] });
  expect(report.diffs.map(({ document }) => document)).toEqual(["role's policy", 'trust policy']);
});

test('shrink says so where too few days were seen', async () => {
  const { exit, out } = await audit('shrink', 'reports-reader');
  expect(exit).toBe(1);
  expect(out).toContain('3 days are seen, and 14 are asked for');
  expect(out).toContain('Proved');
});

test('a call that the smaller grant would deny is never hidden', async () => {
  // The grant that the logs are replayed against never allowed what was done by it.
  writeFileSync(config, CONFIG.replace('write: ["*"], ', ''));
  const { out } = await audit('shrink', 'reports-reader', '--days', '3', '--json');
  const { replay } = JSON.parse(out) as { replay: { denied: { action: string }[] } };
  expect(new Set(replay.denied.map(({ action }) => action))).toEqual(new Set(['PutObject']));
  writeFileSync(config, CONFIG);
});

test('a grant that is not there', async () => {
  const { exit, err } = await audit('shrink', 'nothing');
  expect({ exit, says: err.includes('there is no grant `nothing`') }).toEqual({ exit: 2, says: true });
});
