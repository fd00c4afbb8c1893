import { CloudTrailClient, StartImportCommand } from '@aws-sdk/client-cloudtrail';
import { GenerateCredentialReportCommand, IAMClient } from '@aws-sdk/client-iam';
import { ConnectCustomKeyStoreCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  DeleteBucketMetadataTableConfigurationCommand,
  GetBucketMetadataTableConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetWebIdentityTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientsOf, DESTINATION, failureOf, type Identity } from './clients.ts';
import { refusalOf, send, sign } from './signer.ts';

const BUCKET = 'not-served';
let aws: Sandbox;
let owner: Identity;
let nobody: Identity;

beforeAll(async () => {
  aws = await startSandbox({ accounts: [{ id: DESTINATION, users: [{ name: 'nobody' }] }] });
  owner = aws.account(DESTINATION).root;
  nobody = aws.account(DESTINATION).users['nobody']!;
  await clientsOf(aws, owner).s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
});
afterAll(() => aws.close());

const config = (credentials: Identity) => ({
  region: 'us-east-1',
  endpoint: aws.endpoint,
  credentials,
  maxAttempts: 1,
});

/** Operations that AWS has and the sandbox has not, one for each protocol and more. */
const operations: [string, (identity: Identity) => Promise<unknown>][] = [
  [
    's3:GetBucketMetadataTableConfiguration',
    (identity) =>
      new S3Client({ ...config(identity), forcePathStyle: true }).send(
        new GetBucketMetadataTableConfigurationCommand({ Bucket: BUCKET }),
      ),
  ],
  [
    's3:DeleteBucketMetadataTableConfiguration',
    (identity) =>
      new S3Client({ ...config(identity), forcePathStyle: true }).send(
        new DeleteBucketMetadataTableConfigurationCommand({ Bucket: BUCKET }),
      ),
  ],
  [
    'sts:GetWebIdentityToken',
    (identity) =>
      new STSClient(config(identity)).send(
        new GetWebIdentityTokenCommand({ Audience: ['x'], SigningAlgorithm: 'ES384' }),
      ),
  ],
  [
    'iam:GenerateCredentialReport',
    (identity) => new IAMClient(config(identity)).send(new GenerateCredentialReportCommand({})),
  ],
  [
    'cloudtrail:StartImport',
    (identity) =>
      new CloudTrailClient(config(identity)).send(new StartImportCommand({ ImportId: 'x'.repeat(36) })),
  ],
  [
    'kms:ConnectCustomKeyStore',
    (identity) =>
      new KMSClient(config(identity)).send(new ConnectCustomKeyStoreCommand({ CustomKeyStoreId: 'x' })),
  ],
];

describe('what the sandbox does not serve', () => {
  test.each(operations)('%s says so to whoever is allowed', async (name, call) => {
    expect(await failureOf(call(owner))).toMatchObject({
      code: 'NotImplemented',
      status: 501,
      message: `The sandbox does not implement ${name}. The call was authenticated and is allowed.`,
    });
  });

  test.each(operations)('%s is denied to whoever is not', async (name, call) => {
    const { code, message } = await failureOf(call(nobody));
    expect(code).toMatch(/^AccessDenied(Exception)?$/);
    expect(message).toContain(`not authorized to perform: ${name}`);
  });

  test.each(operations)('%s asks first who calls', async (_, call) => {
    const wrong = { ...owner, secretAccessKey: 'wrong' };
    expect((await failureOf(call(wrong))).code).toMatch(
      /^(SignatureDoesNotMatch|InvalidSignatureException)$/,
    );
  });
});

describe('what AWS does not know either', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const json = (target: string) => ({ 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target });
  const post = async (service: string, headers: Record<string, string>, body: string) => {
    const call = sign(
      { method: 'POST', url: `${aws.endpoint}/`, headers, body },
      { identity: owner, service },
    );
    return refusalOf(await send(call, body));
  };

  test('an action', async () => {
    expect(await post('iam', form, 'Action=Frobnicate&Version=2010-05-08')).toMatchObject({
      status: 400,
      code: 'InvalidAction',
    });
    expect(await post('sts', form, 'Version=2011-06-15')).toMatchObject({
      status: 400,
      code: 'MissingAction',
    });
    expect(await post('sts', form, 'Action=__proto__&Version=2011-06-15')).toMatchObject({
      code: 'InvalidAction',
    });
    expect(await post('cloudtrail', json('CloudTrail_20131101.Frobnicate'), '{}')).toMatchObject({
      status: 400,
      code: 'UnknownOperationException',
    });
  });

  test('an item without what it must have', async () => {
    const user = 'Action=CreateUser&Version=2010-05-08&UserName=u&Tags.member.1.Value=x';
    expect(await post('iam', form, user)).toMatchObject({
      status: 400,
      code: 'ValidationError',
      message: expect.stringContaining('tags.1.member.key'),
    });
  });

  test('a body that is not what the operation takes', async () => {
    const target = json('CloudTrail_20131101.LookupEvents');
    const bodies = ['{', '"x"', 'null', '12', '{"MaxResults":"many"}', '{"LookupAttributes":{}}'];
    const deep = `{"LookupAttributes":${'['.repeat(5000)}`;
    for (const body of [
      ...bodies,
      '{"LookupAttributes":[null]}',
      '{"StartTime":"x"}',
      '{"NextToken":5}',
      deep,
    ])
      expect(await post('cloudtrail', target, body), body.slice(0, 40)).toMatchObject({
        status: 400,
        code: 'SerializationException',
      });
    expect(
      await post('cloudtrail', target, '{"LookupAttributes":[{"AttributeKey":"EventName"}]}'),
    ).toMatchObject({
      status: 400,
      code: 'ValidationException',
    });
    // What is null is not there, and the trail is as good as before.
    const { status, text } = await post('cloudtrail', target, '{"NextToken":null}');
    expect(status).toBe(200);
    expect(text).toContain('LookupEvents');
  });

  test('a method of S3', async () => {
    const call = sign({ method: 'PATCH', url: `${aws.endpoint}/${BUCKET}/key` }, { identity: owner });
    expect(await refusalOf(await send(call))).toMatchObject({ status: 405, code: 'MethodNotAllowed' });
  });
});

describe('a service that is not here', () => {
  test('answers in its own protocol', async () => {
    const queue = sign(
      {
        method: 'POST',
        url: `${aws.endpoint}/`,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'Action=DescribeInstances&Version=2016-11-15',
      },
      { identity: owner, service: 'ec2' },
    );
    const asQuery = await refusalOf(await send(queue, 'Action=DescribeInstances&Version=2016-11-15'));
    expect(asQuery).toMatchObject({
      status: 501,
      code: 'NotImplemented',
      message: 'The sandbox has no service `ec2`.',
    });
    expect(asQuery.text).toMatch(/<ErrorResponse.*<Error>/s);

    const headers = {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'DynamoDB_20120810.ListTables',
    };
    const table = sign(
      { method: 'POST', url: `${aws.endpoint}/`, headers, body: '{}' },
      { identity: owner, service: 'dynamodb' },
    );
    expect(await refusalOf(await send(table, '{}'))).toMatchObject({
      status: 400,
      code: 'UnknownOperationException',
      message: 'The sandbox has no service for `DynamoDB_20120810.ListTables`.',
    });
  });
});
