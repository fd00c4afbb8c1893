import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AwsChunkedDecoder, STREAMING_FORMS, type ChunkSigning } from './aws-chunked.ts';
import { sha256 } from './digests.ts';
import { readSignature } from './read-signature.ts';
import { signingKey, verifySignature } from './sigv4.ts';
import type { RequestHead } from './message.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const TIMESTAMP = '20130524T000000Z';
const { key, scope } = signingKey(SECRET, { date: '20130524', region: 'us-east-1', service: 's3' });

const SIGNED = STREAMING_FORMS['STREAMING-AWS4-HMAC-SHA256-PAYLOAD']!;
const SIGNED_TRAILER = STREAMING_FORMS['STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER']!;
const UNSIGNED_TRAILER = STREAMING_FORMS['STREAMING-UNSIGNED-PAYLOAD-TRAILER']!;

const signingFrom = (seed: string): ChunkSigning => ({ key, scope, timestamp: TIMESTAMP, seed });
const SEED = '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9';

/** Feeds a body in pieces, and gives the data and the trailers. */
function decode(form: typeof SIGNED, seed: string, body: Buffer, sizes: readonly number[] = [body.length]) {
  const decoder = new AwsChunkedDecoder(form, signingFrom(seed));
  const data: Buffer[] = [];
  let at = 0;
  for (let turn = 0; at < body.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    data.push(...decoder.push(body.subarray(at, at + size)));
    at += size;
  }
  decoder.finish();
  return { data: Buffer.concat(data), trailers: Object.fromEntries(decoder.trailers) };
}

const problemOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'none';
};

/** Signs chunks as a client does, each upon the one before. */
class Chunker {
  #previous: string;

  constructor(seed: string) {
    this.#previous = seed;
  }

  chunk(data: Buffer): Buffer {
    const text = `AWS4-HMAC-SHA256-PAYLOAD\n${TIMESTAMP}\n${scope}\n${this.#previous}\n${sha256('')}\n${sha256(data)}`;
    const head = Buffer.from(`${data.length.toString(16)};chunk-signature=${this.#sign(text)}\r\n`);
    return Buffer.concat([head, data, Buffer.from(data.length > 0 ? '\r\n' : '')]);
  }

  trailer(lines: string[]): Buffer {
    const signed = lines.map((line) => `${line}\n`).join('');
    const text = `AWS4-HMAC-SHA256-TRAILER\n${TIMESTAMP}\n${scope}\n${this.#previous}\n${sha256(signed)}`;
    return Buffer.from(`${lines.join('\r\n')}\r\nx-amz-trailer-signature:${this.#sign(text)}\r\n\r\n`);
  }

  #sign(text: string): string {
    this.#previous = key.hex(text);
    return this.#previous;
  }
}

function signedBody(parts: Buffer[], trailer?: string[], seed = SEED): Buffer {
  const chunker = new Chunker(seed);
  const chunks = [...parts, Buffer.alloc(0)].map((part) => chunker.chunk(part));
  return Buffer.concat([...chunks, trailer ? chunker.trailer(trailer) : Buffer.from('\r\n')]);
}

function unsignedBody(parts: Buffer[], trailer: string[]): Buffer {
  const chunks = parts.map((part) =>
    Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]),
  );
  return Buffer.concat([...chunks, Buffer.from(`0\r\n${trailer.map((line) => `${line}\r\n`).join('')}\r\n`)]);
}

describe("AWS's own examples", () => {
  const a = (size: number) => Buffer.alloc(size, 'a');
  const chunk = (size: number, signature: string, data = a(size)) =>
    Buffer.concat([
      Buffer.from(`${size.toString(16)};chunk-signature=${signature}\r\n`),
      data,
      Buffer.from(size > 0 ? '\r\n' : ''),
    ]);

  function requestHead(headers: Record<string, string>, names: string, signature: string): RequestHead {
    const all: Record<string, string> = {
      host: 's3.amazonaws.com',
      'x-amz-date': TIMESTAMP,
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      'content-encoding': 'aws-chunked',
      'x-amz-decoded-content-length': '66560',
      ...headers,
      authorization: `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/${scope},SignedHeaders=${names},Signature=${signature}`,
    };
    return {
      method: 'PUT',
      rawPath: '/examplebucket/chunkObject.txt',
      query: [],
      headers: all,
      rawHeaders: [],
      remoteAddress: '',
    };
  }

  // https://docs.amazonaws.cn/en_us/AmazonS3/latest/API/sigv4-streaming.md
  test('66,560 bytes in two signed chunks', () => {
    const head = requestHead(
      { 'content-length': '66824', 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' },
      'content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class',
      SEED,
    );
    expect(verifySignature(head, readSignature(head)!, { key, scope }).matches).toBe(true);
    const body = Buffer.concat([
      chunk(65_536, 'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648'),
      chunk(1024, '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497'),
      chunk(0, 'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9'),
      Buffer.from('\r\n'),
    ]);
    expect(body).toHaveLength(66_824);
    expect(decode(SIGNED, SEED, body).data.equals(a(66_560))).toBe(true);
    // Our own chunks are those of the example.
    expect(signedBody([a(65_536), a(1024)]).equals(body)).toBe(true);
  });

  // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
  test('the same with a signed trailer', () => {
    const seed = '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e';
    const head = requestHead(
      {
        'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
        'x-amz-trailer': 'x-amz-checksum-crc32c',
      },
      'content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer',
      seed,
    );
    expect(verifySignature(head, readSignature(head)!, { key, scope }).matches).toBe(true);
    const body = Buffer.concat([
      chunk(65_536, 'b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2'),
      chunk(1024, '1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7'),
      chunk(0, '2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992'),
      Buffer.from('x-amz-checksum-crc32c:sOO8/Q==\r\n'),
      Buffer.from(
        'x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n',
      ),
    ]);
    const { data, trailers } = decode(SIGNED_TRAILER, seed, body);
    expect(data.equals(a(66_560))).toBe(true);
    expect(trailers).toEqual({ 'x-amz-checksum-crc32c': 'sOO8/Q==' });
    expect(signedBody([a(65_536), a(1024)], ['x-amz-checksum-crc32c:sOO8/Q=='], seed).equals(body)).toBe(
      true,
    );
  });
});

const parts = [Buffer.alloc(9000, 'x'), Buffer.alloc(8192, 'y'), Buffer.from('the end')];
const whole = Buffer.concat(parts);
const trailer = ['x-amz-checksum-crc32:AAAAAA=='];
const bodies: [string, typeof SIGNED, Buffer][] = [
  ['signed', SIGNED, signedBody(parts)],
  ['signed with a trailer', SIGNED_TRAILER, signedBody(parts, trailer)],
  ['unsigned with a trailer', UNSIGNED_TRAILER, unsignedBody(parts, trailer)],
];

test.each(bodies)('a body that is %s is the same in whatever pieces it comes', (_, form, body) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9001 }), { minLength: 1, maxLength: 6 }), (sizes) => {
      const decoded = decode(form, SEED, body, sizes);
      expect(decoded.data.equals(whole)).toBe(true);
      expect(decoded.trailers).toEqual(form.trailer ? { 'x-amz-checksum-crc32': 'AAAAAA==' } : {});
    }),
    { numRuns: 50 },
  );
  expect(decode(form, SEED, body, [1]).data.equals(whole)).toBe(true);
});

