import { describe, expect, test } from 'vitest';
import { LogReader, type FileReading } from './log-reader.ts';
import { TEXT_COLUMNS, type TextName } from './record-plan.ts';
import { RecordScanner } from './record-scanner.ts';

const scanner = new RecordScanner();

/** Reads a text in two chunks. */
function read(text: string): FileReading & { rows: Partial<Record<TextName, string>>[] } {
  const bytes = Buffer.from(text);
  scanner.clear();
  const reader = new LogReader(scanner, 'file.json', () => undefined);
  const half = Math.floor(bytes.length / 2);
  for (const chunk of [bytes.subarray(0, half), bytes.subarray(half)]) reader.feed(chunk);
  const reading = reader.finish();
  const rows = Array.from({ length: scanner.rows }, (_, row) =>
    Object.fromEntries(
      TEXT_COLUMNS.flatMap((name) => {
        const { codes, pool, starts } = scanner.text(name);
        const code = codes[row]!;
        if (code === -1) return [];
        return [[name, Buffer.from(pool.subarray(starts[code]! + 4, starts[code + 1])).toString()]];
      }),
    ),
  );
  return { ...reading, rows };
}

const RECORD = {
  eventVersion: '1.08',
  userIdentity: { type: 'IAMUser', accountId: '111111111111', arn: 'arn:aws:iam::111111111111:user/u' },
  eventTime: '2021-07-15T21:41:31Z',
  eventSource: 's3.amazonaws.com',
  eventName: 'GetObject',
  requestParameters: { bucketName: 'acme-reports', key: 'a/b.csv' },
  eventID: 'E1',
  recipientAccountId: '222222222222',
};
const SEEN = {
  event_name: 'GetObject',
  event_id: 'E1',
  caller_account: '111111111111',
  bucket: 'acme-reports',
  object_key: 'a/b.csv',
};
const text = JSON.stringify(RECORD);

/** As a table of Athena has it: small letters, and texts where the table's type is a text. */
const FLAT = {
  eventversion: '1.08',
  useridentity: { type: 'IAMUser', accountid: '111111111111', arn: RECORD.userIdentity.arn },
  eventtime: RECORD.eventTime,
  eventsource: RECORD.eventSource,
  eventname: RECORD.eventName,
  requestparameters: JSON.stringify(RECORD.requestParameters),
  eventid: 'E1',
  recipientaccountid: '222222222222',
};

describe('one record, whoever wrote it down', () => {
  test.each<[string, string]>([
    ['alone', text],
    ['alone and indented', JSON.stringify(RECORD, null, 2)],
    ['as a line', `${text}\n`],
    ['with members of a collector before its own', JSON.stringify({ _id: 7, ingested: 'now', ...RECORD })],
    [
      'as an event of EventBridge',
      JSON.stringify({
        version: '0',
        id: 'x',
        'detail-type': 'AWS API Call via CloudTrail',
        account: '1',
        resources: [],
        detail: RECORD,
      }),
    ],
    [
      'subscribed from CloudWatch Logs',
      JSON.stringify({
        messageType: 'DATA_MESSAGE',
        owner: '1',
        logGroup: 'g',
        logEvents: [{ id: '1', timestamp: 1, message: text }],
      }),
    ],
    [
      'filtered from CloudWatch Logs',
      JSON.stringify({
        events: [{ logStreamName: 's', timestamp: 1, message: text, eventId: '1' }],
        searchedLogStreams: [],
      }),
    ],
    ['exported from CloudWatch Logs', `2021-07-15T21:41:31.000Z ${text}\n`],
    ['from a table of Athena', JSON.stringify(FLAT)],
    [
      'from LookupEvents',
      JSON.stringify({
        Events: [{ EventId: 'E1', EventName: 'GetObject', EventTime: 1626385291, CloudTrailEvent: text }],
      }),
    ],
    ['behind a byte order mark', `\uFEFF${JSON.stringify({ Records: [RECORD] })}`],
  ])('%s', (_, written) => {
    const { records, problems, invalid, isCut, rows } = read(written);
    expect({ records, problems, invalid, isCut }).toEqual({
      records: 1,
      problems: {},
      invalid: undefined,
      isCut: false,
    });
    expect(rows).toMatchObject([SEEN]);
  });

  test('lines of them, one after the other', () => {
    expect(read([text, text, JSON.stringify(FLAT), ''].join('\n')).records).toBe(3);
    expect(read(`2021-07-15T21:41:31.000Z ${text}\n2021-07-15T21:41:32.000Z ${text}\n`).records).toBe(2);
  });
});

