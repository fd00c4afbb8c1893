import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import {
  CreateRoleCommand,
  GetAccountAuthorizationDetailsCommand,
  IAMClient,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateKeyCommand, GetKeyPolicyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  GetBucketPolicyCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { startSandbox, type Sandbox, type SandboxClock, type SandboxConfig } from '@crossbucket/sandbox';
import { run } from '../../packages/crossbucket/src/cli/main.ts';

export const APP = '111111111111';
export const DATA = '222222222222';
export const OTHER = '333333333333';
export const BUCKET = 'acme-reports';

export interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** What a run of the command left: exit code and both streams. */
export interface Ran {
  exit: number;
  out: string;
  err: string;
}

export const policy = (...Statement: object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement });

/** A statement of somebody else in the bucket policy. */
export const FOREIGN = {
  Sid: 'PartnersRead',
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${OTHER}:root` },
  Action: 's3:GetObject',
  Resource: `arn:aws:s3:::${BUCKET}/partners/*`,
};

const ALL = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };

/** Two accounts with a bucket, a service's role and user, and somebody else's statement; and a folder with a configuration. */
export class GrantStage {
  readonly aws: Sandbox;
  readonly folder: string;

  private constructor(aws: Sandbox) {
    this.aws = aws;
    this.folder = mkdtempSync(join(tmpdir(), 'crossbucket-grants-'));
  }

  static async set(config: Partial<SandboxConfig> = {}, clock?: SandboxClock): Promise<GrantStage> {
    const aws = await startSandbox({
      ...(clock && { clock }),
      config: {
        accounts: [
          { id: APP, name: 'app', users: [{ name: 'operator', policies: { all: ALL } }] },
          { id: DATA, name: 'data-owner', users: [{ name: 'keeper', policies: { all: ALL } }] },
          { id: OTHER, name: 'other' },
        ],
        ...config,
      },
    });
    const stage = new GrantStage(aws);
    await stage.makeService('report-service');
    await stage.makeBucket();
    return stage;
  }

  async makeService(name: string): Promise<void> {
    await this.iam(APP).send(
      new CreateRoleCommand({
        RoleName: name,
        AssumeRolePolicyDocument: policy({
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${APP}:user/operator` },
          Action: 'sts:AssumeRole',
        }),
      }),
    );
    await this.iam(APP).send(
      new PutRolePolicyCommand({
        RoleName: name,
        PolicyName: 'own',
        PolicyDocument: policy({ Effect: 'Allow', Action: 'sqs:*', Resource: '*' }),
      }),
    );
  }

  async makeBucket(name = BUCKET): Promise<void> {
    const s3 = this.s3(DATA);
    await s3.send(new CreateBucketCommand({ Bucket: name }));
    for (const Key of ['reports/q1.csv', 'reports/q2.csv', 'secret/plan.txt'])
      await s3.send(new PutObjectCommand({ Bucket: name, Key, Body: Key }));
    await this.resetBucketPolicy(name);
  }

  /** Somebody else's statement alone. */
  async resetBucketPolicy(name = BUCKET): Promise<void> {
    const statement = { ...FOREIGN, Resource: `arn:aws:s3:::${name}/partners/*` };
    await this.s3(DATA).send(new PutBucketPolicyCommand({ Bucket: name, Policy: policy(statement) }));
  }

  /** A customer managed key for the bucket; `delegated` leaves the decision to policies of its account. */
  async encrypt({
    delegated = true,
    account = DATA,
  }: { delegated?: boolean; account?: string } = {}): Promise<string> {
    const administrators = {
      Sid: 'Administrators',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action: delegated ? 'kms:*' : ['kms:Describe*', 'kms:Get*', 'kms:List*', 'kms:Put*'],
      Resource: '*',
    };
    const keeper = {
      Sid: 'Keeper',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${DATA}:user/keeper` },
      Action: 'kms:*',
      Resource: '*',
    };
    const { KeyMetadata } = await this.kms(account).send(
      new CreateKeyCommand({ Policy: policy(administrators, keeper) }),
    );
    const key = KeyMetadata!.Arn!;
    await this.s3(DATA).send(
      new PutBucketEncryptionCommand({
        Bucket: BUCKET,
        ServerSideEncryptionConfiguration: {
          Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key } }],
        },
      }),
    );
    await this.putSealed('reports/q1.csv');
    return key;
  }

  /** As somebody who may use the key. */
  async putSealed(Key: string): Promise<void> {
    const keeper = this.s3As(this.aws.account(DATA).users['keeper']!);
    await keeper.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: Key }));
  }

  /** Writes crossbucket.yaml: the two accounts, and these grants. */
  configure(grants: object[], accounts: Record<string, object> = {}): string {
    const file = join(this.folder, 'crossbucket.yaml');
    const spec = {
      accounts: {
        app: { id: APP, profile: 'app-operator' },
        data: { id: DATA, profile: 'data-owner' },
        ...accounts,
      },
      grants,
    };
    writeFileSync(file, JSON.stringify(spec, null, 2));
    return file;
  }

  /** `crossbucket ...` with the configuration and the sandbox's profiles. */
  async crossbucket(...argv: string[]): Promise<Ran> {
    const written = { out: '', err: '' };
    const sink = (name: 'out' | 'err') =>
      new Writable({
        write(chunk: Buffer, _, done) {
          written[name] += chunk.toString();
          done();
        },
      });
    const style = { bold: String, dim: String, green: String, red: String };
    const exit = await run(argv, { out: sink('out'), err: sink('err'), style });
    return { exit, ...written };
  }

  /** `crossbucket grant ...` */
  grant(command: string, ...argv: string[]): Promise<Ran> {
    const settling = command === 'apply' || command === 'revoke' ? ['--yes', '--settle', '0.05'] : [];
    return this.crossbucket(
      'grant',
      command,
      '--config',
      join(this.folder, 'crossbucket.yaml'),
      ...settling,
      ...argv,
    );
  }

  /** Everything that both accounts have, byte by byte, but for what the sandbox itself counts. */
  async accounts(keys: string[] = []): Promise<string> {
    const iam = await Promise.all(
      [APP, DATA].map((account) =>
        this.iam(account).send(new GetAccountAuthorizationDetailsCommand({ MaxItems: 1000 })),
      ),
    );
    const policies = await Promise.all(
      keys.map((key) => this.kms(DATA).send(new GetKeyPolicyCommand({ KeyId: key, PolicyName: 'default' }))),
    );
    return JSON.stringify(
      [
        iam.map(({ RoleDetailList, UserDetailList, GroupDetailList }) => [
          RoleDetailList,
          UserDetailList,
          GroupDetailList,
        ]),
        policies.map(({ Policy }) => Policy),
        await this.bucketPolicy(),
      ],
      (key, value: unknown) => (key === 'RoleLastUsed' ? undefined : value),
      2,
    );
  }

  async bucketPolicy(bucket = BUCKET): Promise<string | undefined> {
    const { Policy } = await this.s3(DATA).send(new GetBucketPolicyCommand({ Bucket: bucket }));
    return Policy;
  }

  /** Credentials of a session of the service's role. */
  async service(name = 'report-service'): Promise<Keys> {
    return this.assume(this.aws.account(APP).users['operator']!, `arn:aws:iam::${APP}:role/${name}`);
  }

  async assume(keys: Keys, RoleArn: string, ExternalId?: string): Promise<Keys> {
    const { Credentials } = await new STSClient(this.as(keys)).send(
      new AssumeRoleCommand({
        RoleArn,
        RoleSessionName: 'test',
        ...(ExternalId !== undefined && { ExternalId }),
      }),
    );
    return {
      accessKeyId: Credentials!.AccessKeyId!,
      secretAccessKey: Credentials!.SecretAccessKey!,
      sessionToken: Credentials!.SessionToken!,
    };
  }

  as(credentials: Keys) {
    return { region: 'us-east-1', endpoint: this.aws.endpoint, credentials };
  }

  iam(account: string): IAMClient {
    return new IAMClient(this.as(this.aws.account(account).root));
  }

  kms(account: string): KMSClient {
    return new KMSClient(this.as(this.aws.account(account).root));
  }

  s3(account: string): S3Client {
    return this.s3As(this.aws.account(account).root);
  }

  s3As(keys: Keys): S3Client {
    return new S3Client({ ...this.as(keys), forcePathStyle: true });
  }

  async close(): Promise<void> {
    rmSync(this.folder, { recursive: true, force: true });
    await this.aws.close();
  }
}