test.each(bodies)('a body that is %s and ends too early is incomplete, wherever it ends', (_, form, body) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: body.length - 1 }), (length) => {
      const code = problemOf(() => decode(form, SEED, body.subarray(0, length)));
      expect(code).toBe('IncompleteBody');
    }),
  );
});

test.each(bodies.slice(0, 2))('no byte of a body that is %s can be changed', (_, form, body) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: body.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      (at, flip) => {
        const changed = Buffer.from(body);
        changed[at]! ^= flip;
        const code = problemOf(() => {
          const decoded = decode(form, SEED, changed);
          // Hexadecimal sizes have two spellings, and header names are told apart without regard to case.
          if (decoded.data.equals(whole)) throw Object.assign(new Error('the same'), { code: 'the same' });
        });
        expect(code).not.toBe('none');
      },
    ),
    { numRuns: 300 },
  );
});

test('a body with anything after its end is refused', () => {
  for (const [, form, body] of bodies)
    expect(problemOf(() => decode(form, SEED, Buffer.concat([body, Buffer.from('x')])))).toBe(
      'IncompleteBody',
    );
});

describe('a signed body is refused', () => {
  const mismatch = 'SignatureDoesNotMatch';
  const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = parts;
  const chunker = new Chunker(SEED);
  const [one, two] = [chunker.chunk(first), chunker.chunk(second)];
  const last = chunker.chunk(Buffer.alloc(0));
  const end = Buffer.from('\r\n');

  test.each<[string, Buffer]>([
    ['with chunks in another order', Buffer.concat([two, one, last, end])],
    ['with a chunk left out', Buffer.concat([one, last, end])],
    ['with a chunk twice', Buffer.concat([one, one, two, last, end])],
  ])('%s', (_, body) => {
    expect(problemOf(() => decode(SIGNED, SEED, body))).toBe(mismatch);
  });

  test("under another request's seed", () => {
    expect(problemOf(() => decode(SIGNED, 'f'.repeat(64), signedBody(parts)))).toBe(mismatch);
  });

  test('without the signature of a chunk', () => {
    expect(problemOf(() => decode(SIGNED, SEED, unsignedBody(parts, [])))).toBe('IncompleteBody');
  });

  test('without the signature of its trailer, or with that of another', () => {
    const body = signedBody(parts, trailer).toString('latin1');
    const without = body.replace(/x-amz-trailer-signature:\w+\r\n/, '');
    const other = body.replace('AAAAAA==', 'BBBBBB==');
    expect(problemOf(() => decode(SIGNED_TRAILER, SEED, Buffer.from(without)))).toBe('MalformedTrailerError');
    expect(problemOf(() => decode(SIGNED_TRAILER, SEED, Buffer.from(other)))).toBe(mismatch);
  });
});

test.each<[string, string, string]>([
  ['a size that is none', 'x\r\n', 'IncompleteBody'],
  ['a size without end', 'f'.repeat(20_000), 'IncompleteBody'],
  ['a negative size', '-1\r\n', 'IncompleteBody'],
  ['a size of nine digits', '100000000\r\n', 'IncompleteBody'],
  ['data without its line end', '1\r\nabc', 'IncompleteBody'],
  ['a trailer that is none', '0\r\nnothing\r\n\r\n', 'MalformedTrailerError'],
  ['more trailers than anybody sends', `0\r\n${'a:b\r\n'.repeat(40)}\r\n`, 'IncompleteBody'],
  // https://docs.amazonaws.cn/en_us/AmazonS3/latest/API/sigv4-streaming.md
  ['a small chunk before the last', `1\r\na\r\n1\r\nb\r\n0\r\n\r\n`, 'InvalidChunkSizeError'],
])('%s is refused', (_, body, code) => {
  expect(problemOf(() => decode(UNSIGNED_TRAILER, SEED, Buffer.from(body)))).toBe(code);
});
