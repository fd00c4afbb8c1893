import { LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import {
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  GetUserCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketAclCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, GetFederationTokenCommand } from '@aws-sdk/client-sts';
import { startSandbox, type CloudTrailRecord, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  arnsOf,
  assume,
  clientsOf,
  DESTINATION,
  documentOf,
  failureOf,
  OUTSIDER,
  SOURCE,
  type Clients,
} from './clients.ts';

const ROLE = `arn:aws:iam::${DESTINATION}:role/reader`;
const NEXT_ROLE = `arn:aws:iam::${OUTSIDER}:role/next`;
const BUCKET = 'records';
let aws: Sandbox;
let source: Clients;
let owner: Clients;
let app: Clients;

beforeAll(async () => {
  aws = await startSandbox({
    config: {
      accounts: [{ id: SOURCE, users: [{ name: 'app' }] }, { id: DESTINATION }, { id: OUTSIDER }],
      endpoints: [{ id: 'vpce-1a', vpc: 'vpc-1' }],
    },
  });
  source = clientsOf(aws, aws.account(SOURCE).root);
  owner = clientsOf(aws, aws.account(DESTINATION).root);
  app = clientsOf(aws, aws.account(SOURCE).users['app']!);
  const all = documentOf({ Action: '*', Resource: '*' });
  await source.iam.send(
    new PutUserPolicyCommand({ UserName: 'app', PolicyName: 'all', PolicyDocument: all }),
  );
  const trusting = (account: string) =>
    documentOf({ Action: ['sts:AssumeRole', 'sts:TagSession'], Principal: { AWS: account } });
  await owner.iam.send(
    new CreateRoleCommand({ RoleName: 'reader', AssumeRolePolicyDocument: trusting(SOURCE) }),
  );
  await owner.iam.send(
    new PutRolePolicyCommand({ RoleName: 'reader', PolicyName: 'all', PolicyDocument: all }),
  );
  const outsider = clientsOf(aws, aws.account(OUTSIDER).root);
  await outsider.iam.send(
    new CreateRoleCommand({ RoleName: 'next', AssumeRolePolicyDocument: trusting(DESTINATION) }),
  );
  await owner.s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const Policy = documentOf({ Action: 's3:*', Principal: { AWS: SOURCE }, Resource: arnsOf(BUCKET) });
  await owner.s3.send(new PutBucketPolicyCommand({ Bucket: BUCKET, Policy }));
  await owner.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'in/k', Body: 'text' }));
});
afterAll(() => aws.close());

/** The records of a call by the name of its event; the latest call's, one for each account. */
function latest(name: string): CloudTrailRecord[] {
  const all = aws.records().filter(({ eventName }) => eventName === name);
  return all.filter(({ requestID }) => requestID === all.at(-1)!.requestID);
}

