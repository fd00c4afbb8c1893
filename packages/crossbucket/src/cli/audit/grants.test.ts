import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  accountOf,
  generateLogs,
  ROLES,
  writeLogs,
  type Call,
} from '../../../../../test/cloudtrail-logs/index.ts';
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
    access: # what it may do
      read: ["*"] # everything
      write: ["*"]
      delete: ["*"]
      list: ["*"]
      tagging: true
      actions: [s3:GetBucketPolicy, s3:GetBucketTagging, s3:GetObjectAcl]
      on: ["reports/*"]
  - name: direct
    bucket: data/acme-raw
    to: app
    principals: [user/app-user, role/report-service, user/gone] # who
    access: { read: ["incoming/*", "other/*"], list: ["*"] }
    route: bucket-policy
`;

beforeAll(() => {
  writeLogs(logs, generated.files);
  writeFileSync(config, CONFIG);
});
afterAll(() => rmSync(folder, { recursive: true }));

const from = (argv: string[]) => (argv.includes('--source') ? argv : [...argv, '--source', logs]);

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
  const exit = await run(['audit', ...from(argv), '--no-cache', '--config', config], {
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
      unusedActions: ['s3:GetBucketTagging', 's3:GetObjectAcl', 'tagging'],
    },
    {
      grant: 'direct',
      absent: ['arn:aws:iam::111111111111:user/gone'],
      unused: [{ pattern: 'other/*' }],
      unusedActions: [],
    },
  ]);
});

test('grants: each pattern, action and principal with its calls, as they were made', async () => {
  const { out } = await audit('grants', '--json');
  const { grants } = JSON.parse(out) as {
    grants: {
      patterns: { level: string; pattern: string; calls: number }[];
      actions: { name: string; calls: number }[];
      principals: { arn: string; calls: number }[];
    }[];
  };
  const used = generated.calls.filter(byReader);
  const count = (...names: string[]) => used.filter(({ name }) => names.includes(name)).length;
  expect(grants[0]!.patterns).toMatchObject([
    { level: 'read', calls: count('GetObject') },
    { level: 'write', calls: count('PutObject') },
    { level: 'delete', calls: count('DeleteObject') },
    { level: 'list', calls: count('ListObjects') },
  ]);
  expect(grants[0]!.actions[0]).toMatchObject({
    name: 's3:GetBucketPolicy',
    calls: count('GetBucketPolicy'),
  });
  const bySession = new Map<string, number>();
  for (const { caller } of used) {
    const by = caller.kind === 'session' && caller.session.logged ? caller.session.by.caller : undefined;
    const who = by?.kind === 'session' ? by.session.role.arn : by?.kind === 'user' ? by.user.arn : '';
    bySession.set(who, (bySession.get(who) ?? 0) + 1);
  }
  expect(Object.fromEntries(grants[0]!.principals.map(({ arn, calls }) => [arn, calls]))).toEqual(
    Object.fromEntries(bySession),
  );
  const raw = generated.calls.filter(
    ({ bucket, caller, error, key, name }) =>
      bucket?.name === 'acme-raw' &&
      accountOf(caller) === '111111111111' &&
      error?.code !== 'AccessDenied' &&
      name === 'GetObject' &&
      key!.startsWith('incoming/'),
  );
  expect(grants[1]!.patterns[0]).toMatchObject({ level: 'read', pattern: 'incoming/*', calls: raw.length });
  const { out: rows } = await audit('grants', '--format', 'csv');
  expect(rows).toContain(`direct,read,incoming/*,${raw.length},`);
});

interface Report {
  access: Record<string, string[]>;
  principals: string[];
  absent: string[];
  kept?: string;
  removed: { part: string; value: string; becomes: string[] }[];
  replay: { allowed: number; denied: { action: string }[]; unclear: unknown[] };
  diffs: { document: string }[];
  diff: string;
  written: boolean;
}

test('shrink: the least that covers the use, and the proof', async () => {
  const { exit, out } = await audit('shrink', 'reports-reader', '--days', '3', '--json');
  const report = JSON.parse(out) as Report;
  expect(exit).toBe(1);
  expect(report.access).toEqual({
    read: ['exports/*', 'reports/*'],
    write: ['exports/*', 'reports/*'],
    delete: ['exports/*', 'reports/*'],
    list: ['exports/*', 'reports/*'],
    actions: ['s3:GetBucketPolicy'],
  });
  // Sessions that began out of sight may be of whoever was not seen.
  expect(report.principals).toContain('role/nobody');
  expect(report.kept).toMatch(/\d+ calls were made by callers that no record names/);
  expect(report.replay).toEqual({
    allowed: generated.calls.filter(byReader).length,
    denied: [],
    unclear: [],
  });
  expect(report.diffs.map(({ document }) => document)).toContain("role's policy");
  const gone = report.removed.filter(({ becomes }) => becomes.length === 0).map(({ value }) => value);
  expect(gone).toEqual(['tagging', 's3:GetBucketTagging', 's3:GetObjectAcl']);
});

test('shrink by bucket policy: whoever never came is left out, where all callers are known', async () => {
  const { out } = await audit('shrink', 'direct', '--days', '3', '--json');
  const report = JSON.parse(out) as Report;
  expect(report).toMatchObject({
    access: { read: ['incoming/*'] },
    principals: ['user/app-user', 'role/report-service'],
    absent: ['arn:aws:iam::111111111111:user/gone'],
    written: false,
  });
  expect(report.kept).toBeUndefined();
});

test('the diff is of the file, and --write makes it so, comments and all', async () => {
  writeFileSync(
    config,
    CONFIG.replace(
      'tagging: true\n      actions: [s3:GetBucketPolicy, s3:GetBucketTagging, s3:GetObjectAcl]\n      on: ["reports/*"]',
      'actions: [s3:GetBucketPolicy]',
    ),
  );
  chmodSync(config, 0o600);
  const { out } = await audit('shrink', 'reports-reader', '--days', '3', '--json');
  const { diff } = JSON.parse(out) as Report;
  expect(diff).toContain('-      read: ["*"] # everything\n');
  const { exit, out: text } = await audit('shrink', 'reports-reader', '--days', '3', '--write');
  expect({ exit, text }).toMatchObject({ exit: 0, text: expect.stringContaining('is changed') });
  const written = readFileSync(config, 'utf8');
  expect(statSync(config).mode & 0o777).toBe(0o600);
  expect(written).toContain('read: [exports/*, reports/*] # everything');
  expect(written).toContain('access: # what it may do');
  expect(written).toContain('user/gone] # who');
  const again = await audit('shrink', 'reports-reader', '--days', '3');
  expect({ exit: again.exit, text: again.out }).toMatchObject({
    exit: 0,
    text: expect.stringContaining('as small as its use'),
  });
  writeFileSync(config, CONFIG);
});

test('nothing is written that is not proved, or was seen for too short a time', async () => {
  const { exit } = await audit('shrink', 'reports-reader', '--write');
  expect({ exit, text: readFileSync(config, 'utf8') }).toEqual({ exit: 1, text: CONFIG });
});

test('a grant that nobody used is for revoking, not for shrinking', async () => {
  writeFileSync(config, CONFIG.replace('data/acme-raw', 'data/acme-unheard-of'));
  const { exit, out } = await audit('shrink', 'direct', '--days', '3', '--write');
  expect({ exit, out }).toMatchObject({
    exit: 1,
    out: expect.stringContaining('crossbucket grant revoke direct'),
  });
  writeFileSync(config, CONFIG);
});

test('nothing is proved by files that are not whole, by some of the calls, or by LookupEvents', async () => {
  const cut = join(logs, 'cut.json');
  writeFileSync(cut, '{"Records":[{"eventVersion":"1.08",');
  const damaged = await audit('shrink', 'direct', '--days', '3', '--write');
  expect({ ...damaged, text: readFileSync(config, 'utf8') }).toMatchObject({
    exit: 1,
    out: expect.stringContaining('1 files could not be read to their end'),
    text: CONFIG,
  });
  rmSync(cut);
  const limited = await audit('shrink', 'direct', '--days', '3', '--write', '--action', 's3:GetObject');
  expect({ ...limited, text: readFileSync(config, 'utf8') }).toMatchObject({
    exit: 1,
    out: expect.stringContaining('--action left calls out'),
    text: CONFIG,
  });
  const { exit, err } = await audit('shrink', 'direct', '--source', 'lookup');
  expect({ exit, err }).toMatchObject({ exit: 2, err: expect.stringContaining('LookupEvents') });
});

test('shrink says so where too few days were seen', async () => {
  const { exit, out } = await audit('shrink', 'reports-reader');
  expect(exit).toBe(1);
  expect(out).toContain('3 days are seen, and 14 are asked for');
  expect(out).toContain('Proved');
});

test('a call that the grant as it is does not allow is never hidden', async () => {
  writeFileSync(config, CONFIG.replace('      write: ["*"]\n', ''));
  const { out } = await audit('shrink', 'reports-reader', '--days', '3', '--json');
  const { replay } = JSON.parse(out) as Report;
  expect(new Set(replay.denied.map(({ action }) => action))).toEqual(new Set(['PutObject']));
  expect(replay.denied[0]).toMatchObject({ already: true });
  writeFileSync(config, CONFIG);
});

test('a grant that is not there', async () => {
  const { exit, err } = await audit('shrink', 'nothing');
  expect({ exit, says: err.includes('there is no grant `nothing`') }).toEqual({ exit: 2, says: true });
});
