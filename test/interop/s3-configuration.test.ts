import * as sdk from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientsOf, DESTINATION, failureOf, SOURCE, type Clients } from './clients.ts';
import { makeUser } from './principals.ts';

const Bucket = 'configured';
const TARGET = 'configured-target';
let aws: Sandbox;
let s3: Clients['s3'];
/** One who may do nothing. */
let nobody: Clients['s3'];

beforeAll(async () => {
  aws = await startSandbox();
  const owner = clientsOf(aws, aws.account(DESTINATION).root);
  ({ s3 } = owner);
  ({ s3: nobody } = (await makeUser(aws, owner, 'nobody')).clients);
  const others = clientsOf(aws, aws.account(SOURCE).root);
  await others.s3.send(new sdk.CreateBucketCommand({ Bucket: 'of-another-account' }));
  const Status = 'Enabled';
  for (const name of [Bucket, TARGET]) {
    await s3.send(new sdk.CreateBucketCommand({ Bucket: name }));
    await s3.send(new sdk.PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration: { Status } }));
  }
  await s3.send(new sdk.CreateBucketCommand({ Bucket: 'unversioned' }));
  const location = { LocationConstraint: 'eu-west-1' } as const;
  await s3.send(new sdk.CreateBucketCommand({ Bucket: 'elsewhere', CreateBucketConfiguration: location }));
});
afterAll(() => aws.close());

type Run = (client: sdk.S3Client) => Promise<object>;

interface Kind {
  /** A value that S3 takes, and gives back. */
  good: unknown;
  put(value: unknown, bucket?: string): Run;
  get: Run;
  remove?: Run;
  /** What a bucket without it answers: an error, or this. */
  absent: string | object;
  /** What is not taken, and why. */
  bad: [value: unknown, code: string, message?: string][];
}

/** A command with its input, to be sent by whoever. */
const run =
  (command: { new (input: never): object }, input: object): Run =>
  (client) =>
    client.send(new (command as never as new (input: object) => sdk.GetBucketCorsCommand)(input));

const without = ({ $metadata: _metadata, ...output }: Record<string, unknown>): unknown => output;
const route = (Redirect: object, Condition?: object) => ({
  IndexDocument: { Suffix: 'index.html' },
  RoutingRules: [{ Redirect, ...(Condition && { Condition }) }],
});
const cors = (rule: object) => ({
  CORSRules: [{ AllowedMethods: ['GET'], AllowedOrigins: ['*'], ...rule }],
});
const queue = (more: object = {}) => ({
  Id: 'q',
  QueueArn: 'arn:aws:sqs:us-east-1:222222222222:queue',
  Events: ['s3:ObjectCreated:*'],
  ...more,
});
const filter = (...rules: [string, string][]) => ({
  Filter: { Key: { FilterRules: rules.map(([Name, Value]) => ({ Name, Value })) } },
});
const Role = `arn:aws:iam::${DESTINATION}:role/replicator`;
const replicate = (...rules: object[]) => ({
  Role,
  Rules: rules.map((rule) => ({
    ID: 'r',
    Priority: 1,
    Status: 'Enabled',
    Filter: { Prefix: '' },
    DeleteMarkerReplication: { Status: 'Disabled' },
    Destination: { Bucket: `arn:aws:s3:::${TARGET}` },
    ...rule,
  })),
});

