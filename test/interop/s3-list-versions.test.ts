import {
  CreateBucketCommand,
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type ListObjectVersionsCommandInput,
} from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientsOf, DESTINATION, failureOf, type Clients } from './clients.ts';

const BUCKET = 'listed-versions';
const LETTERS = ['a', 'b', '/', '-', '\u{1F600}'];
let aws: Sandbox;
let s3: Clients['s3'];
/** As AWS lists them: by key, the newest first. */
let all: { key: string; id: string; isMarker: boolean; isLatest: boolean }[];

const inBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

beforeAll(async () => {
  aws = await startSandbox();
  ({ s3 } = clientsOf(aws, aws.account(DESTINATION).root));
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const word = fc.string({ unit: fc.constantFrom(...LETTERS), minLength: 1, maxLength: 4 });
  const keys = [...new Set(fc.sample(word, { seed: 20_260_901, numRuns: 25 }))].toSorted(inBytes);
  const chains = new Map<string, { id: string; isMarker: boolean }[]>();
  const setVersioning = (Status: 'Enabled' | 'Suspended') =>
    s3.send(new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration: { Status } }));
  const put = async (Key: string) => {
    const { VersionId = 'null' } = await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: Key }));
    chains.set(Key, [{ id: VersionId, isMarker: false }, ...(chains.get(Key) ?? [])]);
  };
  const remove = async (Key: string) => {
    const { VersionId } = await s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }));
    chains.set(Key, [{ id: VersionId!, isMarker: true }, ...(chains.get(Key) ?? [])]);
  };
  await Promise.all(keys.filter((_, index) => index % 2 === 0).map(put));
  await setVersioning('Enabled');
  await Promise.all(keys.map(put));
  await Promise.all(keys.filter((_, index) => index % 3 === 0).map(remove));
  await Promise.all(keys.filter((_, index) => index % 6 === 0).map(put));
  all = [...chains]
    .toSorted(([a], [b]) => inBytes(a, b))
    .flatMap(([key, chain]) => chain.map((version, index) => ({ key, ...version, isLatest: index === 0 })));
});
afterAll(() => aws.close());

const list = (input: Partial<ListObjectVersionsCommandInput> = {}) =>
  s3.send(new ListObjectVersionsCommand({ Bucket: BUCKET, ...input }));

/** Every page of a listing together, each page checked against its limit. */
async function listAll(input: Partial<ListObjectVersionsCommandInput>) {
  const found: unknown[] = [];
  const prefixes: string[] = [];
  let markers: Partial<ListObjectVersionsCommandInput> = {};
  for (;;) {
    const page = await list({ ...input, ...markers });
    const versions = (page.Versions ?? []).map((version) => ({ ...version, isMarker: false }));
    const deleted = (page.DeleteMarkers ?? []).map((marker) => ({ ...marker, isMarker: true }));
    for (const { Key, VersionId, IsLatest, isMarker } of [...versions, ...deleted])
      found.push({ key: Key, id: VersionId, isMarker, isLatest: IsLatest });
    prefixes.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix!));
    const count = versions.length + deleted.length + (page.CommonPrefixes ?? []).length;
    expect(count).toBeLessThanOrEqual(input.MaxKeys ?? 1000);
    if (!page.IsTruncated) return { found, prefixes };
    expect(count).toBe(input.MaxKeys ?? 1000);
    markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
  }
}

function expected(prefix: string, delimiter: string | undefined) {
  const prefixes = new Set<string>();
  const found = all.filter(({ key }) => {
    if (!key.startsWith(prefix)) return false;
    const end = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
    if (end !== -1) prefixes.add(key.slice(0, end + delimiter!.length));
    return end === -1;
  });
  return { found, prefixes: [...prefixes] };
}

const inAnyOrder = (items: unknown[]) => items.map((item) => JSON.stringify(item)).toSorted();

describe('a listing of versions', () => {
  test('in pages of whatever size, by whatever prefix and delimiter, is the whole', async () => {
    const text = fc.constantFrom('', 'a', 'b', '/', 'a/', '\u{1F600}');
    await fc.assert(
      fc.asyncProperty(
        text,
        fc.constantFrom(undefined, '/', 'a', '-', 'b/'),
        fc.constantFrom(1, 2, 3, 7, 1000),
        async (Prefix, Delimiter, MaxKeys) => {
          const listed = await listAll({ Prefix, Delimiter, MaxKeys });
          const wanted = expected(Prefix, Delimiter);
          expect(inAnyOrder(listed.found)).toEqual(inAnyOrder(wanted.found));
          expect(listed.prefixes).toEqual(wanted.prefixes);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('says what each version is, and what was asked', async () => {
    const page = await list({ MaxKeys: 2, Prefix: 'a' });
    expect(page).toMatchObject({ Name: BUCKET, Prefix: 'a', KeyMarker: '', VersionIdMarker: '', MaxKeys: 2 });
    const [version] = page.Versions!;
    expect(version).toMatchObject({ StorageClass: 'STANDARD', Size: Buffer.byteLength(version!.Key!) });
    expect(version!.ETag).toMatch(/^"[0-9a-f]{32}"$/);
    expect(version!.LastModified).toBeInstanceOf(Date);
    expect(version!.Owner!.ID).toMatch(/^[0-9a-f]{64}$/);
  });

  test('goes on behind a version, its key, or a common prefix', async () => {
    const at = 2;
    const { key, id } = all[at]!;
    const page = await list({ KeyMarker: key, VersionIdMarker: id });
    expect((page.Versions ?? []).length + (page.DeleteMarkers ?? []).length).toBe(all.length - at - 1);
    const behindKey = await list({ KeyMarker: key });
    const wanted = all.filter((version) => inBytes(version.key, key) > 0);
    expect((behindKey.Versions ?? []).length + (behindKey.DeleteMarkers ?? []).length).toBe(wanted.length);
    const behindPrefix = await list({ Delimiter: '/', KeyMarker: '/zzz' });
    expect((behindPrefix.CommonPrefixes ?? []).map(({ Prefix }) => Prefix)).not.toContain('/');
  });

  test.each([
    [{ VersionIdMarker: 'null' }, 'A version-id marker cannot be specified without a key marker.'],
    [{ KeyMarker: 'a', VersionIdMarker: '' }, 'A version-id marker cannot be empty.'],
    [{ KeyMarker: 'a', VersionIdMarker: 'x' }, 'Invalid version id specified'],
    [{ MaxKeys: -1 }, 'Argument max-keys must be an integer between 0 and 2147483647'],
    [{ EncodingType: 'xml' as never }, 'Invalid Encoding Method specified in Request'],
  ])('refuses %j', async (input, message) => {
    expect(await failureOf(list(input))).toMatchObject({ code: 'InvalidArgument', status: 400, message });
  });

  test('of no keys is empty and whole', async () => {
    const page = await list({ MaxKeys: 0 });
    expect(page).toMatchObject({ IsTruncated: false, MaxKeys: 0 });
    expect(page.Versions).toBeUndefined();
  });
});
