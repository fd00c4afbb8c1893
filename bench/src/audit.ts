import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { script } from './children.ts';
import { printRows, type Row } from './report.ts';

/** About this many calls make 400,000 records, both sides' copies among them. */
const CALLS = Number(process.env['AUDIT_CALLS'] ?? 313_200);
const FILES = 190;

/** A module that has a process say how much memory it has taken, at its end. */
const PEAK_MEMORY = `data:text/javascript,${encodeURIComponent(
  'process.on("exit", () => process.stderr.write(`peak ${process.resourceUsage().maxRSS} KB\\n`))',
)}`;

interface Run {
  /** Seconds of CPU, user and system together. */
  cpu: number;
  /** Milliseconds. */
  wall: number;
  /** Megabytes at most, where the process says it. */
  peak: number;
  output: string;
}

/** First read and repeated question, beside what people would write themselves. */
export async function benchAudit(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'crossbucket-bench-'));
  try {
    const records = await generate(join(folder, 'logs'));
    const cache = join(folder, 'cache');
    const command = fileURLToPath(new URL('../../packages/crossbucket/bin/crossbucket.js', import.meta.url));
    const node = [process.execPath, '--import', PEAK_MEMORY, command];
    const asking = (logs: string) => node.concat('audit', 'access', '--source', logs, '--json');
    const ask = asking(join(folder, 'logs'));
    const first = measure(ask, { XDG_CACHE_HOME: cache });
    const again = measure(ask, { XDG_CACHE_HOME: cache });
    await generate(join(folder, 'one'), { calls: CALLS / 6, days: 1, files: 1, trails: ['222222222222'] });
    const one = measure(asking(join(folder, 'one')), { XDG_CACHE_HOME: cache });
    const by = (kind: string): Run =>
      measure([process.execPath, script('audit-yardstick.js'), kind, join(folder, 'logs')]);
    const yardsticks: [string, Run][] = [
      ['gunzip and JSON.parse', by('parse')],
      ['read_json of DuckDB', by('duckdb')],
      [
        'jq',
        measure([
          'bash',
          '-c',
          `find ${join(folder, 'logs')} -name '*.gz' -print0 | xargs -0 zcat | jq -c '.Records[] | [.userIdentity.accountId, .eventName]' | sort | uniq -c | wc -l`,
        ]),
      ],
    ];
    const [name, best] = yardsticks.toSorted(([, one], [, other]) => one.cpu - other.cpu)[0]!;
    const rate = (run: Run): number => records / run.cpu;
    const rows: Row[] = [
      {
        name: 'first read, records per CPU second',
        value: rate(first),
        unit: '/s',
        yardstick: { name, value: rate(best) },
      },
      ...yardsticks.map(([which, run]): Row => ({ name: `  ${which}`, value: rate(run), unit: '/s' })),
      { name: 'to inflate alone', value: rate(by('inflate')), unit: '/s' },
      { name: 'the same question again', value: again.wall, unit: 'ms' },
      { name: 'peak memory of the first read', value: first.peak, unit: 'MB' },
      { name: 'peak memory, all of it in one file', value: one.peak, unit: 'MB' },
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

/** Runs a command, with the CPU time of all its processes. */
function measure(command: readonly string[], env: NodeJS.ProcessEnv = {}): Run {
  const started = performance.now();
  const { stdout, stderr, status } = spawnSync(
    'bash',
    ['-c', 'TIMEFORMAT="%U %S"; time "$@"', 'bash', ...command],
    { encoding: 'utf8', env: { ...process.env, ...env }, maxBuffer: 2 ** 30 },
  );
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}: ${stderr}`);
  const wall = performance.now() - started;
  const [, user = '0', system = '0'] = /^([\d.]+) ([\d.]+)$/m.exec(stderr) ?? [];
  const [, peak = '0'] = /^peak (\d+) KB$/m.exec(stderr) ?? [];
  return { cpu: Number(user) + Number(system), wall, peak: Number(peak) / 1024, output: stdout };
}
