import {
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketLifecycleCommand,
  DeleteObjectCommand,
  GetBucketLifecycleConfigurationCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type LifecycleRule,
} from '@aws-sdk/client-s3';
import { SandboxClock, startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientsOf, DESTINATION, failureOf, type Clients } from './clients.ts';
import { refusalOf, send, sign } from './signer.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let clock: SandboxClock;
let aws: Sandbox;
let s3: Clients['s3'];
/** Midnight before the latest bucket was made. */
let midnight: number;
let made = 0;

beforeAll(async () => {
  clock = new SandboxClock(new Date('2026-03-02T08:00:00Z'));
  aws = await startSandbox({ accounts: [DESTINATION], clock });
  ({ s3 } = clientsOf(aws, aws.account(DESTINATION).root));
});
afterAll(() => aws.close());

/** Moves the clock to half past ten of the next day: so midnights are where they are. */
function nextMorning(): void {
  midnight = (Math.floor(clock.now() / DAY) + 1) * DAY;
  clock.advance(midnight + 10.5 * HOUR - clock.now());
}

async function newBucket(versioned = false): Promise<string> {
  nextMorning();
  const Bucket = `lifecycle-${++made}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  if (versioned)
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  return Bucket;
}
const configure = (Bucket: string, ...Rules: Partial<LifecycleRule>[]) =>
  s3.send(
    new PutBucketLifecycleConfigurationCommand({
      Bucket,
      LifecycleConfiguration: {
        Rules: Rules.map((rule) => ({ Status: 'Enabled', ...rule }) as LifecycleRule),
      },
    }),
  );
const put = (Bucket: string, Key: string, extra: { Tagging?: string; Body?: string } = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body: 'text', ...extra }));
const keysOf = async (Bucket: string) =>
  ((await s3.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []).map(({ Key }) => Key);
async function versionsOf(Bucket: string): Promise<string[]> {
  const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
  return [
    ...Versions.map(({ Key, VersionId }) => `${Key} ${VersionId}`),
    ...DeleteMarkers.map(({ Key }) => `${Key} marker`),
  ];
}
const all = { Filter: { Prefix: '' } };

describe('a lifecycle configuration', () => {
  test('comes back as it was given, with an id for each rule, until it is deleted', async () => {
    const Bucket = await newBucket();
    const get = () => s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
    const missing = { code: 'NoSuchLifecycleConfiguration', status: 404 };
    expect(await failureOf(get())).toMatchObject(missing);
    const rules: LifecycleRule[] = [
      { ID: 'old form', Prefix: 'a/', Status: 'Disabled', Expiration: { Days: 1 } },
      {
        ID: 'date',
        Filter: { Tag: { Key: 'k', Value: 'v' } },
        Status: 'Enabled',
        Expiration: { Date: new Date('2030-01-01T00:00:00Z') },
        Transitions: [{ Date: new Date('2029-01-01T00:00:00Z'), StorageClass: 'GLACIER' }],
      },
      {
        ID: 'and',
        Filter: {
          And: {
            Prefix: 'x',
            Tags: [
              { Key: 'a', Value: '1' },
              { Key: 'b', Value: '' },
            ],
            ObjectSizeGreaterThan: 10,
            ObjectSizeLessThan: 20,
          },
        },
        Status: 'Enabled',
        Expiration: { Days: 365 },
        Transitions: [
          { Days: 30, StorageClass: 'STANDARD_IA' },
          { Days: 60, StorageClass: 'GLACIER' },
        ],
        NoncurrentVersionExpiration: { NoncurrentDays: 90, NewerNoncurrentVersions: 3 },
        NoncurrentVersionTransitions: [{ NoncurrentDays: 30, StorageClass: 'STANDARD_IA' }],
      },
      {
        ID: 'clean',
        Filter: {},
        Status: 'Enabled',
        Expiration: { ExpiredObjectDeleteMarker: true },
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
      },
    ];
    await configure(Bucket, ...rules);
    const kept = await get();
    expect(kept.Rules).toEqual(rules);
    expect(kept.TransitionDefaultMinimumObjectSize).toBe('all_storage_classes_128K');
    await configure(Bucket, { ...all, Expiration: { Days: 1 } });
    expect((await get()).Rules![0]!.ID).toMatch(/^\S{48}$/);
    await s3.send(new DeleteBucketLifecycleCommand({ Bucket }));
    expect(await failureOf(get())).toMatchObject(missing);
    await s3.send(new DeleteBucketLifecycleCommand({ Bucket }));
  });

  const expires = { Expiration: { Days: 1 } };
  test.each<[Partial<LifecycleRule>[], string, string?]>([
    [[], 'MalformedXML'],
    [[{ ...expires }], 'MalformedXML'],
    [[{ ...all, Prefix: '', ...expires }], 'MalformedXML'],
    [[{ ...all, ...expires, Status: 'enabled' as 'Enabled' }], 'MalformedXML'],
    [[{ ...all }], 'InvalidRequest', 'At least one action needs to be specified in a rule'],
    [
      [
        { ...all, ...expires, ID: 'a' },
        { ...all, ...expires, ID: 'a' },
      ],
      'InvalidArgument',
      'Rule ID must be unique. Found same ID for more than one rule',
    ],
    [
      [{ ...all, ...expires, ID: 'x'.repeat(256) }],
      'InvalidArgument',
      'ID length should not exceed allowed limit of 255',
    ],
    [
      [{ ...all, Expiration: { Days: 0 } }],
      'InvalidArgument',
      "'Days' for Expiration action must be a positive integer",
    ],
    [[{ ...all, Expiration: { Days: 1, ExpiredObjectDeleteMarker: true } }], 'MalformedXML'],
    [[{ ...all, Expiration: {} }], 'MalformedXML'],
    [
      [{ ...all, Expiration: { Date: new Date('2030-01-01T01:00:00Z') } }],
      'InvalidArgument',
      "'Date' must be at midnight GMT",
    ],
    [[{ ...all, NoncurrentVersionExpiration: { NoncurrentDays: 0 } }], 'InvalidArgument'],
    [[{ ...all, NoncurrentVersionExpiration: { NewerNoncurrentVersions: 3 } }], 'MalformedXML'],
    [
      [{ ...all, NoncurrentVersionExpiration: { NoncurrentDays: 1, NewerNoncurrentVersions: 101 } }],
      'InvalidArgument',
    ],
    [[{ ...all, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 0 } }], 'InvalidArgument'],
    [
      [
        {
          Filter: { Tag: { Key: 'k', Value: 'v' } },
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
        },
      ],
      'InvalidRequest',
      'AbortIncompleteMultipartUpload cannot be specified with Tags.',
    ],
    [[{ Filter: { And: { Prefix: 'a' } }, ...expires }], 'MalformedXML'],
    [[{ Filter: { Prefix: 'a', ObjectSizeLessThan: 5 }, ...expires }], 'MalformedXML'],
    [
      [{ Filter: { And: { ObjectSizeGreaterThan: 5, ObjectSizeLessThan: 5 } }, ...expires }],
      'InvalidRequest',
    ],
    [[{ ...all, Transitions: [{ Days: 1, StorageClass: 'STANDARD' as 'GLACIER' }] }], 'MalformedXML'],
    [
      [{ ...all, Transitions: [{ Days: 29, StorageClass: 'STANDARD_IA' }] }],
      'InvalidArgument',
      "'Days' in Transition action must be greater than or equal to 30 for storageClass 'STANDARD_IA'",
    ],
    [
      [{ ...all, Expiration: { Days: 5 }, Transitions: [{ Days: 5, StorageClass: 'GLACIER' }] }],
      'InvalidArgument',
      "'Days' in the Expiration action must be greater than 'Days' in the Transition action",
    ],
  ])('is refused as %j', async (rules, code, message) => {
    const failure = await failureOf(configure(await newBucket(), ...rules));
    expect(failure).toMatchObject({ code, status: 400, ...(message !== undefined && { message }) });
  });

  test('needs a digest of its body', async () => {
    const Bucket = await newBucket();
    const body =
      '<LifecycleConfiguration><Rule><Prefix/><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>';
    const call = { method: 'PUT', url: `${aws.endpoint}/${Bucket}?lifecycle=`, body };
    const refusal = await refusalOf(
      await send(sign(call, { identity: aws.account(DESTINATION).root }), body),
    );
    expect(refusal).toMatchObject({ status: 400, code: 'InvalidRequest' });
  });
});

describe('objects expire', () => {
  test('days after they were written, at the next midnight, and say so before', async () => {
    const Bucket = await newBucket();
    await configure(Bucket, { ID: 'three days', Filter: { Prefix: 'a/' }, Expiration: { Days: 3 } });
    const { Expiration } = await put(Bucket, 'a/1');
    const date = new Date(midnight + 4 * DAY).toUTCString();
    expect(Expiration).toBe(`expiry-date="${date}", rule-id="three%20days"`);
    await put(Bucket, 'b/1');
    const head = (Key: string) => s3.send(new HeadObjectCommand({ Bucket, Key }));
    expect((await head('a/1')).Expiration).toBe(Expiration);
    expect((await head('b/1')).Expiration).toBeUndefined();
    clock.advance(midnight + 4 * DAY - 60_000 - clock.now());
    expect(await keysOf(Bucket)).toEqual(['a/1', 'b/1']);
    clock.advance(120_000);
    expect(await failureOf(head('a/1'))).toMatchObject({ status: 404 });
    expect(await keysOf(Bucket)).toEqual(['b/1']);
  });

  test('from a date on, those of before and those of after', async () => {
    const Bucket = await newBucket();
    await put(Bucket, 'before');
    await configure(Bucket, { ...all, Expiration: { Date: new Date(midnight + 8 * DAY) } });
    clock.advance(5 * DAY);
    expect(await keysOf(Bucket)).toEqual(['before']);
    clock.advance(3 * DAY);
    expect(await keysOf(Bucket)).toEqual([]);
    await put(Bucket, 'after');
    clock.advance(DAY);
    expect(await keysOf(Bucket)).toEqual([]);
  });

  test('by prefix, tags and size, all of which must fit, and only by rules that are enabled', async () => {
    const Bucket = await newBucket();
    const Expiration = { Days: 1 };
    const tags = [
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '2' },
    ];
    await configure(
      Bucket,
      { Filter: { Tag: { Key: 'go', Value: 'yes' } }, Expiration },
      { Filter: { And: { Prefix: 'p/', Tags: tags } }, Expiration },
      { Filter: { ObjectSizeGreaterThan: 100 }, Expiration },
      { Filter: { And: { Prefix: 's/', ObjectSizeLessThan: 3 } }, Expiration },
      { Filter: { Prefix: 'off/' }, Expiration, Status: 'Disabled' },
    );
    await Promise.all([
      put(Bucket, 'tagged', { Tagging: 'go=yes&more=1' }),
      put(Bucket, 'tagged-otherwise', { Tagging: 'go=no' }),
      put(Bucket, 'p/both', { Tagging: 'a=1&b=2' }),
      put(Bucket, 'p/one', { Tagging: 'a=1' }),
      put(Bucket, 'q/both', { Tagging: 'a=1&b=2' }),
      put(Bucket, 'large', { Body: 'x'.repeat(101) }),
      put(Bucket, 'not-so-large', { Body: 'x'.repeat(100) }),
      put(Bucket, 's/small', { Body: 'xx' }),
      put(Bucket, 's/not-so-small', { Body: 'xxx' }),
      put(Bucket, 'off/1'),
    ]);
    clock.advance(3 * DAY);
    expect(await keysOf(Bucket)).toEqual([
      'not-so-large',
      'off/1',
      'p/one',
      'q/both',
      's/not-so-small',
      'tagged-otherwise',
    ]);
  });

  test('as soon as a rule is there that has long been due', async () => {
    const Bucket = await newBucket();
    await put(Bucket, 'old');
    clock.advance(30 * DAY);
    await configure(Bucket, { ...all, Expiration: { Days: 7 } });
    expect(await keysOf(Bucket)).toEqual([]);
  });

  test('before somebody copies them from another bucket', async () => {
    const Bucket = await newBucket();
    await configure(Bucket, { ...all, Expiration: { Days: 1 } });
    await put(Bucket, 'k');
    clock.advance(3 * DAY);
    const copy = { Bucket: 'lifecycle-copies', Key: 'k', CopySource: `${Bucket}/k` };
    await s3.send(new CreateBucketCommand({ Bucket: copy.Bucket }));
    expect(await failureOf(s3.send(new CopyObjectCommand(copy)))).toMatchObject({ code: 'NoSuchKey' });
  });

  test('more than a sweep looks at in one step', async () => {
    const Bucket = await newBucket();
    await configure(Bucket, { Filter: { Prefix: 'x' }, Expiration: { Days: 1 } });
    const names = Array.from({ length: 600 }, (_, index) => `${index % 2 ? 'x' : 'y'}${index}`);
    for (let at = 0; at < names.length; at += 100)
      await Promise.all(names.slice(at, at + 100).map((name) => put(Bucket, name)));
    clock.advance(2 * DAY);
    expect(await keysOf(Bucket)).toHaveLength(300);
  });
});

describe('versions', () => {
  test('stay when their object expires: it gets a delete marker, which goes when it is alone', async () => {
    const Bucket = await newBucket(true);
    const { VersionId } = await put(Bucket, 'k');
    await configure(Bucket, { ...all, Expiration: { Days: 1 } });
    clock.advance(2 * DAY);
    expect(await versionsOf(Bucket)).toEqual([`k ${VersionId}`, 'k marker']);
    clock.advance(20 * DAY);
    expect(await versionsOf(Bucket)).toEqual([`k ${VersionId}`, 'k marker']);
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId }));
    clock.advance(DAY);
    expect(await versionsOf(Bucket)).toEqual([]);
  });

  test('that are not current go, days after the next was written, but for the newest of them', async () => {
    const Bucket = await newBucket(true);
    await configure(Bucket, {
      ...all,
      NoncurrentVersionExpiration: { NoncurrentDays: 2, NewerNoncurrentVersions: 1 },
    });
    const ids: string[] = [];
    for (let day = 0; day < 4; day++) {
      ids.unshift(`k ${(await put(Bucket, 'k')).VersionId}`);
      clock.advance(DAY);
    }
    expect(await versionsOf(Bucket)).toEqual(ids.slice(0, 3));
    clock.advance(9 * DAY);
    expect(await versionsOf(Bucket)).toEqual(ids.slice(0, 2));
  });

  test('that are delete markers and hide nothing go by a rule of their own', async () => {
    const Bucket = await newBucket(true);
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'never' }));
    await put(Bucket, 'hidden');
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'hidden' }));
    await configure(Bucket, { ...all, Expiration: { ExpiredObjectDeleteMarker: true } });
    const left = await versionsOf(Bucket);
    expect(left).toHaveLength(2);
    expect(left[1]).toBe('hidden marker');
  });

  test('that are locked stay', async () => {
    nextMorning();
    const Bucket = 'lifecycle-locked';
    await s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
    const lock = {
      ObjectLockMode: 'GOVERNANCE',
      ObjectLockRetainUntilDate: new Date(midnight + 10 * DAY),
    } as const;
    const { VersionId } = await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'text', ...lock }));
    const { VersionId: second } = await put(Bucket, 'k');
    await configure(Bucket, { ...all, NoncurrentVersionExpiration: { NoncurrentDays: 1 } });
    clock.advance(5 * DAY);
    expect(await versionsOf(Bucket)).toEqual([`k ${second}`, `k ${VersionId}`]);
    clock.advance(6 * DAY);
    expect(await versionsOf(Bucket)).toEqual([`k ${second}`]);
  });
});

test('uploads in parts are given up, and say when', async () => {
  const Bucket = await newBucket();
  await configure(Bucket, {
    ID: 'parts',
    Filter: { Prefix: 'up/' },
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
  });
  const begin = (Key: string) => s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  const { AbortDate, AbortRuleId } = await begin('up/1');
  expect({ AbortDate, AbortRuleId }).toEqual({
    AbortDate: new Date(midnight + 2 * DAY),
    AbortRuleId: 'parts',
  });
  expect((await begin('other')).AbortDate).toBeUndefined();
  clock.advance(2 * DAY);
  const { Uploads } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
  expect(Uploads!.map(({ Key }) => Key)).toEqual(['other']);
});
