import { describe, expect, test } from 'vitest';
import type { RequestHead } from './message.ts';
import { parseQuery } from './message.ts';
import { sameHex } from './digests.ts';
import { readSignature } from './read-signature.ts';
import { signingKey, verifySignature } from './sigv4.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const CREDENTIAL = 'AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request';
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

function headOf(method: string, url: string, headers: Record<string, string>): RequestHead {
  const [rawPath = '/', query = ''] = url.split('?');
  return {
    method,
    rawPath,
    query: parseQuery(query),
    headers,
    rawHeaders: Object.entries(headers).flat(),
    remoteAddress: '127.0.0.1',
  };
}

function authorization(signedHeaders: string, signature: string): string {
  return `AWS4-HMAC-SHA256 Credential=${CREDENTIAL},SignedHeaders=${signedHeaders},Signature=${signature}`;
}

interface Example {
  name: string;
  method: string;
  url: string;
  headers: Record<string, string>;
  signed?: string;
  signature: string;
}

const common = { host: 'examplebucket.s3.amazonaws.com', 'x-amz-date': '20130524T000000Z' };
const signedCommonly = 'host;x-amz-content-sha256;x-amz-date';

/**
 * AWS's own examples.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
const examples: Example[] = [
  {
    name: 'GET Object',
    method: 'GET',
    url: '/test.txt',
    headers: { ...common, range: 'bytes=0-9', 'x-amz-content-sha256': EMPTY },
    signed: 'host;range;x-amz-content-sha256;x-amz-date',
    signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  },
  {
    name: 'PUT Object',
    method: 'PUT',
    url: '/test%24file.text',
    headers: {
      ...common,
      date: 'Fri, 24 May 2013 00:00:00 GMT',
      'x-amz-content-sha256': '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
    },
    signed: 'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
    signature: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  },
  {
    name: 'GET Bucket Lifecycle',
    method: 'GET',
    url: '/?lifecycle',
    headers: { ...common, 'x-amz-content-sha256': EMPTY },
    signed: signedCommonly,
    signature: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  },
  {
    name: 'GET Bucket (List Objects)',
    method: 'GET',
    url: '/?max-keys=2&prefix=J',
    headers: { ...common, 'x-amz-content-sha256': EMPTY },
    signed: signedCommonly,
    signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  },
  {
    name: 'a presigned URL',
    method: 'GET',
    url: `/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${encodeURIComponent(CREDENTIAL)}&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404`,
    headers: { host: 'examplebucket.s3.amazonaws.com' },
    signature: 'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
  },
];

function requestOf({ method, url, headers, signed, signature }: Example): RequestHead {
  if (signed === undefined) return headOf(method, url, headers);
  return headOf(method, url, { ...headers, authorization: authorization(signed, signature) });
}

function verify(head: RequestHead, secret = SECRET) {
  const signature = readSignature(head)!;
  return verifySignature(head, signature, signingKey(secret, signature));
}

describe("AWS's own examples", () => {
  test.each(examples)('$name', (example) => {
    const head = requestOf(example);
    expect(readSignature(head)).toMatchObject({
      form: example.signed === undefined ? 'query' : 'header',
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      date: '20130524',
      region: 'us-east-1',
      service: 's3',
      timestamp: '20130524T000000Z',
      signature: example.signature,
    });
    expect(verify(head)).toMatchObject({ matches: true });
  });

  test.each(examples)('$name, with anything changed', (example) => {
    const head = requestOf(example);
    const changed: RequestHead[] = [
      { ...head, method: 'DELETE' },
      { ...head, rawPath: `${head.rawPath}x` },
      { ...head, query: [...head.query, ['uploads', '']] },
      { ...head, headers: { ...head.headers, host: 'other.s3.amazonaws.com' } },
    ];
    for (const other of changed) expect(verify(other).matches).toBe(false);
    expect(verify(head, `${SECRET}x`).matches).toBe(false);
  });
});

// What signs the example of AWS's general guide, for a service that is not S3.
test('a query-protocol request, its path encoded twice', () => {
  const head = headOf('GET', '/?Action=ListUsers&Version=2010-05-08', {
    host: 'iam.amazonaws.com',
    'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    'x-amz-date': '20150830T123600Z',
    authorization:
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
  });
  expect(verify(head, 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY').matches).toBe(true);
});

describe('what is signed', () => {
  const of = (url: string, headers: Record<string, string> = {}, names = 'host') =>
    verify(
      headOf('GET', url, {
        host: 'h',
        'x-amz-date': '20130524T000000Z',
        ...headers,
        authorization: authorization(names, '0'.repeat(64)),
      }),
    ).canonicalRequest.split('\n');

  test('the query, sorted by name and then value, encoded anew', () => {
    expect(of('/?b=2&a=%7e&a=+&B=1&c&a-b=é')[2]).toBe('B=1&a=%20&a=~&a-b=%C3%A9&b=2&c=');
  });

  test('the path, as S3 takes it: encoded once', () => {
    expect(of("/a%20b//c/%C3%A9/(x)*!'/+")[1]).toBe('/a%20b//c/%C3%A9/%28x%29%2A%21%27/%2B');
  });

  test('headers, trimmed, with one space for many', () => {
    const canonical = of('/', { 'x-amz-meta-a': '  a   b  ' }, 'host;x-amz-meta-a');
    expect(canonical.slice(3, 5)).toEqual(['host:h', 'x-amz-meta-a:a b']);
  });

  test('repeated headers, joined as they were sent', () => {
    const head = headOf('GET', '/', {
      host: 'h',
      'x-amz-date': '20130524T000000Z',
      authorization: authorization('host;x-amz-meta-a', '0'),
    });
    const twice = {
      ...head,
      headers: { ...head.headers, 'x-amz-meta-a': '1, 2' },
      rawHeaders: [...head.rawHeaders, 'X-Amz-Meta-A', '1', 'x-amz-meta-a', ' 2'],
    };
    expect(verify(twice).canonicalRequest).toContain('\nx-amz-meta-a:1,2\n');
  });
});

test.each([
  ['Basic YTpi', 'InvalidArgument'],
  ['AWS AKIAIOSFODNN7EXAMPLE:x', 'InvalidRequest'],
  ['AWS4-HMAC-SHA256 Credential=a', 'AuthorizationHeaderMalformed'],
  [authorization('host', 'x').replace('/aws4_request', '/aws3_request'), 'AuthorizationHeaderMalformed'],
  [authorization('host', 'x').replace('20130524', '2013'), 'AuthorizationHeaderMalformed'],
  [authorization('host', 'x').replace('/s3', ''), 'AuthorizationHeaderMalformed'],
])('the header %j is refused with %s', (header, code) => {
  const head = headOf('GET', '/', { ...common, authorization: header });
  expect(() => readSignature(head)).toThrow(expect.objectContaining({ code }));
});

test('a request without a signature has none', () => {
  expect(readSignature(headOf('GET', '/', common))).toBeUndefined();
});

const DIGEST = 'a1'.repeat(32);

test.each([
  [DIGEST, DIGEST, true],
  [DIGEST, `${DIGEST.slice(0, -1)}2`, false],
  [DIGEST, DIGEST.slice(0, -1), false],
  [DIGEST, DIGEST.replace('1', 'é'), false],
  [DIGEST, DIGEST.replace('1', 'ı'), false],
  ['', '', false],
])('%j and %j are the same digits: %s', (a, b, same) => {
  expect(sameHex(a, b)).toBe(same);
});
