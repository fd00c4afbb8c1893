import type { Finding } from '@crossbucket/audit';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { jsonLine, printable, type Style, type Terminal } from '../terminal.ts';
import { readVersion } from '../version.ts';
import { csv } from './csv.ts';
import { openAudit, type AuditOptions } from './open-audit.ts';

export interface FindingsOptions extends Omit<AuditOptions, 'format'> {
  format?: 'text' | 'json' | 'csv' | 'sarif';
  rule?: string[];
}

/** What an auditor would want to be told. */
export async function findings(options: FindingsOptions, terminal: Terminal): Promise<ExitCode> {
  const open = await openAudit({ ...options, format: 'text' }, terminal);
  try {
    const all = await open.audit.findFindings(open.engine, open.filters, { rules: options.rule });
    if (open.isDry) return EXIT.done;
    const found = all.filter((finding) => isAsked(finding, options));
    const format = options.json ? 'json' : (options.format ?? 'text');
    if (format === 'json') terminal.out.write(jsonLine({ findings: found, summary: open.records.summary }));
    else if (format === 'sarif')
      terminal.out.write(jsonLine(open.audit.findingsSarif(found, readVersion()), 2));
    else if (format === 'csv')
      terminal.out.write(
        csv({ columns: Object.keys(found[0] ?? {}), rows: found.map((finding) => ({ ...finding })) }),
      );
    else terminal.out.write(findingsText(found, terminal.style));
    return found.some(({ severity }) => severity !== 'low') ? EXIT.no : EXIT.done;
  } finally {
    await open.close();
  }
}

function isAsked({ resource, principal, account }: Finding, options: FindingsOptions): boolean {
  return (
    (options.bucket === undefined || resource === options.bucket) &&
    (options.principal === undefined || principal?.includes(options.principal) === true) &&
    (options.account === undefined || account === options.account)
  );
}

function findingsText(found: readonly Finding[], style: Style): string {
  if (found.length === 0) return 'No findings.\n';
  const lines = found.flatMap(({ rule, severity, message, help, first }) => {
    const paint = severity === 'high' ? style.red : severity === 'medium' ? style.bold : style.dim;
    return [
      `${paint(severity)} ${rule}: ${printable(message)}${first === null ? '' : ` (${first})`}`,
      `  ${style.dim('help')}: ${help}`,
    ];
  });
  return `${lines.join('\n')}\n`;
}