describe('who called', () => {
  test('an account root, and a user', async () => {
    await owner.sts.send(new GetCallerIdentityCommand({}));
    expect(latest('GetCallerIdentity')).toMatchObject([
      {
        userIdentity: {
          type: 'Root',
          principalId: DESTINATION,
          arn: `arn:aws:iam::${DESTINATION}:root`,
          accountId: DESTINATION,
          accessKeyId: aws.account(DESTINATION).root.accessKeyId,
        },
        readOnly: true,
        managementEvent: true,
        requestParameters: null,
        responseElements: null,
      },
    ]);
    await app.sts.send(new GetCallerIdentityCommand({}));
    const [byUser] = latest('GetCallerIdentity');
    expect(byUser!.userIdentity).toMatchObject({ type: 'IAMUser', userName: 'app', accountId: SOURCE });
    expect(byUser!.userAgent).toMatch(/^aws-sdk-js/);
  });

  test('a chain of sessions can be followed by the keys that each link gave', async () => {
    const first = await assume(app.sts, { RoleArn: ROLE, RoleSessionName: 's1' });
    const [asUser, asRole] = latest('AssumeRole');
    const second = await assume(clientsOf(aws, first).sts, { RoleArn: NEXT_ROLE, RoleSessionName: 's2' });
    const [again, far] = latest('AssumeRole');
    expect(asUser).toMatchObject({
      recipientAccountId: SOURCE,
      readOnly: true,
      userIdentity: { type: 'IAMUser', userName: 'app' },
      requestParameters: { roleArn: ROLE, roleSessionName: 's1' },
      responseElements: {
        credentials: {
          accessKeyId: first.accessKeyId,
          expiration: expect.stringMatching(/^[A-Z][a-z]{2} \d{1,2}, \d{4} \d{1,2}:\d\d:\d\d [AP]M$/),
        },
        assumedRoleUser: { arn: `arn:aws:sts::${DESTINATION}:assumed-role/reader/s1` },
      },
    });
    expect(asRole).toMatchObject({
      recipientAccountId: DESTINATION,
      sharedEventID: asUser!.sharedEventID,
      userIdentity: { type: 'AWSAccount', accountId: SOURCE },
    });
    expect(again).toMatchObject({
      recipientAccountId: DESTINATION,
      userIdentity: {
        type: 'AssumedRole',
        accessKeyId: first.accessKeyId,
        arn: `arn:aws:sts::${DESTINATION}:assumed-role/reader/s1`,
        sessionContext: {
          sessionIssuer: { type: 'Role', arn: ROLE, userName: 'reader' },
          attributes: { mfaAuthenticated: 'false' },
        },
      },
      responseElements: { credentials: { accessKeyId: second.accessKeyId } },
    });
    expect(far).toMatchObject({
      recipientAccountId: OUTSIDER,
      userIdentity: {
        type: 'AWSAccount',
        accountId: DESTINATION,
        principalId: expect.stringMatching(/:s1$/),
      },
    });
  });

  test('a federated user, whose session a user made', async () => {
    const { Credentials: made } = await app.sts.send(
      new GetFederationTokenCommand({
        Name: 'guest',
        Policy: documentOf({ Action: 's3:*', Resource: '*' }),
      }),
    );
    expect(latest('GetFederationToken')[0]).toMatchObject({
      readOnly: true,
      responseElements: { credentials: { accessKeyId: made!.AccessKeyId } },
    });
    const guest = clientsOf(aws, {
      accessKeyId: made!.AccessKeyId!,
      secretAccessKey: made!.SecretAccessKey!,
      sessionToken: made!.SessionToken!,
    });
    await guest.s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'in/k' }));
    expect(latest('HeadObject')[0]!.userIdentity).toMatchObject({
      type: 'FederatedUser',
      principalId: `${SOURCE}:guest`,
      sessionContext: { sessionIssuer: { type: 'IAMUser', userName: 'app' } },
    });
  });

  test('nobody', async () => {
    await fetch(`${aws.endpoint}/${BUCKET}/in/k`);
    expect(latest('GetObject')).toMatchObject([
      {
        recipientAccountId: DESTINATION,
        errorCode: 'AccessDenied',
        userIdentity: { type: 'AWSAccount', principalId: '', accountId: 'ANONYMOUS_PRINCIPAL' },
        resources: [{}, { accountId: DESTINATION }],
      },
    ]);
    expect(latest('GetObject')[0]!.additionalEventData).not.toHaveProperty('AuthenticationMethod');
  });
});