const KINDS: Record<string, Kind> = {
  tagging: {
    good: [
      { Key: 'team', Value: 'reports' },
      { Key: 'empty', Value: '' },
      { Key: 'ä +=._:/@-', Value: '\u00E9' },
    ],
    put: (TagSet) => run(sdk.PutBucketTaggingCommand, { Bucket, Tagging: { TagSet } }),
    get: async (client) => (await client.send(new sdk.GetBucketTaggingCommand({ Bucket }))).TagSet!,
    remove: run(sdk.DeleteBucketTaggingCommand, { Bucket }),
    absent: 'NoSuchTagSet',
    bad: [
      [
        [
          { Key: 'a', Value: '1' },
          { Key: 'a', Value: '2' },
        ],
        'InvalidTag',
      ],
      [[{ Key: '', Value: '1' }], 'InvalidTag', 'The TagKey you have provided is invalid'],
      [[{ Key: 'x'.repeat(129), Value: '1' }], 'InvalidTag'],
      [[{ Key: 'a', Value: 'x'.repeat(257) }], 'InvalidTag', 'The TagValue you have provided is invalid'],
      [[{ Key: 'a?', Value: '1' }], 'InvalidTag'],
      [[{ Key: 'aws:a', Value: '1' }], 'InvalidTag', 'System tags cannot be added/updated by requester'],
      [Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}`, Value: '' })), 'BadRequest'],
    ],
  },
  cors: {
    good: {
      CORSRules: [
        {
          ID: 'one',
          AllowedMethods: ['GET', 'PUT', 'POST', 'DELETE', 'HEAD'],
          AllowedOrigins: ['https://*.example.com', 'null'],
          AllowedHeaders: ['x-amz-*'],
          ExposeHeaders: ['ETag'],
          MaxAgeSeconds: 3000,
        },
        { AllowedMethods: ['GET'], AllowedOrigins: ['*'] },
      ],
    },
    put: (CORSConfiguration) => run(sdk.PutBucketCorsCommand, { Bucket, CORSConfiguration }),
    get: run(sdk.GetBucketCorsCommand, { Bucket }),
    remove: run(sdk.DeleteBucketCorsCommand, { Bucket }),
    absent: 'NoSuchCORSConfiguration',
    bad: [
      [{ CORSRules: [] }, 'MalformedXML'],
      [cors({ AllowedMethods: [] }), 'MalformedXML'],
      [
        cors({ AllowedMethods: ['PATCH'] }),
        'InvalidRequest',
        'Found unsupported HTTP method in CORS config. Unsupported method is PATCH',
      ],
      [
        cors({ AllowedOrigins: ['*.*'] }),
        'InvalidRequest',
        'AllowedOrigin "*.*" can not have more than one wildcard.',
      ],
      [cors({ AllowedHeaders: ['**'] }), 'InvalidRequest'],
      [cors({ ExposeHeaders: ['*'] }), 'InvalidRequest'],
      [{ CORSRules: Array.from({ length: 101 }, () => cors({}).CORSRules[0]) }, 'InvalidRequest'],
    ],
  },
  website: {
    good: {
      IndexDocument: { Suffix: 'index.html' },
      ErrorDocument: { Key: 'errors/404.html' },
      RoutingRules: [
        {
          Condition: { KeyPrefixEquals: 'docs/', HttpErrorCodeReturnedEquals: '404' },
          Redirect: { ReplaceKeyPrefixWith: 'documents/', Protocol: 'https', HttpRedirectCode: '301' },
        },
        { Redirect: { HostName: 'example.com', ReplaceKeyWith: 'x' } },
      ],
    },
    put: (WebsiteConfiguration) => run(sdk.PutBucketWebsiteCommand, { Bucket, WebsiteConfiguration }),
    get: run(sdk.GetBucketWebsiteCommand, { Bucket }),
    remove: run(sdk.DeleteBucketWebsiteCommand, { Bucket }),
    absent: 'NoSuchWebsiteConfiguration',
    bad: [
      [{ ErrorDocument: { Key: 'x' } }, 'InvalidArgument'],
      [
        { IndexDocument: { Suffix: 'a/b' } },
        'InvalidArgument',
        'The IndexDocument Suffix is not well formed',
      ],
      [{ IndexDocument: { Suffix: '' } }, 'InvalidArgument'],
      [
        { RedirectAllRequestsTo: { HostName: 'a' }, IndexDocument: { Suffix: 'x' } },
        'InvalidArgument',
        'RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.',
      ],
      [{ RedirectAllRequestsTo: { HostName: 'a', Protocol: 'ftp' } }, 'InvalidRequest'],
      [route({ HttpRedirectCode: '300' }), 'InvalidRequest'],
      [route({ HttpRedirectCode: '404' }), 'InvalidRequest'],
      [route({ ReplaceKeyWith: 'a', ReplaceKeyPrefixWith: 'b' }), 'InvalidRequest'],
      [route({ HostName: 'a' }, { HttpErrorCodeReturnedEquals: '200' }), 'InvalidRequest'],
      [route({ HostName: 'a' }, {}), 'InvalidRequest'],
      [
        {
          ...route({ HostName: 'a' }),
          RoutingRules: Array.from({ length: 51 }, () => ({ Redirect: { HostName: 'a' } })),
        },
        'InvalidRequest',
      ],
    ],
  },
  logging: {
    good: {
      LoggingEnabled: {
        TargetBucket: TARGET,
        TargetPrefix: 'logs/',
        TargetObjectKeyFormat: { PartitionedPrefix: { PartitionDateSource: 'EventTime' } },
      },
    },
    put: (BucketLoggingStatus) => run(sdk.PutBucketLoggingCommand, { Bucket, BucketLoggingStatus }),
    get: run(sdk.GetBucketLoggingCommand, { Bucket }),
    remove: run(sdk.PutBucketLoggingCommand, { Bucket, BucketLoggingStatus: {} }),
    absent: {},
    bad: [
      [{ LoggingEnabled: { TargetBucket: 'no-such', TargetPrefix: '' } }, 'InvalidTargetBucketForLogging'],
      [
        { LoggingEnabled: { TargetBucket: 'of-another-account', TargetPrefix: '' } },
        'InvalidTargetBucketForLogging',
        'The owner for the bucket to be logged and the target bucket must be the same.',
      ],
      [{ LoggingEnabled: { TargetBucket: 'elsewhere', TargetPrefix: '' } }, 'CrossLocationLoggingProhibited'],
      [{ LoggingEnabled: { TargetBucket: TARGET } }, 'MalformedXML'],
    ],
  },
  notification: {
    good: {
      TopicConfigurations: [
        {
          Id: 't',
          TopicArn: 'arn:aws:sns:us-east-1:222222222222:topic',
          Events: ['s3:ObjectRemoved:*'],
          ...filter(['prefix', 'in/'], ['suffix', '.csv']),
        },
      ],
      QueueConfigurations: [queue()],
      LambdaFunctionConfigurations: [
        {
          Id: 'l',
          LambdaFunctionArn: 'arn:aws:lambda:us-east-1:222222222222:function:f',
          Events: ['s3:ObjectTagging:Put'],
        },
      ],
      EventBridgeConfiguration: {},
    },
    put: (NotificationConfiguration) =>
      run(sdk.PutBucketNotificationConfigurationCommand, { Bucket, NotificationConfiguration }),
    get: run(sdk.GetBucketNotificationConfigurationCommand, { Bucket }),
    remove: run(sdk.PutBucketNotificationConfigurationCommand, {
      Bucket,
      NotificationConfiguration: {},
    }),
    absent: {},
    bad: [
      [{ QueueConfigurations: [queue({ QueueArn: 'x' })] }, 'InvalidArgument', 'The ARN is not well formed'],
      [{ QueueConfigurations: [queue({ Events: ['s3:ObjectCreated'] })] }, 'InvalidArgument'],
      [{ QueueConfigurations: [queue(), queue(filter(['prefix', 'a']))] }, 'InvalidArgument'],
      [
        { QueueConfigurations: [queue(), queue({ Id: 'r', Events: ['s3:ObjectCreated:Put'] })] },
        'InvalidArgument',
      ],
      [{ QueueConfigurations: [queue(filter(['infix', 'a']))] }, 'InvalidArgument'],
      [{ QueueConfigurations: [queue(filter(['prefix', 'a'], ['prefix', 'b']))] }, 'InvalidArgument'],
    ],
  },
  replication: {
    good: replicate({}, { ID: 's', Priority: 2, Filter: { Tag: { Key: 'a', Value: 'b' } } }),
    put: (ReplicationConfiguration, bucket = Bucket) =>
      run(sdk.PutBucketReplicationCommand, { Bucket: bucket, ReplicationConfiguration }),
    get: async (client) =>
      (await client.send(new sdk.GetBucketReplicationCommand({ Bucket }))).ReplicationConfiguration!,
    remove: run(sdk.DeleteBucketReplicationCommand, { Bucket }),
    absent: 'ReplicationConfigurationNotFoundError',
    bad: [
      [replicate(), 'MalformedXML'],
      [{ ...replicate({}), Role: 'x' }, 'InvalidArgument'],
      [replicate({}, { ID: 's' }), 'InvalidRequest'],
      [replicate({}, { Priority: 2 }), 'InvalidRequest', 'Rule Id must be unique'],
      [replicate({ Priority: undefined }), 'InvalidRequest'],
      [replicate({ DeleteMarkerReplication: undefined }), 'InvalidRequest'],
      [
        replicate({ Destination: { Bucket: 'arn:aws:s3:::no-such' } }),
        'InvalidRequest',
        'Destination bucket must exist.',
      ],
      [
        replicate({ Destination: { Bucket: 'arn:aws:s3:::unversioned' } }),
        'InvalidRequest',
        'Destination bucket must have versioning enabled.',
      ],
      [replicate({ Destination: { Bucket: TARGET } }), 'InvalidArgument'],
    ],
  },
  accelerate: {
    good: { Status: 'Enabled' },
    put: (AccelerateConfiguration) =>
      run(sdk.PutBucketAccelerateConfigurationCommand, { Bucket, AccelerateConfiguration }),
    get: run(sdk.GetBucketAccelerateConfigurationCommand, { Bucket }),
    absent: {},
    bad: [[{ Status: 'On' }, 'MalformedXML']],
  },
  abac: {
    good: { AbacStatus: { Status: 'Enabled' } },
    put: (value) => run(sdk.PutBucketAbacCommand, { Bucket, ...(value as object) }),
    get: run(sdk.GetBucketAbacCommand, { Bucket }),
    absent: { AbacStatus: { Status: 'Disabled' } },
    bad: [[{ AbacStatus: { Status: 'On' } }, 'MalformedXML']],
  },
};

describe.each(Object.entries(KINDS))('%s', (_, { good, put, get, remove, absent, bad }) => {
  const got = async () => without((await get(s3)) as Record<string, unknown>);

  test('is absent at first', async () => {
    if (typeof absent === 'string')
      expect(await failureOf(get(s3))).toMatchObject({ code: absent, status: 404 });
    else expect(await got()).toEqual(absent);
  });

  test.each(bad)('is refused as %j', async (value, code, message) => {
    expect(await failureOf(put(value)(s3))).toMatchObject({
      code,
      status: code === 'CrossLocationLoggingProhibited' ? 403 : 400,
      ...(message !== undefined && { message }),
    });
    if (typeof absent !== 'string') expect(await got()).toEqual(absent);
  });

  test('comes back as it was given, to those who may see it, until it goes', async () => {
    await put(good)(s3);
    const value = await get(s3);
    expect(Array.isArray(value) ? value : without(value as Record<string, unknown>)).toEqual(good);
    for (const denied of [get, put(good), ...(remove ? [remove] : [])])
      expect(await failureOf(denied(nobody))).toMatchObject({ code: 'AccessDenied', status: 403 });
    if (!remove) return;
    await remove(s3);
    await remove(s3);
    if (typeof absent === 'string') expect(await failureOf(get(s3))).toMatchObject({ code: absent });
    else expect(await got()).toEqual(absent);
  });
});

const metrics = (Id: string, more: object = {}) => ({ Id, ...more });
const inventory = (Id: string, more: object = {}) => ({
  Id,
  IsEnabled: true,
  IncludedObjectVersions: 'All',
  Schedule: { Frequency: 'Daily' },
  OptionalFields: ['Size', 'ETag'],
  Destination: {
    S3BucketDestination: { Bucket: `arn:aws:s3:::${TARGET}`, Format: 'CSV', Prefix: 'inventory' },
  },
  ...more,
});
const tiering = (Id: string, more: object = {}) => ({
  Id,
  Status: 'Enabled',
  Filter: { Prefix: 'a/' },
  Tierings: [{ AccessTier: 'ARCHIVE_ACCESS', Days: 90 }],
  ...more,
});
const analytics = (Id: string, more: object = {}) => ({
  Id,
  Filter: { And: { Prefix: 'a', Tags: [{ Key: 'k', Value: 'v' }] } },
  StorageClassAnalysis: {
    DataExport: {
      OutputSchemaVersion: 'V_1',
      Destination: { S3BucketDestination: { Format: 'CSV', Bucket: `arn:aws:s3:::${TARGET}` } },
    },
  },
  ...more,
});

type ById = (Id: string, more?: object) => object;

describe.each<[string, ById, object[]]>([
  ['Metrics', metrics, [{ Filter: { And: { Prefix: 'a' } } }]],
  [
    'Inventory',
    inventory,
    [
      { Schedule: { Frequency: 'Hourly' } },
      { IncludedObjectVersions: 'None' },
      { Destination: undefined },
      { OptionalFields: ['Colour'] },
    ],
  ],
  [
    'IntelligentTiering',
    tiering,
    [{ Status: 'On' }, { Tierings: [] }, { Tierings: [{ AccessTier: 'ARCHIVE_ACCESS', Days: 89 }] }],
  ],
  [
    'Analytics',
    analytics,
    [{ StorageClassAnalysis: { DataExport: { OutputSchemaVersion: 'V_2', Destination: analytics('x') } } }],
  ],
])('%s configurations', (name, make, bad) => {
  const member = `${name}Configuration`;
  const commands = sdk as never as Record<string, { new (input: never): object }>;
  const call = (verb: string, input: object) =>
    run(commands[`${verb}Bucket${name}Configuration${verb === 'List' ? 's' : ''}Command`]!, {
      Bucket,
      ...input,
    });
  const put = (Id: string, value: object) => call('Put', { Id, [member]: value })(s3);
  const get = (Id: string) => call('Get', { Id })(s3);
  const list = (input: object = {}) => call('List', input)(s3) as Promise<Record<string, unknown>>;
  const listed = async (input: object = {}) => {
    const page = await list(input);
    const configurations = (page[`${member}List`] ?? []) as { Id: string }[];
    return { ...page, ids: configurations.map(({ Id }) => Id) };
  };

  test('are kept by their ids', async () => {
    const missing = { code: 'NoSuchConfiguration', status: 404 };
    expect((await listed()).ids).toEqual([]);
    expect(await failureOf(get('a'))).toMatchObject(missing);
    await put('b', make('b'));
    await put('a', make('a'));
    expect(without((await get('a')) as Record<string, unknown>)).toEqual({ [member]: make('a') });
    expect((await listed()).ids).toEqual(['a', 'b']);
    await call('Delete', { Id: 'a' })(s3);
    expect(await failureOf(get('a'))).toMatchObject(missing);
    expect(await failureOf(call('Delete', { Id: 'a' })(s3))).toMatchObject(missing);
    expect(await failureOf(put('c', make('d')))).toMatchObject({ code: 'MalformedXML' });
    for (const more of bad) expect(await failureOf(put('e', make('e', more)))).toMatchObject({ status: 400 });
    expect(await failureOf(call('Get', { Id: 'b' })(nobody))).toMatchObject({ code: 'AccessDenied' });
    expect((await listed()).ids).toEqual(['b']);
  });

  test('are listed in pages of a hundred', async () => {
    const ids = Array.from({ length: 101 }, (_, index) => `page-${String(index).padStart(3, '0')}`);
    for (const id of ids) await put(id, make(id));
    const first = await listed();
    expect(first).toMatchObject({ IsTruncated: true, ids: ['b', ...ids.slice(0, 99)] });
    const { NextContinuationToken } = first as Record<string, unknown>;
    const second = await listed({ ContinuationToken: NextContinuationToken });
    expect(second).toMatchObject({ IsTruncated: false, ids: ids.slice(99) });
  });
});

test('a bucket gets its tags with its making', async () => {
  const tagged = { Bucket: 'tagged', CreateBucketConfiguration: { Tags: [{ Key: 'a', Value: 'b' }] } };
  await s3.send(new sdk.CreateBucketCommand(tagged));
  const { TagSet } = await s3.send(new sdk.GetBucketTaggingCommand({ Bucket: 'tagged' }));
  expect(TagSet).toEqual([{ Key: 'a', Value: 'b' }]);
});

test('versioning stays on while there is a replication, which needs it', async () => {
  const { put, good, remove } = KINDS['replication']!;
  expect(await failureOf(put(good, 'unversioned')(s3))).toMatchObject({ code: 'InvalidRequest' });
  await put(good)(s3);
  const suspend = { Bucket, VersioningConfiguration: { Status: 'Suspended' } } as const;
  expect(await failureOf(s3.send(new sdk.PutBucketVersioningCommand(suspend)))).toMatchObject({
    code: 'InvalidBucketState',
    status: 409,
  });
  await remove!(s3);
  await s3.send(new sdk.PutBucketVersioningCommand(suspend));
});

test('a bucket with periods in its name has no acceleration', async () => {
  await s3.send(new sdk.CreateBucketCommand({ Bucket: 'with.periods' }));
  const accelerate = new sdk.PutBucketAccelerateConfigurationCommand({
    Bucket: 'with.periods',
    AccelerateConfiguration: { Status: 'Enabled' },
  });
  expect(await failureOf(s3.send(accelerate))).toMatchObject({ code: 'InvalidRequest', status: 400 });
});
