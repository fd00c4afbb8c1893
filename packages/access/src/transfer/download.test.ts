import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createHash, randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { crcOf, encodeCrc } from '../checksums/crc.ts';
import { openBucket, type TransferEvent } from '../index.ts';
import { emptyHome } from '../testing/empty-home.ts';
import { startObjectServer, type ObjectServer } from '../testing/object-server.ts';

const KiB = 1024;
const partSize = 256 * KiB;
const large = randomBytes(4 * partSize + 100 * KiB + 7);
const credentials = { accessKeyId: 'AKIASOURCE', secretAccessKey: 'secret' };

let server: ObjectServer;
let folder: string;

beforeEach(async () => {
  emptyHome();
  server = await startObjectServer(large);
  vi.stubEnv('AWS_ENDPOINT_URL_S3', server.url);
  folder = mkdtempSync(join(tmpdir(), 'crossbucket-download-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

const bucket = () => openBucket({ bucket: 'acme-reports', credentials, region: 'us-east-1' });
const target = () => join(folder, 'copy.bin');
const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );
const ranges = () => server.requests.map(({ range }) => range);

describe('a large object', () => {
  test('comes in ranges, whole, checked, with its time, and leaves nothing beside it', async () => {
    const events: TransferEvent[] = [];
    const done = await bucket().download('a/b c.bin', target(), {
      partSize,
      onEvent: (event) => events.push(event),
    });
    expect(readFileSync(target()).equals(large)).toBe(true);
    expect(done).toMatchObject({ key: 'a/b c.bin', size: large.length, checkedBy: 'CRC64NVME', resumed: 0 });
    expect(statSync(target()).mtime).toEqual(server.modified);
    expect(readdirSync(folder)).toEqual(['copy.bin']);
    expect(ranges().filter((range) => range === undefined)).toHaveLength(1);
    expect(server.requests).toHaveLength(5);
    const moved = events.flatMap((event) => (event.type === 'moved' ? event.bytes : []));
    expect(moved.reduce((sum, bytes) => sum + bytes, 0)).toBe(large.length);
    expect(events.at(-1)).toMatchObject({ type: 'finished', action: 'download', size: large.length });
  });

  test('an answer that breaks off is gone on with about where it broke', async () => {
    const broken = new Set<string>();
    server.fault = ({ range }) => {
      if (range === undefined || broken.has(range)) return undefined;
      if (broken.size >= 2) return undefined;
      broken.add(range);
      return { breakAfter: 200 * KiB };
    };
    await bucket().download('k', target(), { partSize });
    expect(readFileSync(target()).equals(large)).toBe(true);
    const again = server.requests.filter(
      ({ range }) => Number(/=(\d+)/.exec(range ?? '')?.[1] ?? 0) % partSize !== 0,
    );
    expect(again).toHaveLength(2);
    expect(server.requests).toHaveLength(7);
  });

  test('a server that has too much to do is asked again, for that part alone', async () => {
    server.fault = (_, index) => (index === 2 || index === 3 ? { status: 503, code: 'SlowDown' } : undefined);
    await bucket().download('k', target(), { partSize });
    expect(readFileSync(target()).equals(large)).toBe(true);
    expect(server.requests).toHaveLength(7);
  });

  test('altered bytes never get the name of the file', async () => {
    server.fault = (_, index) => (index === 3 ? 'alter' : undefined);
    writeFileSync(target(), 'before');
    expect(await errorOf(bucket().download('k', target(), { partSize }))).toMatchObject({
      code: 'checksum-mismatch',
      message: expect.stringContaining('s3://acme-reports/k'),
    });
    expect(readFileSync(target(), 'utf8')).toBe('before');
    expect(readdirSync(folder)).toEqual(['copy.bin']);
  });

  test('an object that changes meanwhile is an error, and the next try begins anew', async () => {
    server.before = async (index) => {
      if (index === 2) server.etag = '"e-2"';
    };
    expect(await errorOf(bucket().download('k', target(), { partSize, concurrency: 1 }))).toMatchObject({
      code: 'object-changed',
    });
    expect(existsSync(target())).toBe(false);
    expect(await bucket().download('k', target(), { partSize })).toMatchObject({ resumed: 0, etag: '"e-2"' });
  });

  test('what is cut off is gone on with, and only what is missing is asked for', async () => {
    server.fault = (_, index) => (index >= 3 ? { status: 404, code: 'NoSuchKey' } : undefined);
    expect(await errorOf(bucket().download('k', target(), { partSize, concurrency: 1 }))).toMatchObject({
      code: 'no-such-key',
    });
    expect(readdirSync(folder).every((name) => name.startsWith('.'))).toBe(true);
    server.fault = () => undefined;
    server.requests.length = 0;
    const done = await bucket().download('k', target(), { partSize });
    expect(done.resumed).toBe(3 * partSize);
    expect(ranges().filter(Boolean)).toHaveLength(2);
    expect(readFileSync(target()).equals(large)).toBe(true);
    expect(readdirSync(folder)).toEqual(['copy.bin']);
  });

  test('parts that the disk has lost are fetched again', async () => {
    server.fault = (_, index) => (index >= 3 ? { status: 404, code: 'NoSuchKey' } : undefined);
    await errorOf(bucket().download('k', target(), { partSize, concurrency: 1 }));
    const partial = readdirSync(folder).find((name) => name.endsWith('-part'))!;
    const bytes = readFileSync(join(folder, partial));
    bytes.fill(0, partSize, partSize + 100);
    writeFileSync(join(folder, partial), bytes);
    server.fault = () => undefined;
    expect((await bucket().download('k', target(), { partSize })).resumed).toBe(2 * partSize);
    expect(readFileSync(target()).equals(large)).toBe(true);
  });

  test('another part size, or none of the old, begins anew', async () => {
    server.fault = (_, index) => (index >= 3 ? { status: 404, code: 'NoSuchKey' } : undefined);
    await errorOf(bucket().download('k', target(), { partSize, concurrency: 1 }));
    server.fault = () => undefined;
    expect((await bucket().download('k', target(), { partSize: 384 * KiB })).resumed).toBe(0);
    expect(readFileSync(target()).equals(large)).toBe(true);
  });

  test('an abort ends it at once, and leaves it to be gone on with', async () => {
    const abort = new AbortController();
    server.before = async (index) => {
      if (index === 3) abort.abort();
    };
    const failed = errorOf(
      bucket().download('k', target(), { partSize, concurrency: 1, signal: abort.signal }),
    );
    expect(await failed).toMatchObject({ name: 'AbortError' });
    server.before = () => undefined;
    expect((await bucket().download('k', target(), { partSize })).resumed).toBe(3 * partSize);
  });

  test('two at the same file at once: one of them is refused', async () => {
    const both = await Promise.allSettled([
      bucket().download('k', target(), { partSize }),
      bucket().download('k', target(), { partSize }),
    ]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'transfer-busy' },
    });
    expect(readFileSync(target()).equals(large)).toBe(true);
  });
});

describe('what it is checked by', () => {
  const composite = (name: 'CRC32' | 'CRC64NVME') => {
    const parts = [];
    for (let at = 0; at < large.length; at += partSize)
      parts.push(Buffer.from(encodeCrc(name, crcOf(name, large.subarray(at, at + partSize))), 'base64'));
    return `${encodeCrc(name, crcOf(name, Buffer.concat(parts)))}-${parts.length}`;
  };

  test.each([partSize, 300 * KiB, 4096 * KiB])(
    'a composite of parts, with ranges of %d bytes',
    async (size) => {
      server.headers = { 'x-amz-checksum-crc32': composite('CRC32') };
      server.partSize = partSize;
      expect(await bucket().download('k', target(), { partSize: size })).toMatchObject({
        checkedBy: 'CRC32',
      });
      server.fault = (_, index) => (index === 2 ? 'alter' : undefined);
      server.requests.length = 0;
      server.fault = ({ method }) => (method === 'GET' ? 'alter' : undefined);
      expect(await errorOf(bucket().download('k', target(), { partSize: size }))).toMatchObject({
        code: 'checksum-mismatch',
      });
    },
  );

  test.each([
    ['SHA256', 'x-amz-checksum-sha256', createHash('sha256').update(large).digest('base64')],
    ['MD5', 'etag', `"${createHash('md5').update(large).digest('hex')}"`],
  ])('%s', async (name, header, value) => {
    server.headers = header === 'etag' ? {} : { [header]: value };
    if (header === 'etag') server.etag = value;
    for (const size of [partSize, 4096 * KiB]) {
      server.fault = () => undefined;
      expect(await bucket().download('k', target(), { partSize: size })).toMatchObject({ checkedBy: name });
      server.fault = ({ method }) => (method === 'GET' ? 'alter' : undefined);
      expect(await errorOf(bucket().download('k', target(), { partSize: size }))).toMatchObject({
        code: 'checksum-mismatch',
      });
    }
  });

  test('nothing, where S3 keeps nothing', async () => {
    server.headers = {};
    expect((await bucket().download('k', target(), { partSize })).checkedBy).toBeUndefined();
  });
});

describe('a small object', () => {
  test('takes one request', async () => {
    server.bytes = Buffer.from('hello');
    server.headers = { 'x-amz-checksum-crc32': encodeCrc('CRC32', crcOf('CRC32', Buffer.from('hello'))) };
    await bucket().download('k', join(folder, 'new', 'folder', 'f'));
    expect(readFileSync(join(folder, 'new', 'folder', 'f'), 'utf8')).toBe('hello');
    expect(server.requests).toHaveLength(1);
  });

  test('may be empty', async () => {
    server.bytes = Buffer.alloc(0);
    server.headers = {};
    await bucket().download('k', target());
    expect(readFileSync(target(), 'utf8')).toBe('');
  });

  test('altered bytes never reach the disk', async () => {
    server.bytes = Buffer.from('hello');
    server.headers = { 'x-amz-checksum-crc32': encodeCrc('CRC32', crcOf('CRC32', Buffer.from('hello'))) };
    server.fault = () => 'alter';
    expect(await errorOf(bucket().download('k', target()))).toMatchObject({ code: 'checksum-mismatch' });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('keeps the time that an upload has noted', async () => {
    server.bytes = Buffer.from('hello');
    server.headers = { 'x-amz-meta-mtime': '1700000000.125' };
    await bucket().download('k', target());
    expect(statSync(target()).mtimeMs).toBe(1_700_000_000_125);
  });
});

describe('the target', () => {
  test('a stream gets the bytes in order', async () => {
    const stream = new PassThrough();
    const [bytes, done] = await Promise.all([
      buffer(stream),
      bucket()
        .download('k', stream, { partSize })
        .finally(() => stream.end()),
    ]);
    expect(bytes.equals(large)).toBe(true);
    expect(done.checkedBy).toBe('CRC64NVME');
  });

  test('a stream that fails ends it', async () => {
    const stream = new Writable({
      highWaterMark: 10,
      write: (_, __, done) => done(Object.assign(new Error('gone'), { code: 'EPIPE' })),
    });
    expect(await errorOf(bucket().download('k', stream))).toMatchObject({ cause: { code: 'EPIPE' } });
  });

  test('a link that the user names is followed, and the file behind it replaced', async () => {
    mkdirSync(join(folder, 'real'));
    writeFileSync(join(folder, 'real', 'file'), 'old');
    symlinkSync(join(folder, 'real', 'file'), target());
    server.bytes = Buffer.from('hello');
    server.headers = {};
    await bucket().download('k', target());
    expect(lstatSync(target()).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder, 'real', 'file'), 'utf8')).toBe('hello');
  });

  test('a device is written to, not replaced', async () => {
    await bucket().download('k', '/dev/null', { partSize });
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  test.each([
    ['a folder', () => folder, 'file-failed'],
    ['a name that is too long', () => join(folder, 'x'.repeat(300)), 'bad-key'],
    ['below a file', () => join(import.meta.filename, 'x'), 'file-failed'],
    ['a name with NUL', () => join(folder, 'a\0b'), 'invalid-option'],
  ])('%s is refused before anything is fetched', async (_, path, code) => {
    expect(await errorOf(bucket().download('k', path(), { partSize }))).toMatchObject({ code });
    expect(server.requests.filter(({ range }) => range)).toEqual([]);
  });
});

test("a client of one's own does it too, by its own way of sending", async () => {
  const client = new S3Client({
    endpoint: server.url,
    credentials,
    region: 'us-east-1',
    forcePathStyle: true,
  });
  const own = openBucket({ bucket: 'acme-reports', client });
  expect(await own.download('k', target(), { partSize })).toMatchObject({ checkedBy: 'CRC64NVME' });
  expect(readFileSync(target()).equals(large)).toBe(true);
});
