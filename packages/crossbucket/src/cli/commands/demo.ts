import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import type { DemoFile } from '../../demo/files.ts';
import type { DemoReport, DemoStep, TrailLine } from '../../demo/report.ts';
import { UsageError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import type { CommandContext } from '../main.ts';
import { printable, type Terminal } from '../terminal.ts';
import { describe, readiness, untilStopped } from './sandbox.ts';

interface Options {
  files?: string;
  json?: boolean;
  keep?: boolean;
}

export function addDemo(program: Command, { terminal, finish }: CommandContext): void {
  program
    .command('demo')
    .description(
      'the main job, start to end: read a bucket of another account, by both routes, on an AWS on localhost',
    )
    .option(
      '--files <dir>',
      'folder whose files are put into the bucket, in place of the data set that is shipped',
    )
    .option('--keep', 'leave the sandbox running at the end, and print how to reach it')
    .option('--json', 'print the steps and the trail as JSON')
    .addHelpText('after', '\nExample:\n  $ crossbucket demo --files ./my-reports --keep\n')
    .action(async (options: Options) => {
      finish(await demo(options, terminal));
    });
}

async function demo(options: Options, terminal: Terminal) {
  const [{ runDemo }, { trailLines }, { Stage }] = await Promise.all([
    import('../../demo/run-demo.ts'),
    import('../../demo/report.ts'),
    import('../../demo/stage.ts'),
  ]);
  const files = await filesOf(options.files);
  const show = options.json ? terminal.err : terminal.out;
  const stopped = options.keep ? untilStopped() : undefined;
  const stage = await Stage.set();
  try {
    const steps: DemoStep[] = [];
    for await (const step of runDemo(stage, files)) {
      if (!options.json) show.write(stepLines(step, steps.at(-1)?.group, terminal));
      steps.push(step);
    }
    const trail = stage.sandbox.records('data');
    const report: DemoReport = { ok: steps.every(({ ok }) => ok), steps, trail };
    if (options.json)
      terminal.out.write(
        `${JSON.stringify({ ...report, ...(stopped && { sandbox: readiness(stage.sandbox) }) })}\n`,
      );
    else show.write(`${trailTable(trailLines(trail), terminal)}${summary(report, terminal)}`);
    if (stopped) {
      if (!options.json) show.write(`\n${describe(stage.sandbox, terminal)}`);
      await stopped;
    }
    return report.ok ? EXIT.done : EXIT.no;
  } finally {
    await stage.sandbox.close();
  }
}

async function filesOf(folder: string | undefined): Promise<DemoFile[]> {
  const { findFiles, SHIPPED_FILES } = await import('../../demo/files.ts');
  if (folder !== undefined) await requireFolder(folder);
  const from = folder ?? SHIPPED_FILES;
  const files = await findFiles(from).catch((cause: Error) => {
    const help = 'name a folder whose files you may read, with names in UTF-8';
    throw new UsageError(`cannot read the files in \`${from}\`: ${cause.message}`, help, { cause });
  });
  if (files.length === 0)
    throw new UsageError(`there are no files in \`${from}\``, 'name a folder with files in it');
  const long = files.find(({ key }) => Buffer.byteLength(key) > LONGEST_KEY);
  if (long === undefined) return files;
  throw new UsageError(
    `the path \`${long.path}\` is too long for a key`,
    `a key has at most ${LONGEST_KEY} bytes: name a folder further down`,
  );
}

/** In bytes of UTF-8. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const LONGEST_KEY = 1024;

async function requireFolder(folder: string): Promise<void> {
  const help = 'name a folder with --files, or leave it out for the data set that is shipped';
  const found = await stat(folder).catch((cause: NodeJS.ErrnoException) => {
    throw new UsageError(`cannot read the folder \`${folder}\`: ${cause.code}`, help, { cause });
  });
  if (!found.isDirectory()) throw new UsageError(`\`${folder}\` is not a folder`, help);
}

function stepLines(step: DemoStep, previousGroup: string | undefined, { style }: Terminal): string {
  const heading = step.group === previousGroup ? '' : `\n${style.bold(printable(step.group))}\n`;
  const mark = step.ok ? style.green('ok ') : style.red('NOT');
  const outcome = step.ok ? step.actual : `expected ${step.expected}, got ${step.actual}`;
  const detail = step.detail === '' ? '' : `       ${style.dim(printable(step.detail))}\n`;
  return `${heading}  ${mark}  ${printable(step.name)}: ${printable(outcome)}\n${detail}`;
}

function trailTable(lines: readonly TrailLine[], { style }: Terminal): string {
  const rows = lines.map((line) => [
    line.time.slice(11, 19),
    line.outcome,
    line.event,
    line.account,
    line.who,
    line.target,
    `seen by ${line.seenBy.join(' and ')}`,
  ]);
  const widths =
    rows[0]?.map((_, column) => Math.max(...rows.map((row) => printable(row[column]!).length))) ?? [];
  const heading = `\n${style.bold('The trail: who did what to which key, from which account')}\n`;
  const text = rows.map((row) => {
    const cells = row.map((cell, column) => printable(cell).padEnd(widths[column]!));
    const line = `  ${cells.join('  ').trimEnd()}`;
    return row[1] === 'allowed' ? line : style.red(line);
  });
  return `${heading}${text.join('\n')}\n`;
}

function summary({ ok, steps }: DemoReport, { style }: Terminal): string {
  const failed = steps.filter((step) => !step.ok).length;
  if (!ok) return `\n${style.red(`${failed} of ${steps.length} steps did not come out as expected.`)}\n`;
  return `\n${style.green(`All ${steps.length} steps came out as expected`)}: both routes read every byte, and nobody else could.\n`;
}