describe('what was asked of S3', () => {
  test('a bucket policy, as a document', async () => {
    expect(latest('PutBucketPolicy')).toMatchObject([
      {
        readOnly: false,
        requestParameters: {
          bucketName: BUCKET,
          policy: '',
          bucketPolicy: { Statement: [{ Principal: { AWS: SOURCE } }] },
        },
        userAgent: expect.stringMatching(/^\[aws-sdk-js/),
        resources: [{ type: 'AWS::S3::Bucket', ARN: `arn:aws:s3:::${BUCKET}`, accountId: DESTINATION }],
      },
    ]);
  });

  test('settings, by the names in their XML', async () => {
    await owner.s3.send(
      new PutPublicAccessBlockCommand({
        Bucket: BUCKET,
        PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: false },
      }),
    );
    expect(latest('PutBucketPublicAccessBlock')[0]!.requestParameters).toMatchObject({
      publicAccessBlock: '',
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: false },
    });
    await owner.s3.send(
      new PutBucketLifecycleConfigurationCommand({
        Bucket: BUCKET,
        LifecycleConfiguration: {
          Rules: [{ ID: 'old', Status: 'Enabled', Filter: { Prefix: 'tmp/' }, Expiration: { Days: 9 } }],
        },
      }),
    );
    expect(latest('PutBucketLifecycle')[0]!.requestParameters).toMatchObject({
      LifecycleConfiguration: { Rule: { ID: 'old', Filter: { Prefix: 'tmp/' }, Expiration: { Days: 9 } } },
    });
  });

  test('a listing, by its prefix, in both accounts', async () => {
    await app.s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'in/', MaxKeys: 5 }));
    const records = latest('ListObjects');
    expect(records.map(({ recipientAccountId }) => recipientAccountId)).toEqual([SOURCE, DESTINATION]);
    for (const record of records)
      expect(record).toMatchObject({
        managementEvent: false,
        requestParameters: { bucketName: BUCKET, 'list-type': '2', prefix: 'in/', 'max-keys': '5' },
        resources: [
          { type: 'AWS::S3::Object', ARNPrefix: `arn:aws:s3:::${BUCKET}/in/` },
          { type: 'AWS::S3::Bucket', accountId: DESTINATION },
        ],
      });
  });

  test('a write, with what S3 says of its encryption, and bytes', async () => {
    await app.s3.send(
      new PutObjectCommand({
        Bucket: BUCKET,
        Key: 'in/new',
        Body: 'four',
        ACL: 'bucket-owner-full-control',
        Metadata: { colour: 'not for the log' },
      }),
    );
    const [record] = latest('PutObject');
    expect(record).toMatchObject({
      requestParameters: { key: 'in/new', 'x-amz-acl': 'bucket-owner-full-control' },
      responseElements: { 'x-amz-server-side-encryption': 'AES256' },
      additionalEventData: { bytesTransferredIn: 4, SSEApplied: 'Default_SSE_S3' },
    });
    expect(JSON.stringify(record)).not.toContain('not for the log');
  });

  test('a copy out of the account, told to the owner of what was copied', async () => {
    await source.s3.send(new CreateBucketCommand({ Bucket: 'elsewhere' }));
    await app.s3.send(
      new CopyObjectCommand({ Bucket: 'elsewhere', Key: 'copy', CopySource: `${BUCKET}/in/k` }),
    );
    const records = latest('CopyObject');
    expect(records.map(({ recipientAccountId }) => recipientAccountId)).toEqual([SOURCE, DESTINATION]);
    expect(records[1]).toMatchObject({
      sharedEventID: records[0]!.sharedEventID,
      requestParameters: { bucketName: 'elsewhere', key: 'copy', 'x-amz-copy-source': `${BUCKET}/in/k` },
      resources: [
        { ARN: 'arn:aws:s3:::elsewhere/copy' },
        { ARN: 'arn:aws:s3:::elsewhere', accountId: SOURCE },
        { ARN: `arn:aws:s3:::${BUCKET}/in/k` },
        { ARN: `arn:aws:s3:::${BUCKET}`, accountId: DESTINATION },
      ],
    });
  });

  test('a deletion of many, without their keys', async () => {
    await app.s3.send(
      new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects: [{ Key: 'in/forgotten' }] } }),
    );
    const [record] = latest('DeleteObjects');
    expect(record).toMatchObject({
      requestParameters: { bucketName: BUCKET, delete: '' },
      resources: [{ ARNPrefix: `arn:aws:s3:::${BUCKET}/` }, {}],
    });
    expect(JSON.stringify(record)).not.toContain('forgotten');
  });

  test('an ACL: the bucket is its owner told, whom another account gave an object to is not', async () => {
    await owner.s3.send(new CreateBucketCommand({ Bucket: 'with-acls' }));
    await owner.s3.send(
      new PutBucketOwnershipControlsCommand({
        Bucket: 'with-acls',
        OwnershipControls: { Rules: [{ ObjectOwnership: 'ObjectWriter' }] },
      }),
    );
    await owner.s3.send(new PutBucketAclCommand({ Bucket: 'with-acls', ACL: 'private' }));
    expect(latest('PutBucketAcl')[0]!.requestParameters).toMatchObject({ acl: '', 'x-amz-acl': 'private' });
    const Policy = documentOf({ Action: 's3:*', Principal: { AWS: SOURCE }, Resource: arnsOf('with-acls') });
    await owner.s3.send(new PutBucketPolicyCommand({ Bucket: 'with-acls', Policy }));
    await app.s3.send(new PutObjectCommand({ Bucket: 'with-acls', Key: 'mine', Body: 'x' }));
    const grant = `id="${'ab'.repeat(32)}"`;
    await failureOf(
      app.s3.send(new PutObjectAclCommand({ Bucket: 'with-acls', Key: 'mine', GrantRead: grant })),
    );
    const [own, theirs] = latest('PutObjectAcl');
    expect(own!.requestParameters).toMatchObject({ 'x-amz-grant-read': grant });
    expect(theirs!.requestParameters).not.toHaveProperty('x-amz-grant-read');
  });

  test('what is not there', async () => {
    await failureOf(app.s3.send(new GetObjectCommand({ Bucket: 'no-such-bucket-1', Key: 'k' })));
    expect(latest('GetObject')).toMatchObject([
      {
        errorCode: 'NoSuchBucket',
        errorMessage: 'The specified bucket does not exist',
        recipientAccountId: SOURCE,
        resources: [{ ARN: 'arn:aws:s3:::no-such-bucket-1/k' }, { ARN: 'arn:aws:s3:::no-such-bucket-1' }],
      },
    ]);
  });

  test('by way of a VPC endpoint', async () => {
    const inside = clientsOf(
      { endpoint: aws.vpcEndpoints['vpce-1a']! } as Sandbox,
      aws.account(DESTINATION).root,
    );
    await inside.s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'in/k' }));
    expect(latest('HeadObject')[0]!.vpcEndpointId).toBe('vpce-1a');
  });
});

