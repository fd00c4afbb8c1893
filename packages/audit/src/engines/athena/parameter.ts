import { AuditError } from '../../audit-error.ts';
import type { Value } from '../engine.ts';

/** https://docs.aws.amazon.com/athena/latest/APIReference/API_StartQueryExecution.html */
const LONGEST = 1024;

/**
 * A value as Athena takes it in place of a `?`: an expression of SQL, so that a text stands in single quotes, and a quote in
 * it twice. Nothing else in such a text means anything: there are no other escapes.
 * https://docs.aws.amazon.com/athena/latest/ug/querying-with-prepared-statements.html
 *
 * @throws AuditError `invalid-filter` where it is longer than Athena takes
 */
export function toParameter(value: Value): string {
  const text = typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : expressionOf(value);
  if (text.length <= LONGEST) return text;
  throw new AuditError(
    'invalid-filter',
    `a text of ${text.length} letters is longer than Athena takes`,
    'look for a shorter part of it',
  );
}

function expressionOf(value: Exclude<Value, string>): string {
  if (value === null) return 'NULL';
  return typeof value === 'number' && !Number.isFinite(value) ? 'NULL' : String(value);
}
