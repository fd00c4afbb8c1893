import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { Agent, request, type IncomingMessage } from 'node:http';
import { crc32 } from 'node:zlib';
import { dirname, join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { clientsOf, DESTINATION, failureOf, SOURCE, type Clients, type Identity } from './clients.ts';
import { hmacHex, refusalOf, send, sha256, sign, type SignedCall } from './signer.ts';

const BUCKET = 'streaming';
let aws: Sandbox;
let owner: Identity;
let s3: Clients['s3'];
let key = 0;

beforeAll(async () => {
  aws = await startSandbox({ accounts: [DESTINATION, SOURCE] });
  owner = aws.account(DESTINATION).root;
  ({ s3 } = clientsOf(aws, owner));
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
});
afterAll(() => aws.close());
beforeEach(() => {
  key += 1;
});

const at = () => ({ Bucket: BUCKET, Key: `k${key}` });
const url = () => `${aws.endpoint}/${BUCKET}/k${key}`;
const stored = async () =>
  Buffer.from(await (await s3.send(new GetObjectCommand(at()))).Body!.transformToByteArray());
const nothingStored = async () => {
  expect(await failureOf(s3.send(new GetObjectCommand(at())))).toMatchObject({ code: 'NoSuchKey' });
  expect(readdirSync(join(dirname(dirname(aws.profiles)), 'staging'))).toEqual([]);
};

const SIGNED = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD';
const SIGNED_TRAILER = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER';
const UNSIGNED_TRAILER = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';
type Form = typeof SIGNED | typeof SIGNED_TRAILER | typeof UNSIGNED_TRAILER;

const checksumOf = (data: Buffer): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(data));
  return bytes.toString('base64');
};

function begin(form: Form, length: number, headers: Record<string, string> = {}): SignedCall {
  return sign(
    {
      method: 'PUT',
      url: url(),
      headers: {
        'content-encoding': 'aws-chunked',
        'x-amz-decoded-content-length': String(length),
        ...(form !== SIGNED && { 'x-amz-trailer': 'x-amz-checksum-crc32' }),
        ...headers,
      },
    },
    { identity: owner, payload: form },
  );
}

/** The body of a request, in chunks of a size, signed where the form asks for it. */
function bodyOf(
  form: Form,
  call: SignedCall,
  data: Buffer,
  trailers = [`x-amz-checksum-crc32:${checksumOf(data)}`],
): Buffer {
  const out: Buffer[] = [];
  let previous = call.signature;
  const step = (kind: string, ...hashes: string[]) =>
    (previous = hmacHex(
      call.key,
      [`AWS4-HMAC-SHA256-${kind}`, call.timestamp, call.scope, previous, ...hashes].join('\n'),
    ));
  for (let offset = 0; offset <= data.length; offset += 65_536) {
    const part = data.subarray(offset, offset + 65_536);
    if (part.length === 0) break;
    const signature =
      form === UNSIGNED_TRAILER ? '' : `;chunk-signature=${step('PAYLOAD', sha256(''), sha256(part))}`;
    out.push(Buffer.from(`${part.length.toString(16)}${signature}\r\n`), part, Buffer.from('\r\n'));
  }
  const last = form === UNSIGNED_TRAILER ? '' : `;chunk-signature=${step('PAYLOAD', sha256(''), sha256(''))}`;
  out.push(Buffer.from(`0${last}\r\n`));
  if (form !== SIGNED) out.push(Buffer.from(trailers.map((line) => `${line}\r\n`).join('')));
  if (form === SIGNED_TRAILER) {
    const signed = sha256(trailers.map((line) => `${line}\n`).join(''));
    out.push(Buffer.from(`x-amz-trailer-signature:${step('TRAILER', signed)}\r\n`));
  }
  return Buffer.concat([...out, Buffer.from('\r\n')]);
}

const small = Buffer.from('a,b\n1,2\n');
const large = Buffer.alloc(200_000, 'crossbucket');
const forms: Form[] = [SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER];