describe('what was asked of the others', () => {
  test('a denial has one name', async () => {
    const session = await assume(app.sts, {
      RoleArn: ROLE,
      RoleSessionName: 'narrow',
      Policy: documentOf({ Action: 's3:*', Resource: '*' }),
    });
    await failureOf(clientsOf(aws, session).cloudtrail.send(new LookupEventsCommand({})));
    await failureOf(clientsOf(aws, session).iam.send(new GetUserCommand({ UserName: 'app' })));
    for (const name of ['LookupEvents', 'GetUser'])
      expect(latest(name)[0]).toMatchObject({
        errorCode: 'AccessDenied',
        errorMessage: expect.stringContaining('is not authorized to perform'),
      });
  });

  test('what is too large is left out', async () => {
    const Statement = Array.from({ length: 900 }, (_, index) => ({
      Sid: `S${index}`,
      Effect: 'Allow',
      Action: 's3:GetObject',
      Resource: `arn:aws:s3:::bucket-${index}/${'x'.repeat(90)}`,
    }));
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await failureOf(source.iam.send(new CreatePolicyCommand({ PolicyName: 'large', PolicyDocument })));
    expect(latest('CreatePolicy')[0]!.requestParameters).toEqual({
      omitted: true,
      originalSize: expect.any(Number),
      reason: 'requestParameters too large',
    });
  });

  test('the id of a new key, and not its secret', async () => {
    const { AccessKey } = await source.iam.send(new CreateAccessKeyCommand({ UserName: 'app' }));
    const [record] = latest('CreateAccessKey');
    expect(record!.responseElements).toMatchObject({
      accessKey: { accessKeyId: AccessKey!.AccessKeyId, userName: 'app', status: 'Active' },
    });
    expect(JSON.stringify(record)).not.toContain(AccessKey!.SecretAccessKey);
  });
});
