import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  generateLogs,
  HOSTILE_KEYS,
  trueAccess,
  writeLogs,
} from '../../../../../test/cloudtrail-logs/index.ts';
import { run } from '../main.ts';

const folder = mkdtempSync(join(tmpdir(), 'crossbucket-audit-cli-'));
const logs = join(folder, 'logs');
const { calls, files } = generateLogs({ seed: 5, calls: 3000, days: 2, files: 8 });
const cacheBefore = process.env['XDG_CACHE_HOME'];

beforeAll(() => {
  writeLogs(logs, files);
  process.env['XDG_CACHE_HOME'] = join(folder, 'cache');
});
afterAll(() => {
  if (cacheBefore === undefined) delete process.env['XDG_CACHE_HOME'];
  else process.env['XDG_CACHE_HOME'] = cacheBefore;
  rmSync(folder, { recursive: true });
});

async function crossbucket(...argv: string[]) {
  const written = { out: '', err: '' };
  const sink = (name: 'out' | 'err') =>
    new Writable({
      write(chunk: Buffer, _, done) {
        written[name] += chunk.toString();
        done();
      },
    });
  const style = { bold: String, dim: String, green: String, red: String };
  const exit = await run(argv, { out: sink('out'), err: sink('err'), style });
  return { exit, ...written };
}

/** Who is in the logs, and what they may: the stranger nothing, and the owner's user everything. */
const STATE = `
state: 1
accounts:
  - id: "111111111111"
    name: app
    users: [{ name: app-user }]
    roles: [{ name: report-service, trust: { Version: "2012-10-17", Statement: [] } }]
  - id: "222222222222"
    name: data
    users:
      - name: owner-user
        policies:
          all: { Version: "2012-10-17", Statement: [{ Effect: Allow, Action: "s3:*", Resource: "*" }] }
    roles:
      - name: reports-reader
        trust:
          Version: "2012-10-17"
          Statement: [{ Effect: Allow, Principal: { AWS: "111111111111" }, Action: "sts:AssumeRole" }]
    buckets: [{ name: acme-reports, region: eu-west-1 }, { name: acme-raw }, { name: acme-site }]
  - id: "333333333333"
    name: partner
    users: [{ name: stranger }, { name: partner-user }]
`;

const ask = (...argv: string[]) => crossbucket('audit', ...argv, '--source', logs);

test('access as JSON has every group, and a summary', async () => {
  const { exit, out } = await ask('access', '--json');
  const { access, summary } = JSON.parse(out) as {
    access: unknown[];
    summary: { files: number; problems: unknown[] };
  };
  expect(exit).toBe(0);
  expect(access).toHaveLength(Object.keys(trueAccess(calls)).length);
  expect(summary).toMatchObject({ files: files.length, problems: [] });
});

test('the second question is answered from the cache', async () => {
  await ask('access');
  const { err } = await ask('top', '--by', 'day');
  expect(err).toContain(`${files.length} of them read before`);
});

