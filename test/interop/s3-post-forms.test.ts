import { createHash, createHmac, randomBytes } from 'node:crypto';
import {
  CreateBucketCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutBucketPolicyCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  arnsOf,
  assume,
  clientsOf,
  DESTINATION,
  documentOf,
  failureOf,
  SOURCE,
  type Clients,
  type Identity,
} from './clients.ts';
import { makeRole, makeUser } from './principals.ts';
import { refusalOf, timestampOf } from './signer.ts';

const Bucket = 'forms';
let aws: Sandbox;
let owner: Identity;
let clients: Clients;
beforeAll(async () => {
  aws = await startSandbox({ accounts: [SOURCE, DESTINATION] });
  owner = aws.account(DESTINATION).root;
  clients = clientsOf(aws, owner);
  await clients.s3.send(new CreateBucketCommand({ Bucket }));
});
afterAll(() => aws.close());

type Fields = Record<string, string>;

interface PolicyOptions {
  identity?: Identity;
  conditions?: unknown[];
  expiration?: string;
  /** In place of the policy document. */
  document?: string;
}

/** Signs a form as a server does for a browser: a policy that names every field, and a signature of it. */
function signed(fields: Fields, options: PolicyOptions = {}): Fields {
  const { identity = owner, expiration = new Date(Date.now() + 60_000).toISOString() } = options;
  const timestamp = timestampOf(new Date());
  const day = timestamp.slice(0, 8);
  const credential = [identity.accessKeyId, day, 'us-east-1', 's3', 'aws4_request'];
  const all: Fields = {
    ...fields,
    'x-amz-algorithm': 'AWS4-HMAC-SHA256',
    'x-amz-credential': credential.join('/'),
    'x-amz-date': timestamp,
    ...(identity.sessionToken !== undefined && { 'x-amz-security-token': identity.sessionToken }),
  };
  const exact = Object.entries(all).map(([name, value]) => ({ [name]: value }));
  const conditions = [
    { bucket: Bucket },
    ...(options.conditions ?? []),
    ...exact.filter((condition) => !named(options.conditions, Object.keys(condition)[0]!)),
  ];
  const document = options.document ?? JSON.stringify({ expiration, conditions });
  const policy = Buffer.from(document).toString('base64');
  const key = credential
    .slice(1)
    .reduce<string | Buffer>(
      (secret, part) => createHmac('sha256', secret).update(part).digest(),
      `AWS4${identity.secretAccessKey}`,
    );
  return { ...all, policy, 'x-amz-signature': createHmac('sha256', key).update(policy).digest('hex') };
}

/** Whatever is in a form, but for its bucket. */
const allowed = ['key', 'x-amz-algorithm', 'x-amz-credential', 'x-amz-date'].map((name) => [
  'starts-with',
  `$${name}`,
  '',
]);

const named = (conditions: unknown[] = [], name: string) =>
  conditions.some(
    (condition) =>
      (Array.isArray(condition) && condition[1] === `$${name}`) ||
      (condition !== null && name in Object(condition)),
  );

/** Sends a form as a browser does. */
function post(fields: Fields, file: Buffer | string | undefined = 'content', filename = 'a.txt') {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  if (file !== undefined) form.append('file', new Blob([file as BlobPart]), filename);
  return fetch(`${aws.endpoint}/${Bucket}`, { method: 'POST', body: form, redirect: 'manual' });
}

const get = async (Key: string) => {
  const { Body, ...rest } = await clients.s3.send(new GetObjectCommand({ Bucket, Key }));
  return { ...rest, bytes: Buffer.from(await Body!.transformToByteArray()) };
};

