import { once } from 'node:events';
import type { AnswerRow, FileProblem, LoadedRecords } from '@crossbucket/audit';
import { UsageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { jsonLine, printable, type Style, type Terminal } from '../terminal.ts';
import { onInterrupt } from '../transfer/interrupt.ts';
import { endQuietlyOnBrokenPipe } from '../transfer/standard-output.ts';
import { filtersOf, loadAudit, openSource, type AuditOptions } from './open-audit.ts';

export interface WatchCommandOptions extends AuditOptions {
  every?: number;
}

/** The services whose management events say who crosses accounts. */
const SERVICES = ['sts.amazonaws.com', 's3.amazonaws.com'];

/** Prints each call from outside as its record comes. Ctrl-C is how it ends, and no error. */
export async function watch(options: WatchCommandOptions, terminal: Terminal): Promise<ExitCode> {
  const { source: name = '', region, trail } = options;
  if (name === '-')
    throw new UsageError(
      'standard input is read once, and there is nothing to watch then',
      'name a folder, `s3://BUCKET/PREFIX` or `lookup`',
    );
  const audit = await loadAudit();
  const filters = filtersOf(audit, options);
  const source = await openSource(audit, options, { services: SERVICES });
  const { every = name === 'lookup' || name.startsWith('s3://') ? 30 : 2 } = options;
  const { out, err, style } = terminal;
  const isJson = options.json === true || options.format === 'json';
  endQuietlyOnBrokenPipe(out);
  const { signal, done } = onInterrupt();
  const note = noteOnce(terminal);
  let calls = 0;
  try {
    const watched = audit.watchCalls(source, {
      filters,
      scope: { accounts: trail, regions: region },
      every: every * 1000,
      signal,
      cache: options.cache,
      onReady: ({ summary }: LoadedRecords) => {
        if (source.note !== undefined) note(source.note);
        err.write(
          style.dim(`Watching ${printable(source.name)}: ${summary.files} files are there already\n`),
        );
      },
      onProblem: ({ file, count, detail }: FileProblem) =>
        note(`${file}: ${count > 1 ? `${count} records ` : ''}${detail}`),
      onFailure: ({ message }: Error) => note(`${message}; the next look is in ${every} s`),
    });
    for await (const call of watched) {
      calls++;
      if (!out.write(isJson ? jsonLine(call) : textLine(call, style))) await once(out, 'drain');
    }
    err.write(style.dim(`${calls.toLocaleString('en-US')} calls\n`));
    return EXIT.done;
  } finally {
    done();
  }
}

/** What stays as it is is said once. */
function noteOnce({ err, style }: Terminal): (text: string) => void {
  let latest: string[] = [];
  return (text) => {
    if (latest.includes(text)) return;
    latest = [...latest.slice(-99), text];
    err.write(`${style.bold('note')}: ${printable(text)}\n`);
  };
}

function textLine(call: AnswerRow, { red, bold, dim }: Style): string {
  const text = (name: string): string => (call[name] === null ? '' : printable(String(call[name])));
  const { bucket, denied, bytes_out: bytes, route } = call;
  const where =
    bucket === null ? text('role') : `s3://${text('bucket')}/${text('object_key') || text('list_prefix')}`;
  const parts = [
    dim(text('event_time')),
    `${bold(text('source_account'))} ${text('principal')}`,
    `${text('action')} ${where}`,
    ...(route === 'role' && bucket !== null ? [`as ${text('role')}`] : []),
    `from ${text('origin_ip') || text('source_ip')}`,
    ...(typeof bytes === 'number' && bytes > 0 ? [`${bytes.toLocaleString('en-US')} bytes`] : []),
    ...(denied === 1 ? [red(`denied ${text('error_message') || text('error_code')}`)] : []),
    ...(denied !== 1 && call['error_code'] !== null ? [red(text('error_code'))] : []),
  ];
  return `${parts.join('  ')}\n`;
}
