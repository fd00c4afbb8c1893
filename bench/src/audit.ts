import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { script } from './children.ts';
import { canMeasure, measure, type Cost } from './measured.ts';
import { printRows, type Row } from './report.ts';

/** About this many calls make 400,000 records, both sides' copies among them. */
const CALLS = Number(process.env['AUDIT_CALLS'] ?? 313_200);
const FILES = 190;

/** First read and repeated question, beside what people would write themselves. */
export async function benchAudit(): Promise<void> {
  if (!canMeasure()) {
    process.stdout.write('\nAudit: skipped, for there is no /usr/bin/time\n');
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'crossbucket-bench-'));
  try {
    const records = await generate(join(folder, 'logs'));
    const cache = join(folder, 'cache');
    const command = fileURLToPath(new URL('../../packages/crossbucket/bin/crossbucket.js', import.meta.url));
    const asking = (logs: string) => [
      process.execPath,
      command,
      'audit',
      'access',
      '--source',
      logs,
      '--json',
    ];
    const ask = asking(join(folder, 'logs'));
    const env = { ...process.env, XDG_CACHE_HOME: cache };
    const first = await measure(ask, env);
    const again = await measure(ask, env);
    await generate(join(folder, 'one'), { calls: CALLS / 6, days: 1, files: 1, trails: ['222222222222'] });
    const one = await measure(asking(join(folder, 'one')), env);
    const by = (kind: string): Promise<Cost> =>
      measure([process.execPath, script('audit-yardstick.js'), kind, join(folder, 'logs')], env);
    const yardsticks: [string, Cost][] = [
      ['gunzip and JSON.parse', await by('parse')],
      ['read_json of DuckDB', await by('duckdb')],
      [
        'jq',
        await measure(
          [
            'bash',
            '-c',
            `find ${join(folder, 'logs')} -name '*.gz' -print0 | xargs -0 zcat | jq -c '.Records[] | [.userIdentity.accountId, .eventName]' | sort | uniq -c | wc -l`,
          ],
          env,
        ),
      ],
    ];
    const [name, best] = yardsticks.toSorted(([, one], [, other]) => one.cpu - other.cpu)[0]!;
    const rate = (run: Cost): number => records / run.cpu;
    const rows: Row[] = [
      {
        name: 'first read, records per CPU second',
        value: rate(first),
        unit: '/s',
        yardstick: { name, value: rate(best) },
      },
      ...yardsticks.map(([which, run]): Row => ({ name: `  ${which}`, value: rate(run), unit: '/s' })),
      { name: 'to inflate alone', value: rate(await by('inflate')), unit: '/s' },
      { name: 'the same question again', value: again.wall * 1000, unit: 'ms' },
      { name: 'peak memory of the first read', value: first.memory, unit: 'MiB' },
      { name: 'peak memory, all of it in one file', value: one.memory, unit: 'MiB' },
    ];
    printRows(`Audit, ${records.toLocaleString('en-US')} records`, rows);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Shape {
  calls: number;
  days: number;
  files: number;
  /** Accounts whose trails these are. */
  trails?: string[];
}

interface Generator {
  generateLogs(options: Shape & { seed: number }): {
    files: { records: unknown[] }[];
  };
  writeLogs(folder: string, files: unknown[]): void;
}

/** It stands under `test/`, outside this project, and is built into a folder beside this one. */
async function generate(
  folder: string,
  shape: Shape = { calls: CALLS, days: 10, files: FILES },
): Promise<number> {
  const url = new URL('cloudtrail-logs/index.js', import.meta.url).href;
  const { generateLogs, writeLogs } = (await import(url)) as Generator;
  const { files } = generateLogs({ seed: 7, ...shape });
  writeLogs(folder, files);
  return files.reduce((sum, file) => sum + file.records.length, 0);
}
