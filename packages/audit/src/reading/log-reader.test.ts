import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { generateLogs, textOf } from '../../../../test/cloudtrail-logs/index.ts';
import { LogReader, type FileReading } from './log-reader.ts';
import { NUMBER_COLUMNS, TEXT_COLUMNS } from './record-plan.ts';
import { RecordScanner } from './record-scanner.ts';

type Row = Record<string, string | number | null>;

const scanner = new RecordScanner();

/** Reads a text in chunks; without a size, in one. */
function read(text: string | Uint8Array, size = Number.MAX_SAFE_INTEGER): FileReading & { rows: Row[] } {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  scanner.clear();
  const reader = new LogReader(scanner, 'file.json', () => {
    throw new Error('the part is not expected to be full');
  });
  for (let at = 0; at < bytes.length; at += size) reader.feed(bytes.subarray(at, at + size));
  return { ...reader.finish(), rows: rowsOf(scanner) };
}

function rowsOf(from: RecordScanner): Row[] {
  const texts = TEXT_COLUMNS.map((name) => {
    const { codes, pool, starts } = from.text(name);
    const textAt = (code: number) =>
      Buffer.from(pool.subarray(starts[code]! + 4, starts[code + 1])).toString();
    return [name, Array.from(codes, (code) => (code === -1 ? null : textAt(code)))] as const;
  });
  const numbers = NUMBER_COLUMNS.map(
    (name) =>
      [name, Array.from(from.numbers(name), (value) => (Number.isNaN(value) ? null : value))] as const,
  );
  return Array.from({ length: from.rows }, (_, row) =>
    Object.fromEntries([...texts, ...numbers].map(([name, values]) => [name, values[row]!])),
  );
}

// What a row of a record is, said a second time with JSON.parse.
type Json = Record<string, unknown>;
const at = (value: unknown, ...path: string[]): unknown =>
  path.reduce<unknown>((inner, name) => (inner as Json | null | undefined)?.[name], value);
const asText = (value: unknown): string | null =>
  value === null || value === undefined ? null : typeof value === 'string' ? value : JSON.stringify(value);

function expectedRow(record: Json): Row {
  const identity = record['userIdentity'];
  const request = record['requestParameters'] as Json | null;
  const { bucketName, Host, host, key, prefix, roleArn, roleSessionName, ...rest } = request ?? {};
  void Host;
  void host;
  const resources = (record['resources'] ?? []) as Json[];
  const bucket = resources.find(({ type }) => type === 'AWS::S3::Bucket');
  const texts = {
    event_id: record['eventID'],
    event_source: record['eventSource'],
    event_name: record['eventName'],
    event_type: record['eventType'],
    category: record['eventCategory'],
    management: record['managementEvent'],
    read_only: record['readOnly'],
    region: record['awsRegion'],
    recipient_account: record['recipientAccountId'],
    caller_type: at(identity, 'type'),
    caller_id: at(identity, 'principalId'),
    caller_arn: at(identity, 'arn'),
    caller_account: at(identity, 'accountId'),
    access_key_id: at(identity, 'accessKeyId'),
    caller_name: at(identity, 'userName'),
    invoked_by: at(identity, 'invokedBy'),
    identity_provider: at(identity, 'identityProvider'),
    issuer_arn: at(identity, 'sessionContext', 'sessionIssuer', 'arn'),
    mfa: at(identity, 'sessionContext', 'attributes', 'mfaAuthenticated'),
    source_identity: at(identity, 'sessionContext', 'sourceIdentity'),
    source_ip: record['sourceIPAddress'],
    user_agent: record['userAgent'],
    vpc_endpoint_id: record['vpcEndpointId'],
    error_code: record['errorCode'],
    error_message: record['errorMessage'],
    issued_key: at(record, 'responseElements', 'credentials', 'accessKeyId'),
    bucket: bucketName,
    object_key: key,
    list_prefix: prefix,
    target_role: roleArn,
    target_session: roleSessionName,
    source_file: 'file.json',
    shared_id: record['sharedEventID'],
    owner_account: (bucket ?? resources.find(({ accountId }) => accountId !== undefined))?.['accountId'],
    resource_arn: resources.find(({ type }) => type !== 'AWS::S3::Object')?.['ARN'],
    request: Object.keys(rest).length === 0 ? null : rest,
  };
  return {
    ...Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, asText(value)])),
    event_time: Date.parse(record['eventTime'] as string) * 1000,
    bytes_in: (at(record, 'additionalEventData', 'bytesTransferredIn') as number | undefined) ?? null,
    bytes_out: (at(record, 'additionalEventData', 'bytesTransferredOut') as number | undefined) ?? null,
  };
}

