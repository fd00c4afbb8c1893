import { Agent } from 'node:http';
import {
  CreateRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPermissionsBoundaryCommand,
  CreatePolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateAccessPointCommand,
  PutAccessPointPolicyCommand,
  S3ControlClient,
} from '@aws-sdk/client-s3-control';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { parseConfig, startSandbox, type Sandbox } from '@crossbucket/sandbox';

/**
 * A whole organization: a management account with units for applications and for data, an SCP, an RCP, a boundary, an
 * endpoint policy, a KMS key, an access point; and an account outside of it.
 */
export const [MANAGEMENT, APP, DATA, OUTSIDE] = [
  '999999999999',
  '111111111111',
  '222222222222',
  '333333333333',
] as const;

const all = '{ Version: "2012-10-17", Statement: [{ Effect: Allow, Action: "*", Resource: "*" }] }';
const s3AndMore =
  '{ Version: "2012-10-17", Statement: [{ Effect: Allow, Action: ["s3:*", "kms:*", "sts:*"], Resource: "*" }] }';

export const CONFIG = `
accounts:
  - id: "${MANAGEMENT}"
    users: [{ name: admin, policies: { all: ${all} } }]
  - id: "${APP}"
    users:
      - { name: reader, policies: { all: ${s3AndMore} } }
      - { name: bounded, policies: { all: ${s3AndMore} } }
      - { name: nobody }
  - id: "${DATA}"
    users: [{ name: owner, policies: { all: ${all} } }, { name: clerk }]
  - id: "${OUTSIDE}"
    users: [{ name: stranger, policies: { all: ${s3AndMore} } }]
organization:
  management: "${MANAGEMENT}"
  root:
    units:
      - name: apps
        accounts: ["${APP}"]
        serviceControl:
          no-deletes: { Version: "2012-10-17", Statement: [{ Sid: NoDeletes, Effect: Deny, Action: "s3:DeleteObject", Resource: "*" }] }
      - name: data
        accounts: ["${DATA}"]
        resourceControl:
          closed-is-closed:
            Version: "2012-10-17"
            Statement: [{ Sid: Closed, Effect: Deny, Principal: "*", Action: "s3:PutObject", Resource: "arn:aws:s3:::acme-reports/closed/*" }]
endpoints:
  - id: vpce-1a2b
    vpc: vpc-1
    policy:
      Version: "2012-10-17"
      Statement: [{ Effect: Allow, Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::acme-reports/*" }]
`;

export type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

export interface Stage {
  aws: Sandbox;
  /** Credentials by the names that the table of calls uses. */
  actors: Record<string, Credentials>;
  /** What the table's `{name}` stands for. */
  names: Record<string, string>;
  configuration(
    credentials: Credentials,
    endpoint?: string,
  ): { region: string; endpoint: string; credentials: Credentials };
}

const user = (account: string, name: string) => `arn:aws:iam::${account}:user/${name}`;
const policy = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
const BUCKET = 'arn:aws:s3:::acme-reports';

