import {
  CreateBucketCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type ListObjectsV2CommandInput,
} from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientsOf, DESTINATION, failureOf, type Clients } from './clients.ts';

const BUCKET = 'listing';
/** Few letters, so that prefixes and delimiters meet them often; of one to four bytes, not in UTF-16's order. */
const LETTERS = ['a', 'b', '/', '-', ' ', '\u00E9', '\uFFFD', '\u{1F600}'];
let aws: Sandbox;
let s3: Clients['s3'];
let keys: string[];

const inBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

beforeAll(async () => {
  aws = await startSandbox();
  ({ s3 } = clientsOf(aws, aws.account(DESTINATION).root));
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const word = fc.string({ unit: fc.constantFrom(...LETTERS), minLength: 1, maxLength: 5 });
  const sampled = fc.sample(word, { seed: 20_260_801, numRuns: 80 });
  keys = [...new Set(sampled)].toSorted(inBytes);
  await Promise.all(
    keys.map((Key) => s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: Buffer.from(Key) }))),
  );
});
afterAll(() => aws.close());

/** What S3 says that a listing is: in the order of bytes, each common prefix once. */
function expected(prefix: string, delimiter: string | undefined, after: string) {
  const objects: string[] = [];
  const prefixes = new Set<string>();
  for (const key of keys) {
    if (!key.startsWith(prefix)) continue;
    const end = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
    const rolled = end === -1 ? undefined : key.slice(0, end + delimiter!.length);
    if (rolled === undefined) {
      if (inBytes(key, after) > 0) objects.push(key);
      // A start within a common prefix is after all of it: it lists nothing of what the prefix stands for.
    } else if (inBytes(rolled, after) > 0) prefixes.add(rolled);
  }
  return { objects, prefixes: [...prefixes] };
}

async function listV2(input: Partial<ListObjectsV2CommandInput>) {
  const objects: string[] = [];
  const prefixes: string[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, ...input, ContinuationToken }));
    const found = [
      ...(page.Contents ?? []).map(({ Key }) => Key!),
      ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix!),
    ];
    expect(page.KeyCount).toBe(found.length);
    expect(found.length).toBeLessThanOrEqual(input.MaxKeys ?? 1000);
    expect(page.IsTruncated).toBe(page.NextContinuationToken !== undefined);
    objects.push(...(page.Contents ?? []).map(({ Key }) => Key!));
    prefixes.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix!));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return { objects, prefixes };
}

async function listV1(input: { Prefix?: string; Delimiter?: string; MaxKeys: number; Marker?: string }) {
  const objects: string[] = [];
  const prefixes: string[] = [];
  let { Marker } = input;
  for (;;) {
    const page = await s3.send(new ListObjectsCommand({ Bucket: BUCKET, ...input, Marker }));
    objects.push(...(page.Contents ?? []).map(({ Key }) => Key!));
    prefixes.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix!));
    if (!page.IsTruncated) return { objects, prefixes };
    // Without a delimiter, the last key is the next marker.
    expect(page.NextMarker !== undefined).toBe(input.Delimiter !== undefined);
    Marker = page.NextMarker ?? page.Contents!.at(-1)!.Key!;
  }
}

const text = (maxLength: number) => fc.string({ unit: fc.constantFrom(...LETTERS), maxLength });

test('every page of every listing together is the listing', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        prefix: text(2),
        delimiter: fc.option(fc.constantFrom('/', 'a', '-', '\u00E9', 'a/', '\u{1F600}'), { nil: undefined }),
        after: fc.option(text(4), { nil: undefined }),
        size: fc.constantFrom(1, 2, 7, 1000),
      }),
      async ({ prefix, delimiter, after, size }) => {
        const wanted = expected(prefix, delimiter, after ?? '');
        const input = {
          Prefix: prefix,
          ...(delimiter !== undefined && { Delimiter: delimiter }),
          MaxKeys: size,
        };
        expect(await listV2({ ...input, ...(after && { StartAfter: after }) })).toEqual(wanted);
        expect(await listV1({ ...input, ...(after && { Marker: after }) })).toEqual(wanted);
      },
    ),
    { numRuns: 20, seed: 7 },
  );
});

describe('a page', () => {
  test('says what was asked and describes each object', async () => {
    const page = await s3.send(
      new ListObjectsV2Command({
        Bucket: BUCKET,
        Prefix: 'a',
        Delimiter: '/',
        MaxKeys: 3,
        FetchOwner: true,
        StartAfter: ' ',
      }),
    );
    expect(page).toMatchObject({ Name: BUCKET, Prefix: 'a', Delimiter: '/', MaxKeys: 3, StartAfter: ' ' });
    expect(page.Contents?.[0]).toMatchObject({
      Key: expect.any(String),
      Size: Buffer.byteLength(page.Contents![0]!.Key!),
      ETag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
      LastModified: expect.any(Date),
      StorageClass: 'STANDARD',
      Owner: { ID: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, MaxKeys: 1 }));
    expect(Contents?.[0]).not.toHaveProperty('Owner');
  });

  test('of none is empty and not truncated', async () => {
    const page = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, MaxKeys: 0 }));
    expect(page).toMatchObject({ IsTruncated: false, KeyCount: 0, MaxKeys: 0 });
  });

  test('never has more than a thousand keys', async () => {
    const page = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, MaxKeys: 5000 }));
    expect(page.MaxKeys).toBe(1000);
  });

  test.each([{ MaxKeys: -1 }, { ContinuationToken: 'not a token' }, { EncodingType: 'rot13' }])(
    'is refused for %j',
    async (input) => {
      const list = new ListObjectsV2Command({ Bucket: BUCKET, ...(input as object) });
      expect(await failureOf(s3.send(list))).toMatchObject({ code: 'InvalidArgument', status: 400 });
    },
  );

  test('of a bucket that is not there is NoSuchBucket', async () => {
    expect(await failureOf(s3.send(new ListObjectsV2Command({ Bucket: 'not-there' })))).toMatchObject({
      code: 'NoSuchBucket',
      status: 404,
    });
  });
});