describe.each(forms)('%s', (form) => {
  test.each([
    ['nothing', Buffer.alloc(0)],
    ['a small body', small],
    ['a large body', large],
  ])('stores %s', async (_, data) => {
    const call = begin(form, data.length, { 'content-encoding': 'gzip,aws-chunked' });
    const answer = await send(call, bodyOf(form, call, data));
    expect(await refusalOf(answer)).toMatchObject({ status: 200 });
    expect((await stored()).equals(data)).toBe(true);
    // How it travelled is no part of the object.
    expect(await s3.send(new HeadObjectCommand(at()))).toMatchObject({
      ContentEncoding: 'gzip',
      ContentLength: data.length,
    });
  });

  test.each([
    ['small', small],
    ['large', large],
  ])('stores nothing of a %s body that is shorter or longer than it says', async (_, data) => {
    for (const length of [data.length - 1, data.length + 1]) {
      const call = begin(form, length);
      const answer = await send(call, bodyOf(form, call, data));
      expect(await refusalOf(answer)).toMatchObject({ status: 400, code: 'IncompleteBody' });
    }
    await nothingStored();
  });

  test('stores nothing of a body that breaks off, or that is no chunks at all', async () => {
    const call = begin(form, large.length);
    const body = bodyOf(form, call, large);
    for (const broken of [body.subarray(0, body.length - 2), body.subarray(0, 100_000), large])
      expect(await refusalOf(await send(call, broken))).toMatchObject({
        status: 400,
        code: 'IncompleteBody',
      });
    await nothingStored();
  });

  test('wants the length of what it carries', async () => {
    const call = begin(form, small.length, { 'x-amz-decoded-content-length': 'many' });
    expect(await refusalOf(await send(call, bodyOf(form, call, small)))).toMatchObject({
      status: 400,
      code: 'InvalidArgument',
    });
    const signed = sign(
      { method: 'PUT', url: url(), headers: { 'x-amz-trailer': 'x-amz-checksum-crc32' } },
      { identity: owner, payload: form },
    );
    expect(await refusalOf(await send(signed, bodyOf(form, signed, small)))).toMatchObject({
      status: 411,
      code: 'MissingContentLength',
    });
    await nothingStored();
  });
});

describe.each([SIGNED, SIGNED_TRAILER] as Form[])('%s', (form) => {
  test.each([
    ['small', small],
    ['large', large],
  ])('stores nothing of a %s body with a byte changed', async (_, data) => {
    const call = begin(form, data.length);
    const body = bodyOf(form, call, data);
    body[body.indexOf('\r\n') + 3]! ^= 1;
    expect(await refusalOf(await send(call, body))).toMatchObject({
      status: 403,
      code: 'SignatureDoesNotMatch',
    });
    await nothingStored();
  });

  test('stores nothing of a body whose chunks another request signed', async () => {
    const call = begin(form, small.length);
    const other = begin(form, small.length, { 'x-amz-meta-other': 'yes' });
    expect(await refusalOf(await send(call, bodyOf(form, other, small)))).toMatchObject({
      status: 403,
      code: 'SignatureDoesNotMatch',
    });
    await nothingStored();
  });

  test('is not for anonymous callers', async () => {
    const answer = await fetch(url(), {
      method: 'PUT',
      body: 'x',
      headers: { 'x-amz-content-sha256': form },
    });
    expect(await refusalOf(answer)).toMatchObject({ status: 400, code: 'InvalidRequest' });
  });
});

describe.each([SIGNED_TRAILER, UNSIGNED_TRAILER] as Form[])('the trailer of %s', (form) => {
  test('is kept as the checksum', async () => {
    const call = begin(form, small.length);
    await send(call, bodyOf(form, call, small));
    const head = await s3.send(new HeadObjectCommand({ ...at(), ChecksumMode: 'ENABLED' }));
    expect(head.ChecksumCRC32).toBe(checksumOf(small));
  });

  test.each([
    ['wrong', ['x-amz-checksum-crc32:AAAAAA=='], 'BadDigest'],
    ['missing', [], 'MalformedTrailerError'],
    ['another one', ['x-amz-checksum-sha1:AAAA'], 'MalformedTrailerError'],
  ])('that is %s stores nothing', async (_, trailers, code) => {
    const call = begin(form, large.length);
    expect(await refusalOf(await send(call, bodyOf(form, call, large, trailers)))).toMatchObject({
      status: 400,
      code,
    });
    await nothingStored();
  });
});

test('the trailer of a signed body cannot be changed', async () => {
  const call = begin(SIGNED_TRAILER, small.length);
  const body = bodyOf(SIGNED_TRAILER, call, small).toString('latin1').replace(checksumOf(small), 'AAAAAA==');
  expect(await refusalOf(await send(call, Buffer.from(body, 'latin1')))).toMatchObject({
    status: 403,
    code: 'SignatureDoesNotMatch',
  });
  await nothingStored();
});

