import { connect } from 'node:net';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientsOf, DESTINATION, failureOf, type Clients, type Identity } from './clients.ts';
import { refusalOf, send, sign, type SignedCall } from './signer.ts';

const Bucket = 'bad-input';
let parent: string;
let aws: Sandbox;
let owner: Identity;
let s3: Clients['s3'];
beforeAll(async () => {
  parent = mkdtempSync(join(tmpdir(), 'crossbucket-bad-'));
  aws = await startSandbox({ accounts: [DESTINATION], data: join(parent, 'data') });
  owner = aws.account(DESTINATION).root;
  ({ s3 } = clientsOf(aws, owner));
  await s3.send(new CreateBucketCommand({ Bucket }));
});
afterAll(async () => {
  // Whatever was asked for, nothing is beside the data folder.
  expect(readdirSync(parent)).toEqual(['data']);
  await aws.close();
  rmSync(parent, { recursive: true });
});

const url = (path = '') => `${aws.endpoint}/${Bucket}${path}`;
const post = async (path: string, body: string | Buffer, method = 'POST') =>
  refusalOf(await send(sign({ method, url: url(path), body }, { identity: owner }), body));

/** Sends bytes, and gives all that comes back until the connection ends. */
function exchange(bytes: string | Buffer, end = false): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(aws.endpoint).port), '127.0.0.1');
    let text = '';
    socket.on('data', (part) => (text += part.toString('latin1')));
    socket.on('close', () => resolve(text)).on('error', reject);
    if (end) socket.end(bytes);
    else socket.write(bytes);
  });
}

describe('a document that is', () => {
  const nested = (depth: number) => '<a>'.repeat(depth) + '</a>'.repeat(depth);
  const entities = Array.from(
    { length: 10 },
    (_, level) => `<!ENTITY e${level} "${level === 0 ? 'lol' : `&e${level - 1};`.repeat(10)}">`,
  ).join('');
  test.each([
    ['not closed', '<Delete><Object><Key>k</Key>'],
    ['closed in another order', '<Delete><Object></Delete></Object>'],
    ['no XML', '{"Delete":[]}'],
    ['nested 100,000 deep', nested(100_000)],
    ['a tag and nothing else', '<'],
    [
      'of entities in entities',
      `<!DOCTYPE d [${entities}]><Delete><Object><Key>&e9;</Key></Object></Delete>`,
    ],
    [
      'of an entity from a file',
      '<!DOCTYPE d [<!ENTITY f SYSTEM "file:///etc/passwd">]><Delete><Object><Key>&f;</Key></Object></Delete>',
    ],
  ])('%s is MalformedXML', async (_, body) => {
    const before = process.memoryUsage.rss();
    expect(await post('?delete', body)).toMatchObject({ status: 400, code: 'MalformedXML' });
    expect(await post('/k?tagging', body, 'PUT')).toMatchObject({ status: 400, code: 'MalformedXML' });
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 1024 ** 2);
  });

  test('longer than any is refused as it comes', async () => {
    expect(await post('?delete', Buffer.alloc(5_000_000, ' '))).toMatchObject({
      status: 400,
      code: 'MaxMessageLengthExceeded',
    });
  });
});

describe('a request that is', () => {
  test.each([
    ['no HTTP', 'HELLO\r\n\r\n', 'BadRequest'],
    [
      'of two lengths',
      'PUT /b/k HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab',
      'BadRequest',
    ],
    [
      'of headers without end',
      `GET / HTTP/1.1\r\nhost: x\r\nx-long: ${'v'.repeat(140_000)}\r\n\r\n`,
      'RequestHeaderSectionTooLarge',
    ],
  ])('%s', async (_, bytes, code) => {
    const text = await exchange(bytes);
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).toContain(`<Code>${code}</Code>`);
  });

  const headOf = ({ method, headers }: SignedCall, key: string) =>
    [
      `${method} /${Bucket}/${key} HTTP/1.1`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      '',
      '',
    ].join('\r\n');
  test.each([0, 9, 100_000])('cut off after %i bytes of its body leaves nothing behind', async (sent) => {
    const signed = sign(
      { method: 'PUT', url: url('/cut'), headers: { 'content-length': '200000' } },
      { identity: owner, payload: 'UNSIGNED-PAYLOAD' },
    );
    await exchange(headOf(signed, 'cut') + 'x'.repeat(sent), true);
    expect(await failureOf(s3.send(new GetObjectCommand({ Bucket, Key: 'cut' })))).toMatchObject({
      code: 'NoSuchKey',
    });
    await expect.poll(() => readdirSync(join(parent, 'data/staging'))).toEqual([]);
  });

  test('followed by what is no request ends its connection, and has no more than its body', async () => {
    const signed = sign(
      { method: 'PUT', url: url('/longer'), headers: { 'content-length': '3' } },
      { identity: owner, payload: 'UNSIGNED-PAYLOAD' },
    );
    await s3.send(new PutObjectCommand({ Bucket, Key: 'longer', Body: 'abc' }));
    expect(await exchange(`${headOf(signed, 'longer')}abcdef\r\n\r\n`)).toMatch(/HTTP\/1\.1 400 /);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: 'longer' }));
    expect(await Body!.transformToString()).toBe('abc');
  });
});

test.each(['../../outside', '/etc/passwd', '..', 'a/../../../outside', '..\\..\\outside'])(
  'a key %j is a key',
  async (Key) => {
    const Body = Buffer.alloc(100_000, 'x');
    await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
    const got = await s3.send(new GetObjectCommand({ Bucket, Key }));
    expect(await got.Body!.transformToByteArray()).toHaveLength(Body.length);
    expect(existsSync(join(parent, 'outside'))).toBe(false);
  },
);
