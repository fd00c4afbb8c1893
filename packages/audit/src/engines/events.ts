import { NUMBER_COLUMNS, TEXT_COLUMNS } from '../reading/record-plan.ts';

/** Columns of the raw records, the same on both engines. */
export const COLUMNS = [
  ...TEXT_COLUMNS.map((name) => ({ name: name as string, type: 'VARCHAR' })),
  ...NUMBER_COLUMNS.map((name) => ({
    name: name as string,
    type: name === 'event_time' ? 'TIMESTAMP' : 'BIGINT',
  })),
];

/** Object-level calls, which are data events, for records that do not say it. https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html */
const OBJECT_CALLS = [
  'AbortMultipartUpload',
  'CompleteMultipartUpload',
  'CopyObject',
  'CreateMultipartUpload',
  'DeleteObject',
  'DeleteObjectTagging',
  'DeleteObjects',
  'GetObject',
  'GetObjectAcl',
  'GetObjectAttributes',
  'GetObjectLegalHold',
  'GetObjectRetention',
  'GetObjectTagging',
  'HeadBucket',
  'HeadObject',
  'ListMultipartUploads',
  'ListObjectVersions',
  'ListObjects',
  'ListParts',
  'PutObject',
  'PutObjectAcl',
  'PutObjectLegalHold',
  'PutObjectRetention',
  'PutObjectTagging',
  'RestoreObject',
  'SelectObjectContent',
  'UploadPart',
  'UploadPartCopy',
];

const CATEGORY = `CASE
    WHEN category IS NOT NULL THEN category
    WHEN management = 'true' THEN 'Management'
    WHEN management = 'false' THEN 'Data'
    WHEN event_source = 's3.amazonaws.com' AND event_name IN (${OBJECT_CALLS.map((name) => `'${name}'`).join(', ')}) THEN 'Data'
    ELSE 'Management'
  END`;

/** Codes by which services say that a call was not allowed. */
const DENIALS = [
  'AccessDenied',
  'AccessDeniedException',
  'AllAccessDisabled',
  'AuthorizationError',
  'Client.UnauthorizedOperation',
  'UnauthorizedOperation',
];

/** One for all copies of a call. */
const CALL = 'coalesce(shared_id, event_id)';

/** Columns of `events` that are worked out; the others are the raw ones. */
const MADE = `
  ${CALL} AS call_id,
  ${CATEGORY} AS event_category,
  CASE WHEN error_code IN (${DENIALS.map((code) => `'${code}'`).join(', ')}) THEN 1 ELSE 0 END AS denied`;

const KEPT = COLUMNS.map(({ name }) => name).filter((name) => !['category', 'management'].includes(name));

/** The copy that names the caller is the best one, then the caller's own. */
const RANK = `CASE WHEN caller_arn IS NULL THEN 2 ELSE 0 END +
    CASE WHEN recipient_account = caller_account THEN 0 ELSE 1 END`;
const ORDER = `${RANK}, event_id, source_file`;

/** Columns of `events`. */
export const EVENT_COLUMNS = [...KEPT, 'call_id', 'event_category', 'denied'];

/**
 * One row a call: both sides' copies of it, and copies that were delivered twice, are one: the copy that names the caller,
 * where there is one.
 */
export const EVENTS_OF_RAW = `
SELECT ${EVENT_COLUMNS.join(', ')}
FROM (
  SELECT *, row_number() OVER (PARTITION BY call_id ORDER BY ${ORDER}) AS copy_number
  FROM (SELECT ${KEPT.join(', ')}, ${MADE.trim()} FROM raw) AS made
) AS numbered
WHERE copy_number = 1 OR call_id IS NULL`;

/**
 * The same for DuckDB, which keeps what it found out: which rows are further copies of a call. To number all rows of all
 * columns for each question takes a hundred times as long, and to number these alone twice as long as to look for the first.
 * Only what has copies is ranked, which takes a third off.
 */
export const FURTHER_COPIES = `
WITH repeated AS (
  SELECT hash(${CALL}) AS id_hash FROM raw WHERE ${CALL} IS NOT NULL GROUP BY id_hash HAVING count(*) > 1
),
several AS (
  SELECT row_id, ${CALL} AS call_id, concat(${RANK}, coalesce(event_id, '~'), source_file) AS rank
  FROM raw WHERE ${CALL} IS NOT NULL AND hash(${CALL}) IN (SELECT id_hash FROM repeated)
),
kept AS (SELECT call_id, arg_min(row_id, rank) AS row_id FROM several GROUP BY call_id)
SELECT row_id FROM several ANTI JOIN kept USING (row_id)`;

export const EVENTS_WITHOUT_COPIES = `
SELECT ${KEPT.join(', ')}, ${MADE.trim()} FROM raw ANTI JOIN copies USING (row_id)`;