describe('texts of records are never obeyed', () => {
  const sql =
    "SELECT object_key FROM events WHERE object_key LIKE '%SUM%' OR object_key LIKE '%HYPER%' OR object_key LIKE '%title%' OR object_key LIKE '%-2+3%'";

  test('as escapes, in no format', async () => {
    for (const format of ['text', 'csv']) {
      const { out } = await ask('sql', sql, '--format', format);
      expect(out.length).toBeGreaterThan(50);
      // eslint-disable-next-line no-control-regex -- these are what must not come out
      expect(out).not.toMatch(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/);
    }
  });

  test('as control characters that JSON leaves as they are', async () => {
    const { out } = await ask('sql', 'SELECT chr(155) || chr(127) AS v', '--json');
    expect(out).toContain('{"v":"\\u009b\\u007f"}');
  });

  test('as formulas of a spreadsheet', async () => {
    const values = HOSTILE_KEYS.map((key) => `('${key.replaceAll("'", "''")}')`).join(', ');
    const { out } = await ask('sql', `SELECT * FROM (VALUES ${values}) AS t(v)`, '--format', 'csv');
    const fields = out.trimEnd().split('\r\n').slice(1);
    expect(fields).toHaveLength(HOSTILE_KEYS.length);
    for (const field of fields) expect(field).not.toMatch(/^"?[=+\-@]/);
  });
});

test('denials are an answer of no', async () => {
  const { exit, out } = await ask('denied', '--json');
  expect(exit).toBe(1);
  expect((JSON.parse(out) as { denied: unknown[] }).denied.length).toBeGreaterThan(0);
});

describe('denials explained by a state file of then', () => {
  const state = join(folder, 'state.yaml');
  beforeAll(() => writeFileSync(state, STATE));

  interface Denied {
    service: string;
    principal: string;
    action: string;
    role: string | null;
    target: string | null;
    outcome_now: string;
    causes: {
      code: string;
      account?: string;
      fixes: { outcome?: string; summary: string; patch?: object }[];
    }[];
    evidence: { agrees: boolean; contradiction?: string };
  }

  const explained = async (...more: string[]) =>
    JSON.parse((await ask('denied', '--state', state, '--json', ...more)).out) as { denied: Denied[] };

  test('each side that lacks an Allow is a cause, with a fix that is proved', async () => {
    const { denied } = await explained('--principal', 'user/stranger', '--action', 'GetObject');
    expect(denied.length).toBeGreaterThan(2);
    for (const group of denied) {
      expect(group.outcome_now).toBe('deny');
      expect(group.causes.map(({ code, account }) => `${code} ${account}`).toSorted()).toEqual([
        'identity-policy-missing-allow 333333333333',
        'resource-policy-missing-allow 222222222222',
      ]);
      for (const { fixes } of group.causes) expect(fixes[0]).toMatchObject({ patch: {} });
    }
  });

  test('a role that would not be assumed: its trust policy', async () => {
    const { denied } = await explained('--principal', 'user/stranger', '--action', 'AssumeRole');
    expect(denied).toMatchObject([
      { service: 'sts', target: 'arn:aws:iam::222222222222:role/reports-reader', outcome_now: 'deny' },
    ]);
    expect(denied[0]!.causes.map(({ code }) => code)).toContain('trust-policy-missing-allow');
  });

  test('where the documents allow it, they are held against what AWS said', async () => {
    const { denied } = await explained('--principal', 'user/owner-user', '--action', 'GetObject');
    const own = denied.filter(({ role }) => role === null);
    expect(own.length).toBeGreaterThan(0);
    for (const { evidence } of own)
      expect(evidence).toMatchObject({ agrees: false, claim: 'identity-policy-missing-allow' });
  });

  test('as text and CSV', async () => {
    const of = ['--state', state, '--principal', 'user/stranger', '--action', 'GetObject'];
    const { out } = await ask('denied', ...of);
    expect(out).toMatch(/fix \(333333333333, .+\): .*s3:GetObject/);
    const { out: rows } = await ask('denied', ...of, '--format', 'csv');
    expect(rows.split('\r\n', 1)[0]).toMatch(/,outcome_now,reason,causes,fix$/);
  });

  test('without accounts it says how to have them explained', async () => {
    const { err } = await ask('denied');
    expect(err).toContain('--state FILE');
  });

  test('a state file that is not there', async () => {
    const { exit, err } = await ask('denied', '--state', join(folder, 'none.yaml'));
    expect({ exit, says: err.includes('cannot read the state file') }).toEqual({ exit: 2, says: true });
  });
});

test('what cannot be read is named, and the rest is answered', async () => {
  const place = join(folder, 'bad');
  writeLogs(place, files.slice(0, 1));
  const whole = readFileSync(join(place, files[0]!.key));
  writeFileSync(join(place, 'cut.json.gz'), whole.subarray(0, 3000));
  writeFileSync(
    join(place, 'torn.json.gz'),
    Buffer.concat([whole.subarray(0, 500), Buffer.alloc(500, 7), whole.subarray(900)]),
  );
  writeFileSync(join(place, 'note.json'), 'not JSON at all');
  writeFileSync(join(place, 'other.json'), '{"a": [1, 2]}');
  writeFileSync(join(place, 'again.json.gz'), whole);
  const { exit, out, err } = await crossbucket('audit', 'top', '--source', place, '--json');
  const { top, summary } = JSON.parse(out) as {
    top: { calls: number }[];
    summary: { problems: { file: string; kind: string }[] };
  };
  expect(exit).toBe(0);
  expect(summary.problems.map(({ file, kind }) => [file, kind]).toSorted()).toEqual([
    ['cut.json.gz', 'broken'],
    ['note.json', 'not-json'],
    ['other.json', 'no-records'],
    ['torn.json.gz', 'broken'],
  ]);
  expect(err.match(/note: /g)).toHaveLength(4);
  const alone = JSON.parse(
    (await crossbucket('audit', 'top', '--source', join(place, files[0]!.key), '--json')).out,
  ) as { top: unknown };
  // The same records once more, whole or in part, are the same calls.
  expect(top).toEqual(alone.top);
});

test.each(['text', 'csv', 'json', 'sarif'])('findings as %s', async (format) => {
  const { exit, out } = await ask('findings', '--format', format);
  expect(exit).toBeLessThan(2);
  expect(out).toContain('role-chained');
  // eslint-disable-next-line no-control-regex -- these are what must not come out
  expect(out).not.toMatch(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/);
});

describe('misuse is said in two lines', () => {
  test.each([
    [['access'], 'there is nothing to read'],
    [['access', '--source', '/nowhere/at/all'], 'cannot be read'],
    [['access', '--source', '.', '--since', 'soon'], 'is no time'],
    [['top', '--by', 'moon', '--source', '.'], 'is nothing to count by'],
    [['access', '--source', 's3://'], 'names no bucket'],
    [['watch', '--source', '-'], 'there is nothing to watch then'],
    [['verify', '--source', '.'], 'digests are checked where they were delivered'],
    [['sql', 'SELECT nothing FROM events', '--source', '.'], 'nothing'],
  ])('%j', async (argv, message) => {
    const { exit, out, err } = await crossbucket(
      'audit',
      ...argv.map((word) => (word === '.' ? logs : word)),
    );
    expect({ exit, out }).toEqual({ exit: 2, out: '' });
    expect(err).toContain(message);
    expect(err).toContain('help: ');
  });
});

test.each(['access', 'sessions', 'top', 'denied', 'sql', 'findings', 'grants', 'shrink', 'watch', 'setup'])(
  'audit %s --help has an example',
  async (name) => {
    const { exit, out } = await crossbucket('audit', name, '--help');
    expect({ exit, has: out.includes(`$ crossbucket audit ${name}`) }).toEqual({ exit: 0, has: true });
  },
);
