import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  DeletePublicAccessBlockCommand,
  GetBucketLocationCommand,
  GetBucketPolicyCommand,
  GetBucketPolicyStatusCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  type BucketLocationConstraint,
} from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  arnsOf,
  clientsOf,
  DESTINATION,
  documentOf,
  failureOf,
  OUTSIDER,
  SOURCE,
  type Clients,
} from './clients.ts';

let aws: Sandbox;
let owner: Clients;
let other: Clients;

beforeAll(async () => {
  aws = await startSandbox({ accounts: [SOURCE, DESTINATION] });
  owner = clientsOf(aws, aws.account(DESTINATION).root);
  other = clientsOf(aws, aws.account(SOURCE).root);
});
afterAll(() => aws.close());

const create = (Bucket: string) => owner.s3.send(new CreateBucketCommand({ Bucket }));
const putPolicy = (Bucket: string, Policy: string, as = owner) =>
  as.s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));

describe('a bucket', () => {
  test('is made, found, located, listed and deleted', async () => {
    expect(await create('life-of-a-bucket')).toMatchObject({ Location: '/life-of-a-bucket' });
    const head = await owner.s3.send(new HeadBucketCommand({ Bucket: 'life-of-a-bucket' }));
    expect(head).toMatchObject({ BucketRegion: 'us-east-1', $metadata: { httpStatusCode: 200 } });
    // us-east-1 is told by the lack of a constraint.
    const location = await owner.s3.send(new GetBucketLocationCommand({ Bucket: 'life-of-a-bucket' }));
    expect(location.LocationConstraint).toBeUndefined();
    const { Buckets, Owner } = await owner.s3.send(new ListBucketsCommand({}));
    expect(Buckets).toContainEqual(
      expect.objectContaining({ Name: 'life-of-a-bucket', CreationDate: expect.any(Date) }),
    );
    expect(Owner?.ID).toMatch(/^[0-9a-f]{64}$/);
    const gone = await owner.s3.send(new DeleteBucketCommand({ Bucket: 'life-of-a-bucket' }));
    expect(gone.$metadata.httpStatusCode).toBe(204);
    expect(
      await failureOf(owner.s3.send(new HeadBucketCommand({ Bucket: 'life-of-a-bucket' }))),
    ).toMatchObject({ code: 'NotFound', status: 404 });
    expect(
      await failureOf(owner.s3.send(new DeleteBucketCommand({ Bucket: 'life-of-a-bucket' }))),
    ).toMatchObject({ code: 'NoSuchBucket', status: 404 });
  });

  test('is deleted only when it is empty', async () => {
    const object = { Bucket: 'not-empty', Key: 'k' };
    const remove = () => owner.s3.send(new DeleteBucketCommand({ Bucket: 'not-empty' }));
    await create('not-empty');
    await owner.s3.send(new PutObjectCommand({ ...object, Body: 'x' }));
    expect(await failureOf(remove())).toMatchObject({ code: 'BucketNotEmpty', status: 409 });
    await owner.s3.send(new DeleteObjectCommand(object));
    await expect(remove()).resolves.toBeDefined();
  });

  test('has one owner in the whole sandbox', async () => {
    await create('taken');
    await expect(create('taken')).resolves.toBeDefined(); // in us-east-1, its owner may make it again
    expect(await failureOf(other.s3.send(new CreateBucketCommand({ Bucket: 'taken' })))).toMatchObject({
      code: 'BucketAlreadyExists',
      status: 409,
    });
    const { Buckets } = await other.s3.send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).not.toContain('taken');
  });

  test.each([
    'ab',
    'Upper',
    'a..b',
    '-ab',
    'ab-',
    'under_score',
    '192.168.0.1',
    'xn--abc',
    `a${'b'.repeat(63)}`,
  ])('is not called %s', async (Bucket) => {
    expect(await failureOf(create(Bucket))).toMatchObject({ code: 'InvalidBucketName', status: 400 });
  });

  test('lives in the region that it was made in', async () => {
    const ireland = clientsOf(aws, aws.account(DESTINATION).root, 'eu-west-1').s3;
    const make = (LocationConstraint: string | undefined, client = ireland) =>
      client.send(
        new CreateBucketCommand({
          Bucket: 'in-ireland',
          ...(LocationConstraint !== undefined && {
            CreateBucketConfiguration: { LocationConstraint: LocationConstraint as BucketLocationConstraint },
          }),
        }),
      );
    expect(await failureOf(make('eu-central-1'))).toMatchObject({
      code: 'IllegalLocationConstraintException',
      status: 400,
    });
    expect(await failureOf(make('nowhere', owner.s3))).toMatchObject({
      code: 'InvalidLocationConstraint',
      status: 400,
    });
    await make('eu-west-1');
    expect(await failureOf(make('eu-west-1'))).toMatchObject({
      code: 'BucketAlreadyOwnedByYou',
      status: 409,
    });
    const located = new GetBucketLocationCommand({ Bucket: 'in-ireland' });
    expect(await owner.s3.send(located)).toMatchObject({ LocationConstraint: 'eu-west-1' });
    const put = new PutObjectCommand({ Bucket: 'in-ireland', Key: 'k', Body: 'x' });
    expect(await failureOf(owner.s3.send(put))).toMatchObject({ code: 'PermanentRedirect', status: 301 });
    await expect(ireland.send(put)).resolves.toBeDefined();
  });

  test('is refused to whoever expects another owner', async () => {
    await create('expected');
    const expecting = (ExpectedBucketOwner: string) =>
      owner.s3.send(new GetBucketLocationCommand({ Bucket: 'expected', ExpectedBucketOwner }));
    await expect(expecting(DESTINATION)).resolves.toBeDefined();
    expect(await failureOf(expecting(SOURCE))).toMatchObject({ code: 'AccessDenied', status: 403 });
  });
});