export async function setStage(): Promise<Stage> {
  const aws = await startSandbox({ config: await parseConfig(CONFIG, 'organization.yaml') });
  const configuration: Stage['configuration'] = (credentials, endpoint = aws.endpoint) => ({
    region: 'us-east-1',
    endpoint,
    credentials,
  });
  const root = (account: string) => configuration(aws.account(account).root);
  await makeBoundary(new IAMClient(root(APP)));
  await makeRoles(new IAMClient(root(DATA)));
  const kms = new KMSClient(root(DATA));
  const key = await kms.send(
    new CreateKeyCommand({
      Policy: policy(
        {
          Sid: 'Delegate',
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${DATA}:root` },
          Action: 'kms:*',
          Resource: '*',
        },
        {
          Sid: 'Reader',
          Effect: 'Allow',
          Principal: { AWS: user(APP, 'reader') },
          Action: ['kms:Decrypt', 'kms:DescribeKey'],
          Resource: '*',
        },
      ),
    }),
  );
  const keyArn = key.KeyMetadata!.Arn!;
  const s3 = new S3Client(root(DATA));
  await makeBuckets(s3, keyArn);
  const alias = await makeAccessPoint(aws, root(DATA).credentials);
  const actors: Record<string, Credentials> = {
    admin: aws.account(MANAGEMENT).users['admin']!,
    reader: aws.account(APP).users['reader']!,
    bounded: aws.account(APP).users['bounded']!,
    nobody: aws.account(APP).users['nobody']!,
    owner: aws.account(DATA).users['owner']!,
    clerk: aws.account(DATA).users['clerk']!,
    'data root': aws.account(DATA).root,
    stranger: aws.account(OUTSIDE).users['stranger']!,
  };
  const sts = new STSClient(configuration(actors['reader']!));
  actors['session'] = await assume(sts, { ExternalId: 'acme-7f3a' });
  actors['narrow session'] = await assume(sts, {
    ExternalId: 'acme-7f3a',
    Policy: policy({ Effect: 'Allow', Action: 's3:GetObject', Resource: `${BUCKET}/reports/*` }),
  });
  return { aws, actors, names: { key: keyArn, alias }, configuration };
}

async function makeBoundary(iam: IAMClient): Promise<void> {
  const { Policy } = await iam.send(
    new CreatePolicyCommand({
      PolicyName: 'reports-only',
      PolicyDocument: policy({ Effect: 'Allow', Action: 's3:GetObject', Resource: `${BUCKET}/reports/*` }),
    }),
  );
  await iam.send(
    new PutUserPermissionsBoundaryCommand({ UserName: 'bounded', PermissionsBoundary: Policy!.Arn! }),
  );
}

async function makeRoles(iam: IAMClient): Promise<void> {
  await iam.send(
    new CreateRoleCommand({
      RoleName: 'reports-reader',
      AssumeRolePolicyDocument: policy({
        Effect: 'Allow',
        Principal: { AWS: [user(APP, 'reader'), user(APP, 'nobody')] },
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'sts:ExternalId': 'acme-7f3a' } },
      }),
    }),
  );
  const PolicyDocument = policy(
    { Effect: 'Allow', Action: ['s3:GetObject', 's3:ListBucket'], Resource: [BUCKET, `${BUCKET}/*`] },
    { Effect: 'Deny', Action: 's3:GetObject', Resource: `${BUCKET}/secret/*` },
  );
  await iam.send(
    new PutRolePolicyCommand({ RoleName: 'reports-reader', PolicyName: 'read', PolicyDocument }),
  );
}

async function makeBuckets(s3: S3Client, key: string): Promise<void> {
  await s3.send(new CreateBucketCommand({ Bucket: 'acme-reports' }));
  for (const Key of ['reports/q1.csv', 'secret/plan.txt', 'archive/old.csv'])
    await s3.send(new PutObjectCommand({ Bucket: 'acme-reports', Key, Body: Key }));
  const read = ['s3:GetObject', 's3:ListBucket'];
  const Policy = policy(
    {
      Sid: 'Named',
      Effect: 'Allow',
      Principal: { AWS: [user(APP, 'reader'), user(APP, 'bounded'), user(APP, 'nobody')] },
      Action: [...read, 's3:PutObject', 's3:DeleteObject'],
      Resource: [BUCKET, `${BUCKET}/*`],
    },
    {
      Sid: 'Clerk',
      Effect: 'Allow',
      Principal: { AWS: user(DATA, 'clerk') },
      Action: 's3:GetObject',
      Resource: `${BUCKET}/reports/*`,
    },
    {
      Sid: 'NoSecrets',
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:GetObject',
      Resource: `${BUCKET}/secret/*`,
      Condition: {
        ArnNotEquals: {
          'aws:PrincipalArn': [user(DATA, 'owner'), `arn:aws:iam::${DATA}:role/reports-reader`],
        },
      },
    },
    {
      Sid: 'AccessPoints',
      Effect: 'Allow',
      Principal: { AWS: '*' },
      Action: 's3:GetObject',
      Resource: `${BUCKET}/*`,
      Condition: { StringEquals: { 's3:DataAccessPointAccount': DATA } },
    },
  );
  await s3.send(new PutBucketPolicyCommand({ Bucket: 'acme-reports', Policy }));
  await s3.send(new CreateBucketCommand({ Bucket: 'acme-encrypted' }));
  const rule = {
    ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' as const, KMSMasterKeyID: key },
  };
  await s3.send(
    new PutBucketEncryptionCommand({
      Bucket: 'acme-encrypted',
      ServerSideEncryptionConfiguration: { Rules: [rule] },
    }),
  );
  await s3.send(new PutObjectCommand({ Bucket: 'acme-encrypted', Key: 'sealed.txt', Body: 'sealed' }));
  await s3.send(
    new PutBucketPolicyCommand({
      Bucket: 'acme-encrypted',
      Policy: policy({
        Effect: 'Allow',
        Principal: { AWS: [user(APP, 'reader'), user(APP, 'bounded')] },
        Action: ['s3:GetObject', 's3:PutObject'],
        Resource: 'arn:aws:s3:::acme-encrypted/*',
      }),
    }),
  );
}

async function makeAccessPoint(aws: Sandbox, credentials: Credentials): Promise<string> {
  const lookup = new Agent({ lookup: (_, __, found) => found(null, [{ address: '127.0.0.1', family: 4 }]) });
  const control = new S3ControlClient({
    region: 'us-east-1',
    endpoint: aws.endpoint.replace('127.0.0.1', 'localhost'),
    credentials,
    requestHandler: { httpAgent: lookup },
  });
  const point = { AccountId: DATA, Name: 'reports-ap' };
  const { Alias } = await control.send(new CreateAccessPointCommand({ ...point, Bucket: 'acme-reports' }));
  const arn = `arn:aws:s3:us-east-1:${DATA}:accesspoint/reports-ap`;
  const Policy = policy({
    Effect: 'Allow',
    Principal: { AWS: user(OUTSIDE, 'stranger') },
    Action: 's3:GetObject',
    Resource: `${arn}/object/reports/*`,
  });
  await control.send(new PutAccessPointPolicyCommand({ ...point, Policy }));
  return Alias!;
}

async function assume(sts: STSClient, extra: { ExternalId: string; Policy?: string }): Promise<Credentials> {
  const { Credentials: session } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: `arn:aws:iam::${DATA}:role/reports-reader`,
      RoleSessionName: 'stage',
      ...extra,
    }),
  );
  return {
    accessKeyId: session!.AccessKeyId!,
    secretAccessKey: session!.SecretAccessKey!,
    sessionToken: session!.SessionToken!,
  };
}