// Forms of https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
// and https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
describe('records of every kind and age are calls', () => {
  const userIdentities = [
    {
      type: 'Root',
      principalId: '111111111111',
      arn: 'arn:aws:iam::111111111111:root',
      accountId: '111111111111',
    },
    { type: 'AWSService', invokedBy: 'cloudtrail.amazonaws.com' },
    { type: 'AWSAccount', principalId: '', accountId: 'ANONYMOUS_PRINCIPAL' },
    { type: 'SAMLUser', principalId: 'x=:u', userName: 'u', identityProvider: 'x=' },
    {
      type: 'WebIdentityUser',
      principalId: 'www.example.com:a:u',
      userName: 'u',
      identityProvider: 'www.example.com',
    },
    {
      type: 'IdentityCenterUser',
      accountId: '111111111111',
      onBehalfOf: { userId: 'u', identityStoreArn: 'arn:aws:identitystore::111111111111:identitystore/d-1' },
      credentialId: 'c',
    },
    {
      type: 'FederatedUser',
      principalId: '111111111111:u',
      arn: 'arn:aws:sts::111111111111:federated-user/u',
      accountId: '111111111111',
    },
    { type: 'Unknown', principalId: '', accountId: '', userName: '' },
    { type: 'Directory' },
    { invokedBy: 'AWS Internal' },
    null,
    'nobody',
  ];
  test.each(userIdentities.map((userIdentity) => [JSON.stringify(userIdentity), userIdentity]))(
    '%s',
    (_, userIdentity) => {
      expect(read(JSON.stringify({ Records: [{ ...RECORD, userIdentity }] }))).toMatchObject({
        records: 1,
        problems: {},
        rows: [{ event_id: 'E1' }],
      });
    },
  );

  test.each<[string, object, object]>([
    [
      'of 2014, without an id',
      { eventVersion: '1.0', eventID: undefined, recipientAccountId: undefined },
      { 'missing-fields': 1 },
    ],
    ['of a version to come', { eventVersion: '2.0' }, { 'unknown-version': 1 }],
    ['without parameters', { requestParameters: null, responseElements: null }, {}],
    ['with parameters that are a text', { requestParameters: 'none' }, {}],
    ['with parameters that are a list', { requestParameters: [{ a: 1 }] }, {}],
    [
      'with a list in them',
      { requestParameters: { bucketName: 'b', accessControlList: ['a'], lifecycle: [''] } },
      {},
    ],
    [
      'with numbers as texts',
      { additionalEventData: { bytesTransferredOut: '10', bytesTransferredIn: 10.0 }, readOnly: 'true' },
      {},
    ],
    ['with an error code alone', { errorCode: 'AccessDenied' }, {}],
    [
      'with resources that say little',
      { resources: [{ type: 'AWS::S3::Object' }, { accountId: '1' }, {}] },
      {},
    ],
    ['with resources that are none', { resources: null, additionalEventData: null }, {}],
    [
      'of a VPC endpoint',
      {
        eventType: 'AwsVpceEvent',
        eventCategory: 'NetworkActivity',
        vpcEndpointId: 'vpce-1',
        vpcEndpointAccountId: '1',
      },
      {},
    ],
    ['of a service event', { eventType: 'AwsServiceEvent', serviceEventDetails: { a: [1] } }, {}],
    [
      'with a context of its own',
      {
        eventContext: { tagContext: {}, requestContext: {} },
        sessionCredentialFromConsole: 'true',
        edgeDeviceDetails: {},
      },
      {},
    ],
  ])('%s', (_, changes, problems) => {
    const { records, problems: met, rows } = read(JSON.stringify({ Records: [{ ...RECORD, ...changes }] }));
    expect({ records, met, rows: rows.length }).toEqual({ records: 1, met: problems, rows: 1 });
  });
});

describe('what holds no calls is counted, and nothing is made of it', () => {
  const insight = {
    eventVersion: '1.07',
    eventTime: RECORD.eventTime,
    eventID: 'I1',
    eventType: 'AwsCloudTrailInsight',
    insightDetails: { state: 'Start', eventSource: 's3.amazonaws.com', eventName: 'GetObject' },
    eventCategory: 'Insight',
  };
  test.each<[string, string, object]>([
    ['no records', '{"Records":[]}', {}],
    [
      'a digest',
      JSON.stringify({
        awsAccountId: '1',
        digestStartTime: 'x',
        logFiles: [{ s3Bucket: 'b', hashValue: 'h' }],
      }),
      {},
    ],
    ['Insights', JSON.stringify({ Records: [insight] }), { 'not-a-record': 1 }],
    ['events of others', JSON.stringify({ version: '0', detail: { finding: 1 } }), {}],
    [
      'messages of others',
      JSON.stringify({ events: [{ message: 'START RequestId' }, { message: '{"a":1}' }] }),
      { 'not-a-record': 2 },
    ],
    [
      'a message nested too deeply',
      JSON.stringify({
        events: [{ message: text.replace('"a/b.csv"', '['.repeat(100_000) + ']'.repeat(100_000)) }],
      }),
      { 'not-a-record': 1 },
    ],
    ['an envelope around itself', JSON.stringify({ detail: { detail: { detail: { detail: RECORD } } } }), {}],
  ])('%s', (_, written, problems) => {
    const { records, problems: met, invalid } = read(written);
    expect({ records, met, invalid }).toEqual({ records: 0, met: problems, invalid: undefined });
  });
});