test('buckets are listed by prefix and in pages', async () => {
  const names = ['page-a', 'page-b', 'page-c'];
  for (const name of names) await create(name);
  const listed: (string | undefined)[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await owner.s3.send(
      new ListBucketsCommand({ Prefix: 'page-', MaxBuckets: 2, ContinuationToken }),
    );
    expect(page.Buckets!.length).toBeLessThanOrEqual(2);
    listed.push(...page.Buckets!.map(({ Name }) => Name));
    ContinuationToken = page.ContinuationToken;
  } while (ContinuationToken !== undefined);
  expect(listed).toEqual(names);
  expect(await failureOf(owner.s3.send(new ListBucketsCommand({ MaxBuckets: 0 })))).toMatchObject({
    code: 'InvalidArgument',
    status: 400,
  });
});

describe('a bucket policy', () => {
  const BUCKET = 'with-policy';
  const [bucketArn, objects] = arnsOf(BUCKET);
  const read = (principal: unknown) =>
    documentOf({ Principal: principal, Action: 's3:GetObject', Resource: objects });
  beforeAll(() => create(BUCKET));

  test('is put, comes back as it was written, and is deleted', async () => {
    expect(await failureOf(owner.s3.send(new GetBucketPolicyCommand({ Bucket: BUCKET })))).toMatchObject({
      code: 'NoSuchBucketPolicy',
      status: 404,
    });
    const text = ` ${read({ AWS: `arn:aws:iam::${SOURCE}:root` })}\n`;
    await putPolicy(BUCKET, text);
    expect(await owner.s3.send(new GetBucketPolicyCommand({ Bucket: BUCKET }))).toMatchObject({
      Policy: text,
    });
    const gone = await owner.s3.send(new DeleteBucketPolicyCommand({ Bucket: BUCKET }));
    expect(gone.$metadata.httpStatusCode).toBe(204);
    expect(await failureOf(owner.s3.send(new GetBucketPolicyCommand({ Bucket: BUCKET })))).toMatchObject({
      code: 'NoSuchBucketPolicy',
    });
  });

  test.each([
    ['no JSON', '{'],
    [
      "the walkthrough's version with its spaces",
      read({ AWS: SOURCE }).replace('2012-10-17', '2012 - 10 - 17'),
    ],
    ['no principal', documentOf({ Action: 's3:GetObject', Resource: objects })],
    [
      "another bucket's objects",
      documentOf({ Principal: { AWS: SOURCE }, Action: 's3:GetObject', Resource: 'arn:aws:s3:::other/*' }),
    ],
    ['an account that is not there', read({ AWS: `arn:aws:iam::${OUTSIDER}:root` })],
    ['a role that is not there', read({ AWS: `arn:aws:iam::${SOURCE}:role/nobody` })],
    [
      'an action of another service',
      documentOf({ Principal: { AWS: SOURCE }, Action: 'iam:GetUser', Resource: bucketArn }),
    ],
    ['more than 20 KB', read({ AWS: Array.from({ length: 1500 }, () => SOURCE) })],
  ])('with %s is malformed', async (_, text) => {
    expect(await failureOf(putPolicy(BUCKET, text))).toMatchObject({ code: 'MalformedPolicy', status: 400 });
  });

  test("is its owner's business alone", async () => {
    await putPolicy(
      BUCKET,
      documentOf({ Principal: { AWS: SOURCE }, Action: 's3:*', Resource: [bucketArn, objects] }),
    );
    const notAllowed = { code: 'MethodNotAllowed', status: 405 };
    expect(await failureOf(other.s3.send(new GetBucketPolicyCommand({ Bucket: BUCKET })))).toMatchObject(
      notAllowed,
    );
    expect(await failureOf(putPolicy(BUCKET, read({ AWS: SOURCE }), other))).toMatchObject(notAllowed);
    expect(await failureOf(other.s3.send(new DeleteBucketPolicyCommand({ Bucket: BUCKET })))).toMatchObject(
      notAllowed,
    );
  });

  test('is not even that to those whom it does not allow, or who may not by their own policies', async () => {
    const denied = { code: 'AccessDenied', status: 403, message: 'Access Denied' };
    await putPolicy(BUCKET, documentOf({ Principal: { AWS: SOURCE }, Action: 's3:*', Resource: objects }));
    expect(await failureOf(other.s3.send(new GetBucketPolicyCommand({ Bucket: BUCKET })))).toMatchObject(
      denied,
    );
    await putPolicy(
      BUCKET,
      documentOf(
        { Principal: { AWS: SOURCE }, Action: 's3:*', Resource: [bucketArn, objects] },
        { Effect: 'Deny', Principal: '*', Action: 's3:GetBucketPolicy', Resource: bucketArn },
      ),
    );
    expect(await failureOf(other.s3.send(new GetBucketPolicyCommand({ Bucket: BUCKET })))).toMatchObject(
      denied,
    );
    expect(await failureOf(other.s3.send(new DeleteBucketPolicyCommand({ Bucket: BUCKET })))).toMatchObject({
      code: 'MethodNotAllowed',
      status: 405,
    });
    // Its status is nobody's secret: whoever is allowed to may see it.
    await expect(other.s3.send(new GetBucketPolicyStatusCommand({ Bucket: BUCKET }))).resolves.toMatchObject({
      PolicyStatus: { IsPublic: false },
    });
    await owner.s3.send(new DeleteBucketPolicyCommand({ Bucket: BUCKET }));
    expect(await failureOf(other.s3.send(new DeleteBucketPolicyCommand({ Bucket: BUCKET })))).toMatchObject(
      denied,
    );
  });

  test("cannot lock its owner's root out", async () => {
    await putPolicy(
      BUCKET,
      documentOf({ Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: [bucketArn, objects] }),
    );
    expect(
      await failureOf(owner.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'k', Body: 'x' }))),
    ).toMatchObject({ code: 'AccessDenied', status: 403 });
    await expect(owner.s3.send(new GetBucketPolicyCommand({ Bucket: BUCKET }))).resolves.toBeDefined();
    await expect(owner.s3.send(new DeleteBucketPolicyCommand({ Bucket: BUCKET }))).resolves.toBeDefined();
  });

  test('that is public is refused while Block Public Access is on', async () => {
    const everyone = read('*');
    const block = await owner.s3.send(new GetPublicAccessBlockCommand({ Bucket: BUCKET }));
    expect(block.PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    });
    expect(await failureOf(putPolicy(BUCKET, everyone))).toMatchObject({ code: 'AccessDenied', status: 403 });
    await owner.s3.send(
      new PutPublicAccessBlockCommand({
        Bucket: BUCKET,
        PublicAccessBlockConfiguration: { RestrictPublicBuckets: true },
      }),
    );
    await putPolicy(BUCKET, everyone);
    await owner.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'k', Body: 'for all' }));
    const anonymously = () => fetch(`${aws.endpoint}/${BUCKET}/k`);
    expect((await anonymously()).status).toBe(403);
    await owner.s3.send(new DeletePublicAccessBlockCommand({ Bucket: BUCKET }));
    const answer = await anonymously();
    expect([answer.status, await answer.text()]).toEqual([200, 'for all']);
    expect(await failureOf(owner.s3.send(new GetPublicAccessBlockCommand({ Bucket: BUCKET })))).toMatchObject(
      {
        code: 'NoSuchPublicAccessBlockConfiguration',
        status: 404,
      },
    );
  });
});