describe('a form', () => {
  test.each([
    ['nothing', Buffer.alloc(0)],
    ['a little', Buffer.from('content')],
    ['a table and a byte', randomBytes(65_537)],
    ['much', randomBytes(1_000_000)],
    ['what looks like its end', Buffer.from('\r\n--\r\n------\r\n--x')],
  ])('stores %s', async (name, file) => {
    const answer = await post(signed({ key: name }), file);
    expect(answer.status).toBe(204);
    expect(answer.headers.get('etag')).toBe(`"${createHash('md5').update(file).digest('hex')}"`);
    expect(answer.headers.get('location')).toBe(`${aws.endpoint}/${Bucket}/${encodeURIComponent(name)}`);
    expect((await get(name)).bytes.equals(file)).toBe(true);
  });

  test('says of its object what a PUT says in headers', async () => {
    const tagging = '<Tagging><TagSet><Tag><Key>a</Key><Value>1 &amp; 2</Value></Tag></TagSet></Tagging>';
    await post(
      signed({
        key: 'described',
        'Content-Type': 'text/csv',
        'Cache-Control': 'no-store',
        'Content-Disposition': 'attachment',
        'x-amz-meta-team': 'reports',
        'x-amz-storage-class': 'STANDARD_IA',
        'x-amz-server-side-encryption': 'aws:kms',
        'x-amz-checksum-algorithm': 'SHA256',
        'x-amz-checksum-sha256': createHash('sha256').update('content').digest('base64'),
        tagging: tagging.replace(' &amp; ', '-'),
      }),
    );
    const head = await clients.s3.send(
      new HeadObjectCommand({ Bucket, Key: 'described', ChecksumMode: 'ENABLED' }),
    );
    expect(head).toMatchObject({
      ContentType: 'text/csv',
      CacheControl: 'no-store',
      ContentDisposition: 'attachment',
      Metadata: { team: 'reports' },
      StorageClass: 'STANDARD_IA',
      ServerSideEncryption: 'aws:kms',
      ChecksumSHA256: expect.any(String),
    });
    const { TagSet } = await clients.s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'described' }));
    expect(TagSet).toEqual([{ Key: 'a', Value: '1-2' }]);
  });

  test('puts the name of its file where ${filename} is', async () => {
    const fields = signed(
      { key: 'user/${filename}', 'x-amz-meta-name': '${filename}' },
      {
        conditions: [
          ['starts-with', '$key', 'user/'],
          ['starts-with', '$x-amz-meta-name', ''],
        ],
      },
    );
    await post(fields, 'x', 'C:\\docs\\März 1.txt');
    expect((await get('user/März 1.txt')).bytes.toString()).toBe('x');
    const { s3 } = clients;
    const { Metadata } = await s3.send(new HeadObjectCommand({ Bucket, Key: 'user/März 1.txt' }));
    expect(Metadata!['name']).toBe(`=?UTF-8?B?${Buffer.from('März 1.txt').toString('base64')}?=`);
  });

  test('may be of any case, fields and conditions', async () => {
    const conditions = [
      { bUcKeT: Bucket },
      ['StArTs-WiTh', '$KeY', 'any/'],
      ['CoNtEnT-LeNgTh-RaNgE', 1, 10],
      ['EQ', '$ContenT-TYPE', 'a/b'],
    ];
    const {
      key,
      'content-type': type,
      ...rest
    } = signed({ key: 'any/case', 'content-type': 'a/b' }, { conditions });
    expect((await post({ KEY: key!, 'CONTENT-type': type!, ...rest })).status).toBe(204);
  });

  test.each<[string, Fields, number]>([
    ['no status', {}, 204],
    ['200', { success_action_status: '200' }, 200],
    ['201', { success_action_status: '201' }, 201],
    ['another status', { success_action_status: '404' }, 204],
    ['a redirect that is none', { success_action_redirect: 'not a url' }, 204],
    ['a redirect', { success_action_redirect: 'http://example.com/done?a=1' }, 303],
  ])('asks for %s', async (_, fields, status) => {
    const answer = await post(signed({ key: 'k/1', ...fields }));
    expect(answer.status).toBe(status);
    const text = await answer.text();
    const etag = createHash('md5').update('content').digest('hex');
    if (status === 201)
      expect(text).toContain(
        `<Location>${aws.endpoint}/${Bucket}/k/1</Location><Bucket>${Bucket}</Bucket><Key>k/1</Key><ETag>&quot;${etag}&quot;</ETag>`,
      );
    else expect(text).toBe('');
    if (status === 303)
      expect(answer.headers.get('location')).toBe(
        `http://example.com/done?a=1&bucket=${Bucket}&key=k%2F1&etag=%22${etag}%22`,
      );
  });

  test('by a session carries its token', async () => {
    const role = await makeRole(clients, 'poster', `arn:aws:iam::${DESTINATION}:root`, [
      { Action: 's3:PutObject', Resource: `arn:aws:s3:::${Bucket}/allowed/*` },
    ]);
    const assuming = [{ Action: 'sts:AssumeRole', Resource: '*' }];
    const { clients: user } = await makeUser(aws, clients, 'assumer', assuming);
    const identity = await assume(user.sts, { RoleArn: role.arn, RoleSessionName: 'browser' });
    expect((await post(signed({ key: 'allowed/a' }, { identity }))).status).toBe(204);
    expect(await refusalOf(await post(signed({ key: 'other/a' }, { identity })))).toMatchObject({
      status: 403,
      code: 'AccessDenied',
    });
  });

  test('without a policy is anonymous', async () => {
    expect((await post({ key: 'anonymous' })).status).toBe(403);
    const open = {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: false,
      RestrictPublicBuckets: false,
    };
    await clients.s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: open }));
    const Policy = documentOf({
      Principal: '*',
      Action: 's3:PutObject',
      Resource: `${arnsOf(Bucket)[0]}/anonymous`,
    });
    await clients.s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    expect((await post({ key: 'anonymous', ignored: 'x' })).status).toBe(204);
    expect((await get('anonymous')).bytes.toString()).toBe('content');
  });
});