describe('a body that is not chunked', () => {
  test.each([
    ['small', small],
    ['large', large],
  ])('%s, and not the one that was signed, stores nothing', async (_, data) => {
    const call = sign({ method: 'PUT', url: url(), body: data }, { identity: owner });
    const other = Buffer.from(data);
    other[3]! ^= 1;
    expect(await refusalOf(await send(call, other))).toMatchObject({
      status: 400,
      code: 'XAmzContentSHA256Mismatch',
    });
    await nothingStored();
  });

  test('may be left unsigned', async () => {
    const call = sign({ method: 'PUT', url: url() }, { identity: owner, payload: 'UNSIGNED-PAYLOAD' });
    expect((await send(call, large)).status).toBe(200);
    expect((await stored()).equals(large)).toBe(true);
  });
});

/** Sends a PUT and gives up half-way, or waits for the word to go on. */
async function put(length: number, headers: Record<string, string> = {}, identity = owner) {
  const call = sign({ method: 'PUT', url: url(), headers }, { identity, payload: 'UNSIGNED-PAYLOAD' });
  return request(url(), { method: 'PUT', headers: { ...call.headers, 'content-length': String(length) } });
}

test('a client that goes away half-way leaves nothing behind', async () => {
  const upload = await put(large.length);
  upload.on('error', () => {});
  upload.write(large.subarray(0, 100_000));
  await new Promise((resolve) => setTimeout(resolve, 100));
  upload.destroy();
  await expect.poll(() => readdirSync(join(dirname(dirname(aws.profiles)), 'staging'))).toEqual([]);
  await nothingStored();
});

describe('a connection goes on after a refusal', () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  afterAll(() => agent.destroy());

  /** Sends over the one connection, the whole body whatever comes back meanwhile. */
  async function over(
    { method, headers }: SignedCall,
    body: Buffer,
  ): Promise<[status: number, port: number]> {
    const sent = request(url(), { method, agent, headers: { ...headers, 'content-length': body.length } });
    sent.end(body);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    answer.resume();
    await once(answer, 'end');
    return [answer.statusCode!, sent.socket!.localPort!];
  }
  const readNothing = () => over(sign({ url: url() }, { identity: owner }), Buffer.alloc(0));

  test('in the middle of a body', async () => {
    const call = begin(SIGNED, large.length);
    const body = bodyOf(SIGNED, call, large);
    body[200]! ^= 1;
    const [status, port] = await over(call, body);
    expect(status).toBe(403);
    expect(await readNothing()).toEqual([404, port]);
  });

  test('before a body', async () => {
    const stranger = aws.account(SOURCE).root;
    const call = sign({ method: 'PUT', url: url() }, { identity: stranger, payload: 'UNSIGNED-PAYLOAD' });
    const [status, port] = await over(call, large);
    expect(status).toBe(403);
    expect(await readNothing()).toEqual([404, port]);
  });

  test('or ends, after a body that is very long', async () => {
    const stranger = aws.account(SOURCE).root;
    const call = sign({ method: 'PUT', url: url() }, { identity: stranger, payload: 'UNSIGNED-PAYLOAD' });
    for (let round = 0; round < 5; round++) {
      const answer = await send(call, Buffer.alloc(8 * 1024 * 1024));
      expect(await refusalOf(answer)).toMatchObject({ status: 403, code: 'AccessDenied' });
    }
  });
});

describe('a client that waits before it sends', () => {
  test('is told to go on when it is allowed', async () => {
    const upload = await put(large.length, { expect: '100-continue' });
    upload.flushHeaders();
    await once(upload, 'continue');
    upload.end(large);
    const [answer] = (await once(upload, 'response')) as [IncomingMessage];
    answer.resume();
    expect(answer.statusCode).toBe(200);
    expect((await stored()).equals(large)).toBe(true);
  });

  test('is not when it is denied', async () => {
    const upload = await put(large.length, { expect: '100-continue' }, aws.account(SOURCE).root);
    let told = false;
    upload.on('continue', () => (told = true));
    upload.flushHeaders();
    const [answer] = (await once(upload, 'response')) as [IncomingMessage];
    answer.resume();
    expect([answer.statusCode, told]).toEqual([403, false]);
    upload.destroy();
    await nothingStored();
  });
});