const { files } = generateLogs({ calls: 3000, days: 2, files: 3 });
const recordsIn = (text: string) => (JSON.parse(text) as { Records: Json[] }).Records;

const RECORD = {
  eventVersion: '1.11',
  eventTime: '2026-08-01T00:00:00Z',
  eventSource: 's3.amazonaws.com',
  eventName: 'GetObject',
  eventID: 'E1',
};
const record = (changes: Json = {}) => JSON.stringify({ ...RECORD, ...changes });
const log = (...records: string[]) => `{"Records":[${records.join(',')}]}`;

describe('a file of a trail', () => {
  test.each(files.map((file) => [file.key, textOf(file)]))('%s: each record becomes its row', (_, text) => {
    const { rows, records, problems, invalid, isCut } = read(text);
    expect({ records, problems, invalid, isCut }).toEqual({
      records: recordsIn(text).length,
      problems: {},
      invalid: undefined,
      isCut: false,
    });
    expect(rows).toEqual(recordsIn(text).map(expectedRow));
  });

  test('comes out the same in chunks of any size', () => {
    const text = log(
      ...recordsIn(textOf(files[0]!))
        .slice(0, 20)
        .map((each) => JSON.stringify(each)),
    );
    const { rows } = read(text);
    for (const size of [1, 2, 3, 7, 64, 1000]) expect(read(text, size).rows).toEqual(rows);
  });

  test('may be indented, and begin with a byte order mark', () => {
    const text = `\uFEFF${JSON.stringify({ Records: [JSON.parse(record()) as Json] }, null, 4)}\n\n`;
    expect(read(text)).toMatchObject({ records: 1, isCut: false, rows: [{ event_id: 'E1' }] });
  });

  test('may have other members around its records', () => {
    const text = `{"a":{"Records":[1]},"Records":[${record()}],"b":[[{}]]}`;
    expect(read(text)).toMatchObject({ records: 1, problems: {}, isCut: false });
  });
});

describe('other forms', () => {
  test.each([
    ['a list', `[${record()},${record()}]`],
    ['one a line', `${record()}\n${record()}\n`],
    ['one a line, without the last newline', `${record()}\n${record()}`],
    ['logs one a line', `${log(record())}\n${log(record())}\n`],
    [
      'what LookupEvents answers',
      JSON.stringify({
        Events: [{ EventId: 'E1', CloudTrailEvent: record() }, { CloudTrailEvent: record() }],
      }),
    ],
  ])('%s', (_, text) => {
    const { rows, records, problems, isCut } = read(text, 10);
    expect({ records, problems, isCut }).toEqual({ records: 2, problems: {}, isCut: false });
    expect(rows.map(({ event_id }) => event_id)).toEqual(['E1', 'E1']);
  });
});

describe('texts come out as JSON.parse has them', () => {
  test.each([
    'a"b',
    'tab\tand\\',
    '\u0000\u001B[31m',
    'ünïcödé 🪣',
    '\u2028',
    '"},{"eventVersion":"1"}',
    '=1+1',
  ])('%j', (text) => {
    const [row] = read(log(record({ userAgent: text, requestParameters: { key: text, other: text } }))).rows;
    expect([row!['user_agent'], row!['object_key']]).toEqual([text, text]);
    expect(JSON.parse(row!['request'] as string)).toEqual({ other: text });
  });

  test('of any content', () => {
    fc.assert(
      fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 20 }), (requests) => {
        const text = log(...requests.map((requestParameters) => record({ requestParameters })));
        expect(read(text, 100).rows).toEqual(
          recordsIn(text).map((each) =>
            expect.objectContaining({
              request: expectedRow(each)['request'],
            }),
          ),
        );
      }),
      { numRuns: 100 },
    );
  });

  test('halves of surrogate pairs and bytes that are not UTF-8 become replacement characters', () => {
    const [row] = read(
      log(`${record().slice(0, -1)},"userAgent":"a\\ud83d!","requestParameters":{"x":"\\ud83d"}}`),
    ).rows;
    expect(row).toMatchObject({ user_agent: 'a\uFFFD!', request: '{"x":"\uFFFD"}' });
    const bytes = Buffer.from(log(record({ userAgent: 'a?b' })));
    bytes[bytes.indexOf('?')] = 0xff;
    expect(read(bytes).rows).toMatchObject([{ user_agent: 'a\uFFFDb' }]);
  });

  test('an escape that is none is left as it is written', () => {
    const text = log(`${record().slice(0, -1)},"userAgent":"a\\x"}`);
    expect(read(text).rows).toMatchObject([{ user_agent: 'a\\x' }]);
  });
});

