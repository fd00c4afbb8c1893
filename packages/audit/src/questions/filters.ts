import type { Value } from '../engines/engine.ts';
import { AuditError } from '../audit-error.ts';

/** What a question is limited to. */
export interface Filters {
  /** Milliseconds since 1970, inclusive and exclusive. */
  since?: number | undefined;
  until?: number | undefined;
  bucket?: string | undefined;
  /** An ARN, or a part of it. */
  principal?: string | undefined;
  /** The source account. */
  account?: string | undefined;
  /** `GetObject`, `s3:GetObject` or `s3:ListBucket`. */
  action?: string | undefined;
}

export interface Condition {
  sql: string;
  parameters: Value[];
}

/** Calls that an action of S3 stands for, where they are not called as it is. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  ListBucket: ['ListObjects', 'ListObjectsV2', 'HeadBucket'],
  GetObject: ['GetObject', 'HeadObject'],
  PutObject: [
    'PutObject',
    'CopyObject',
    'CreateMultipartUpload',
    'UploadPart',
    'UploadPartCopy',
    'CompleteMultipartUpload',
  ],
  DeleteObject: ['DeleteObject', 'DeleteObjects'],
};

/** `2026-08-01 00:00:00`, as both engines cast it to a timestamp. */
export const timestamp = (time: number): string =>
  new Date(time).toISOString().slice(0, 19).replace('T', ' ');

/** The condition of a WHERE, with a parameter for each value: no text of the user's is part of the SQL. */
export function conditionOf(filters: Filters, time = 'event_time'): Condition {
  const { since, until, bucket, principal, account, action } = filters;
  const parts: Condition[] = [];
  const add = (sql: string, ...parameters: Value[]) => parts.push({ sql, parameters });
  if (since !== undefined) add(`${time} >= CAST(? AS timestamp)`, timestamp(since));
  if (until !== undefined) add(`${time} < CAST(? AS timestamp)`, timestamp(until));
  if (bucket !== undefined) add('bucket = ?', bucket);
  if (principal !== undefined) add('strpos(principal, ?) > 0', principal);
  if (account !== undefined) add('source_account = ?', account);
  if (action !== undefined) {
    const calls = callsOf(action);
    add(`action IN (${calls.map(() => '?').join(', ')})`, ...calls);
  }
  return {
    sql: parts.map(({ sql }) => ` AND ${sql}`).join(''),
    parameters: parts.flatMap(({ parameters }) => parameters),
  };
}

function callsOf(action: string): readonly string[] {
  const isAction = action.startsWith('s3:');
  const name = isAction ? action.slice(3) : action;
  if (!/^[A-Za-z0-9]+$/.test(name))
    throw new AuditError(
      'invalid-filter',
      `\`${action}\` is no action`,
      'write `GetObject`, or `s3:GetObject`',
    );
  return isAction ? (CALLS[name] ?? [name]) : [name];
}

/** A time as people write it: `2026-08-01`, ISO 8601, or `7d`, `12h`, `30m` ago. */
export function parseTime(text: string, now = Date.now()): number {
  const [, count, unit] = /^(\d{1,5})([dhm])$/.exec(text) ?? [];
  if (count !== undefined && unit !== undefined)
    return now - Number(count) * { d: 86_400_000, h: 3_600_000, m: 60_000 }[unit as 'd' | 'h' | 'm'];
  const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time))
    throw new AuditError(
      'invalid-filter',
      `\`${text}\` is no time`,
      'write `2026-08-01`, `2026-08-01T12:00:00Z` or `7d`',
    );
  return time;
}
