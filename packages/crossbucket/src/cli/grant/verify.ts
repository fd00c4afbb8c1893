import { verifyGrants, type Check, type VerifyReport } from '../../grant/index.ts';
import { endpointsOf } from '../../spec/index.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { printable, type Style, type Terminal } from '../terminal.ts';
import { openSession, type GrantOptions } from './session.ts';

export interface VerifyCommandOptions extends GrantOptions {
  as?: string;
  externalId?: string;
  /** Commander's name for `--no-calls`. */
  calls?: boolean;
  patience?: number;
}

export async function verify(
  names: string[],
  options: VerifyCommandOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { spec, grants, connections, side } = await openSession(names, options);
  const report = await verifyGrants(spec, grants, connections, {
    side,
    as: options.as,
    externalId: options.externalId,
    withoutCalls: options.calls === false,
    endpoints: await endpointsOf(spec, options.config),
    ...(options.patience !== undefined && { patience: options.patience * 1000 }),
  });
  terminal.out.write(options.json ? `${JSON.stringify(report)}\n` : verifyText(report, terminal.style));
  for (const { grant, message } of report.notes)
    terminal.err.write(`note: ${grant}: ${printable(message)}\n`);
  return report.ok ? EXIT.done : EXIT.no;
}

function verifyText({ checks, notCalled, ok }: VerifyReport, style: Style): string {
  const lines: string[] = [];
  const groups = new Map<string, Check[]>();
  for (const check of checks) {
    const heading = `${check.grant}, ${check.by === 'documents' ? 'by the documents' : 'by calls'}, as ${check.as}`;
    groups.set(heading, [...(groups.get(heading) ?? []), check]);
  }
  const width = Math.max(0, ...checks.map(({ call }) => printable(call).length));
  for (const [heading, rows] of groups) {
    lines.push(style.bold(printable(heading)), `      ${'call'.padEnd(width)}  expected  actual`);
    for (const { call, expected, actual, ok: isRight, detail } of rows) {
      const mark = isRight ? style.green('ok ') : style.red('NOT');
      lines.push(`  ${mark} ${printable(call).padEnd(width)}  ${expected.padEnd(8)}  ${actual}`);
      if (detail !== undefined) lines.push(`      ${style.dim(printable(detail))}`);
    }
    lines.push('');
  }
  if (notCalled.length > 0) lines.push(style.bold('by the documents alone, and not called'));
  for (const { grant, call, why } of notCalled)
    lines.push(`      ${printable(`${grant}: ${call}`)}`, `      ${style.dim(printable(why))}`);
  if (notCalled.length > 0) lines.push('');
  const failed = checks.filter((check) => !check.ok).length;
  lines.push(
    ok
      ? style.green(`All ${checks.length} checks came out as expected.`)
      : style.red(`${failed} of ${checks.length} checks did not come out as expected.`),
    '',
  );
  return lines.join('\n');
}
