import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateAccessPointCommand,
  GetAccessPointCommand,
  GetPublicAccessBlockCommand,
  PutAccessPointPolicyCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3-control';
import { parseConfig, startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { controlClient } from './control-client.ts';

const [APP, DATA] = ['111111111111', '222222222222'] as const;
const BUCKET = 'acme-reports';

const CONFIG = `
accounts:
  - id: "${APP}"
    users:
      - name: reader
        policies:
          read: { Version: "2012-10-17", Statement: [{ Effect: Allow, Action: "s3:*", Resource: "*" }] }
  - id: "${DATA}"
endpoints:
  - id: vpce-1a2b
    vpc: vpc-1
    policy:
      Version: "2012-10-17"
      Statement: [{ Effect: Allow, Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::${BUCKET}/*" }]
  - id: vpce-open
organization:
  management: "${DATA}"
  root:
    units:
      - name: apps
        accounts: ["${APP}"]
        serviceControl:
          no-deletes: { Version: "2012-10-17", Statement: [{ Effect: Deny, Action: "s3:DeleteObject", Resource: "*" }] }
`;

let aws: Sandbox;
type Identity = { accessKeyId: string; secretAccessKey: string };

const client = (credentials: Identity, endpoint = aws.endpoint) =>
  new S3Client({ region: 'us-east-1', endpoint, credentials });
const control = (credentials: Identity) => controlClient(aws, credentials);

beforeAll(async () => {
  aws = await startSandbox({ config: await parseConfig(CONFIG, 'test.yaml') });
  const owner = client(aws.account(DATA).root);
  await owner.send(new CreateBucketCommand({ Bucket: BUCKET }));
  await owner.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'a.txt', Body: 'a' }));
  await allow({ AWS: `arn:aws:iam::${APP}:user/reader` });
});

afterAll(() => aws.close());

async function allow(principal: unknown, condition?: unknown): Promise<void> {
  const Statement = [
    {
      Effect: 'Allow',
      Principal: principal,
      Action: ['s3:GetObject', 's3:ListBucket', 's3:DeleteObject'],
      Resource: [`arn:aws:s3:::${BUCKET}`, `arn:aws:s3:::${BUCKET}/*`],
      ...(condition !== undefined && { Condition: condition }),
    },
  ];
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  await client(aws.account(DATA).root).send(new PutBucketPolicyCommand({ Bucket: BUCKET, Policy }));
}

const reader = () => aws.account(APP).users['reader']!;
const get = (bucket = BUCKET) => new GetObjectCommand({ Bucket: bucket, Key: 'a.txt' });
const list = (bucket = BUCKET) => new ListObjectsV2Command({ Bucket: bucket });

describe('a VPC endpoint', () => {
  test('lets through what its policy allows, and nothing else', async () => {
    const inside = client(reader(), aws.vpcEndpoints['vpce-1a2b']);
    await expect(inside.send(get())).resolves.toMatchObject({ ContentLength: 1 });
    await expect(inside.send(list())).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('because no VPC endpoint policy allows the s3:ListBucket action'),
    });
    await expect(client(reader()).send(list())).resolves.toMatchObject({ KeyCount: 1 });
  });

  test('is what aws:SourceVpce tells, and hides aws:SourceIp', async () => {
    await allow(
      { AWS: `arn:aws:iam::${APP}:user/reader` },
      { StringEquals: { 'aws:SourceVpce': 'vpce-open' } },
    );
    await expect(client(reader(), aws.vpcEndpoints['vpce-open']).send(list())).resolves.toMatchObject({
      KeyCount: 1,
    });
    await expect(client(reader()).send(list())).rejects.toMatchObject({ name: 'AccessDenied' });
    await allow({ AWS: `arn:aws:iam::${APP}:user/reader` }, { IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } });
    await expect(client(reader()).send(list())).resolves.toMatchObject({ KeyCount: 1 });
    await expect(client(reader(), aws.vpcEndpoints['vpce-open']).send(list())).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    await allow({ AWS: `arn:aws:iam::${APP}:user/reader` });
  });
});

test('the organization of a config binds its accounts', async () => {
  const { DeleteObjectCommand } = await import('@aws-sdk/client-s3');
  await expect(
    client(reader()).send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'a.txt' })),
  ).rejects.toMatchObject({
    message: expect.stringContaining('with an explicit deny in a service control policy'),
  });
});

describe('an access point', () => {
  let alias: string;

  beforeAll(async () => {
    const owner = control(aws.account(DATA).root);
    await owner.send(new CreateAccessPointCommand({ AccountId: DATA, Name: 'reports-ap', Bucket: BUCKET }));
    alias = (await owner.send(new GetAccessPointCommand({ AccountId: DATA, Name: 'reports-ap' }))).Alias!;
  });

  test("of another account needs its own policy and the bucket's", async () => {
    await expect(client(reader()).send(get(alias))).rejects.toMatchObject({ name: 'AccessDenied' });
    const arn = `arn:aws:s3:us-east-1:${DATA}:accesspoint/reports-ap`;
    const Statement = [
      {
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${APP}:user/reader` },
        Action: ['s3:GetObject', 's3:ListBucket'],
        Resource: [arn, `${arn}/object/*`],
      },
    ];
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
    await control(aws.account(DATA).root).send(
      new PutAccessPointPolicyCommand({ AccountId: DATA, Name: 'reports-ap', Policy }),
    );
    await expect(client(reader()).send(get(alias))).resolves.toMatchObject({ ContentLength: 1 });
    await expect(client(reader()).send(list(alias))).resolves.toMatchObject({ KeyCount: 1 });
    await allow({ AWS: `arn:aws:iam::${DATA}:root` });
    await expect(client(reader()).send(get(alias))).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});

test('Block Public Access of an account speaks for it alone', async () => {
  const own = control(aws.account(DATA).root);
  const block = {
    BlockPublicAcls: true,
    IgnorePublicAcls: true,
    BlockPublicPolicy: true,
    RestrictPublicBuckets: true,
  };
  await expect(own.send(new GetPublicAccessBlockCommand({ AccountId: DATA }))).rejects.toMatchObject({
    name: 'NoSuchPublicAccessBlockConfiguration',
  });
  await own.send(new PutPublicAccessBlockCommand({ AccountId: DATA, PublicAccessBlockConfiguration: block }));
  await expect(own.send(new GetPublicAccessBlockCommand({ AccountId: DATA }))).resolves.toMatchObject({
    PublicAccessBlockConfiguration: block,
  });
  await expect(own.send(new GetPublicAccessBlockCommand({ AccountId: APP }))).rejects.toMatchObject({
    name: 'AccessDenied',
  });
});
