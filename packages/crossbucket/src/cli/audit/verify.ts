import { connect } from '../../accounts/index.ts';
import { UsageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { jsonLine, printable, type Terminal } from '../terminal.ts';
import { loadAudit, scopeOf, filtersOf, type AuditOptions } from './open-audit.ts';

/** Checks that log files are what CloudTrail delivered: their digests, these digests' signatures, and their chain. */
export async function verify(options: AuditOptions, terminal: Terminal): Promise<ExitCode> {
  const { source = '', profile } = options;
  const audit = await loadAudit();
  if (!source.startsWith('s3://'))
    throw new UsageError(
      'digests are checked where they were delivered: their signatures are metadata of objects',
      'name the bucket: `--source s3://BUCKET/PREFIX`',
    );
  audit.parseS3Uri(source);
  const scope = scopeOf(filtersOf(audit, options), options);
  const connection = await connect({ profile });
  const result = await audit.verifyTrail(
    source,
    {
      s3: await connection.clients.s3(connection.region),
      cloudtrail: (region) => connection.clients.cloudtrail(region),
    },
    scope,
  );
  const isValid = result.problems.length === 0 && result.digests > 0;
  if (options.json) terminal.out.write(jsonLine({ valid: isValid, ...result }));
  else {
    const { red, green, bold } = terminal.style;
    const lines = [
      ...result.problems.map(
        ({ kind, key, detail }) => `${red(kind)} ${bold(printable(key))}: ${printable(detail)}`,
      ),
      result.digests === 0
        ? 'There are no digests here: turn log file validation of the trail on.'
        : `${isValid ? green('valid') : red('not valid')}: ${result.digests} digests and the ${result.files} log files that they name`,
    ];
    terminal.out.write(`${lines.join('\n')}\n`);
  }
  return isValid ? EXIT.done : EXIT.no;
}