describe('a form is refused', () => {
  const policyOf = (document: object) => JSON.stringify(document);
  const future = '2099-01-01T00:00:00.000Z';
  type Case = [string, () => Fields, number, string, (string | RegExp)?];
  test.each<Case>([
    [
      'after its end',
      () => signed({ key: 'k' }, { expiration: '2020-01-01T00:00:00Z' }),
      403,
      'AccessDenied',
      /Policy expired\./,
    ],
    [
      'with another key',
      () => signed({ key: 'k' }, { conditions: [['eq', '$key', 'other']] }),
      403,
      'AccessDenied',
      'Invalid according to Policy: Policy Condition failed: [&quot;eq&quot;, &quot;$key&quot;, &quot;other&quot;]',
    ],
    [
      'with a key that begins otherwise',
      () => signed({ key: 'k' }, { conditions: [['starts-with', '$key', 'user/']] }),
      403,
      'AccessDenied',
      /Policy Condition failed/,
    ],
    [
      'with a type of which one is another',
      () =>
        signed(
          { key: 'k', 'Content-Type': 'image/png, text/csv' },
          { conditions: [['starts-with', '$Content-Type', 'image/']] },
        ),
      403,
      'AccessDenied',
      /Policy Condition failed/,
    ],
    [
      'without a field that is asked for',
      () => signed({ key: 'k' }, { conditions: [{ 'x-amz-meta-a': '1' }] }),
      403,
      'AccessDenied',
      /Policy Condition failed/,
    ],
    [
      'for another bucket',
      () => signed({ key: 'k' }, { conditions: [{ bucket: 'other' }] }),
      403,
      'AccessDenied',
      /Policy Condition failed/,
    ],
    [
      'with a field that the policy does not name',
      () => ({ ...signed({ key: 'k' }), 'x-amz-meta-extra': '1' }),
      403,
      'AccessDenied',
      'Invalid according to Policy: Extra input fields: x-amz-meta-extra',
    ],
    [
      'whose policy names no bucket',
      () => {
        const document = { expiration: new Date(Date.now() + 60_000).toISOString(), conditions: allowed };
        return signed({ key: 'k' }, { document: JSON.stringify(document) });
      },
      403,
      'AccessDenied',
      'Invalid according to Policy: Extra input fields: bucket',
    ],
    [
      'that is too long',
      () => signed({ key: 'k' }, { conditions: [['content-length-range', 1, 6]] }),
      400,
      'EntityTooLarge',
    ],
    [
      'that is too short',
      () => signed({ key: 'k' }, { conditions: [['content-length-range', 8, 100]] }),
      400,
      'EntityTooSmall',
    ],
    ['whose policy is no JSON', () => signed({ key: 'k' }, { document: '{' }), 400, 'InvalidPolicyDocument'],
    [
      'whose policy never ends',
      () => signed({ key: 'k' }, { document: policyOf({ conditions: [] }) }),
      400,
      'InvalidPolicyDocument',
    ],
    [
      'whose policy has no conditions',
      () => signed({ key: 'k' }, { document: policyOf({ expiration: future }) }),
      400,
      'InvalidPolicyDocument',
    ],
    [
      'whose policy ends at no time',
      () => signed({ key: 'k' }, { document: policyOf({ expiration: 'soon', conditions: [] }) }),
      400,
      'InvalidPolicyDocument',
    ],
    [
      'whose policy has a condition that is none',
      () => signed({ key: 'k' }, { conditions: [['like', '$key', '*']] }),
      400,
      'InvalidPolicyDocument',
    ],
    ['without a key', () => signed({}), 400, 'InvalidArgument'],
    [
      'without a signature',
      () => ({ ...signed({ key: 'k' }), 'x-amz-signature': undefined as never }),
      403,
      'SignatureDoesNotMatch',
    ],
    [
      'that is altered',
      () => ({ ...signed({ key: 'k' }), policy: Buffer.from('{}').toString('base64') }),
      403,
      'SignatureDoesNotMatch',
    ],
    [
      'of nobody',
      () => signed({ key: 'k' }, { identity: { ...owner, accessKeyId: 'AKIANOBODY' } }),
      403,
      'InvalidAccessKeyId',
    ],
    [
      'with a wrong checksum',
      () => signed({ key: 'k', 'x-amz-checksum-crc32': 'AAAAAA==' }),
      400,
      'BadDigest',
    ],
    ['with an unknown canned ACL', () => signed({ key: 'k', acl: 'nobody' }), 400, 'InvalidArgument'],
    [
      'with more than 20 KB before its file',
      () => signed({ key: 'k', 'x-amz-meta-a': 'v'.repeat(21_000) }),
      400,
      'MaxPostPreDataLengthExceeded',
    ],
  ])('%s', async (_, fields, status, code, message) => {
    const refusal = await refusalOf(await post(fields()));
    expect(refusal).toMatchObject({ status, code });
    if (message !== undefined) expect(refusal.message).toMatch(message);
    expect(await failureOf(get('k'))).toMatchObject({ code: 'NoSuchKey' });
  });

  const raw = (body: string, type = 'multipart/form-data; boundary=x') =>
    fetch(`${aws.endpoint}/${Bucket}`, { method: 'POST', body, headers: { 'content-type': type } });
  test.each<[string, string, string | undefined, number, string]>([
    [
      'without a file',
      '--x\r\nContent-Disposition: form-data; name="key"\r\n\r\nk\r\n--x--\r\n',
      undefined,
      400,
      'InvalidArgument',
    ],
    [
      'that ends early',
      '--x\r\nContent-Disposition: form-data; name="key"\r\n\r\nk',
      undefined,
      400,
      'MalformedPOSTRequest',
    ],
    ['that is none', 'nothing', undefined, 400, 'MalformedPOSTRequest'],
    [
      'whose part has no name',
      '--x\r\nContent-Type: text/plain\r\n\r\nk\r\n--x--',
      undefined,
      400,
      'MalformedPOSTRequest',
    ],
    ['without a boundary', '', 'multipart/form-data', 400, 'MalformedPOSTRequest'],
    ['of another type', 'key=k', 'application/x-www-form-urlencoded', 412, 'PreconditionFailed'],
  ])('%s', async (_, body, type, status, code) => {
    expect(await refusalOf(await raw(body, type))).toMatchObject({ status, code });
  });
});