describe('what is not as it should be is counted', () => {
  test.each<[string, string, Partial<FileReading>]>([
    ['nothing', '', { records: 0, isCut: false }],
    ['an empty log', log(), { records: 0, problems: {}, isCut: false }],
    ['another JSON file', '{"digestStartTime":"x","logFiles":[{"a":1}]}', { records: 0, problems: {} }],
    ['no JSON', 'hello', { records: 0, invalid: { at: 0, reason: 'not JSON' } }],
    [
      'values that are no records',
      log(record(), '1', 'null', '"x"', '[{}]', '{}', '{"eventName":1,"eventSource":2}'),
      { records: 1, problems: { 'not-a-record': 6 } },
    ],
    [
      'records without id or time',
      log(
        record({ eventID: undefined }),
        record({ eventTime: undefined }),
        record({ eventTime: 'yesterday' }),
      ),
      { records: 3, problems: { 'missing-fields': 3 } },
    ],
    [
      'records of other versions',
      log(
        record({ eventVersion: '2.0' }),
        record({ eventVersion: undefined }),
        record({ eventVersion: '1.02' }),
      ),
      { records: 3, problems: { 'unknown-version': 2 } },
    ],
    ['a record that is cut', log(record(), record()).slice(0, -50), { records: 1, isCut: true }],
    ['records without an end', log(record()).slice(0, -2), { records: 1, isCut: true }],
    [
      'a bracket too many',
      log(record(), '{"a":[}', record()),
      { records: 1, invalid: { at: expect.any(Number) as number, reason: 'not JSON' } },
    ],
  ])('%s', (_, text, expected) => {
    for (const size of [3, 1000]) expect(read(text, size)).toMatchObject(expected);
  });

  test('brackets without an end do not hold us up', () => {
    const text = log(`{"eventName":"x","deep":${'['.repeat(100_000)}`);
    expect(read(text)).toMatchObject({ invalid: { reason: 'nested too deeply' } });
  });

  test('bytes that make no sense at all neither throw nor hang', () => {
    const source = Buffer.from(log(record(), record({ requestParameters: { key: 'a', b: ['c'] } })));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(source.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 }),
        (edits) => {
          const bytes = Buffer.from(source);
          for (const [place, byte] of edits) bytes[place] = byte;
          const { records, problems } = read(bytes, 50);
          expect(records + (problems['not-a-record'] ?? 0)).toBeLessThan(20);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('times that are written in other ways', () => {
    const times = [
      '2026-08-01T00:00:00.000Z',
      '2026-08-01T02:00:00+02:00',
      '1969-12-31T23:59:59Z',
      '2024-02-29T23:59:59Z',
    ];
    const { rows } = read(log(...times.map((eventTime) => record({ eventTime }))));
    expect(rows.map(({ event_time }) => event_time)).toEqual(times.map((time) => Date.parse(time) * 1000));
  });
});

test('a record of 50 MB is one record', () => {
  const text = log(record({ requestParameters: { policy: 'x'.repeat(50 * 2 ** 20) } }), record());
  const { records, isCut } = readSizes(text, 2 ** 20);
  expect({ records, isCut }).toEqual({ records: 2, isCut: false });
});

/** Without the rows. */
function readSizes(text: string, size: number): FileReading {
  const bytes = Buffer.from(text);
  scanner.clear();
  const reader = new LogReader(scanner, 'file.json', () => scanner.clear());
  for (let from = 0; from < bytes.length; from += size) reader.feed(bytes.subarray(from, from + size));
  return reader.finish();
}
