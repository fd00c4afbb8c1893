import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { CreateRoleCommand, DeleteRoleCommand } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketPolicyCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { openBucket } from '@crossbucket/access';
import { connect, type AccountConnection } from '../../packages/crossbucket/src/accounts/index.ts';
import { run } from '../../packages/crossbucket/src/cli/main.ts';

export interface Profiles {
  /** May manage roles, and assume those that trust its account. Not the account root, which can assume none. */
  source: string;
  /** May manage buckets and roles. */
  destination: string;
}

export interface Ran {
  exit: number;
  out: string;
  err: string;
}

/** Two accounts, on AWS or the sandbox, with a bucket and a service of names that nobody else has; all of it goes at the end. */
export class TwoAccounts {
  readonly source: AccountConnection;
  readonly destination: AccountConnection;
  readonly bucket: string;
  readonly service: string;
  readonly folder = mkdtempSync(join(tmpdir(), 'crossbucket-aws-'));
  readonly #profiles: Profiles;

  private constructor(source: AccountConnection, destination: AccountConnection, profiles: Profiles) {
    const id = randomBytes(5).toString('hex');
    this.source = source;
    this.destination = destination;
    this.#profiles = profiles;
    this.bucket = `crossbucket-test-${id}`;
    this.service = `crossbucket-test-${id}`;
  }

  static async open(profiles: Profiles): Promise<TwoAccounts> {
    const source = await connect({ profile: profiles.source });
    const destination = await connect({ profile: profiles.destination });
    if (source.id === destination.id) throw new Error(`both profiles are of account ${source.id}`);
    const accounts = new TwoAccounts(source, destination, profiles);
    await accounts.#make();
    return accounts;
  }

  async #make(): Promise<void> {
    const s3 = await this.#s3();
    const { region, id } = this.destination;
    await s3.send(
      new CreateBucketCommand({
        Bucket: this.bucket,
        ...(region !== 'us-east-1' && { CreateBucketConfiguration: { LocationConstraint: region as never } }),
      }),
    );
    for (const Key of ['reports/q1.csv', 'secret/plan.txt'])
      await s3.send(new PutObjectCommand({ Bucket: this.bucket, Key, Body: Key }));
    await s3.send(
      new PutBucketPolicyCommand({
        Bucket: this.bucket,
        Policy: policy({
          Sid: 'SomebodyElses',
          Effect: 'Allow',
          Principal: { AWS: `arn:${this.destination.partition}:iam::${id}:root` },
          Action: 's3:GetObject',
          Resource: `arn:${this.destination.partition}:s3:::${this.bucket}/partners/*`,
        }),
      }),
    );
    const iam = await this.source.clients.iam(this.source.region);
    await iam.send(
      new CreateRoleCommand({
        RoleName: this.service,
        AssumeRolePolicyDocument: policy({
          Effect: 'Allow',
          Principal: { AWS: `arn:${this.source.partition}:iam::${this.source.id}:root` },
          Action: 'sts:AssumeRole',
        }),
      }),
    );
  }

  /** Writes crossbucket.yaml with one grant. */
  configure(route: 'role' | 'bucket-policy'): string {
    const file = join(this.folder, 'crossbucket.yaml');
    const spec = {
      accounts: {
        app: { id: this.source.id, profile: this.#profiles.source },
        data: {
          id: this.destination.id,
          profile: this.#profiles.destination,
          region: this.destination.region,
        },
      },
      grants: [
        {
          name: this.service,
          bucket: `data/${this.bucket}`,
          to: 'app',
          principals: [`role/${this.service}`],
          access: { read: ['reports/*'], list: ['reports/*'] },
          route,
        },
      ],
    };
    writeFileSync(file, JSON.stringify(spec));
    return file;
  }

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

  grant(command: string, ...argv: string[]): Promise<Ran> {
    const yes = command === 'apply' || command === 'revoke' ? ['--yes'] : [];
    return this.crossbucket(
      'grant',
      command,
      '--config',
      join(this.folder, 'crossbucket.yaml'),
      ...yes,
      ...argv,
    );
  }

  /** The bucket as the service sees it, through the library. */
  async asService(roleArn: string | undefined, externalId: string | undefined) {
    const sts = await this.source.clients.sts(this.source.region);
    const { Credentials } = await sts.send(
      new AssumeRoleCommand({
        RoleArn: `arn:${this.source.partition}:iam::${this.source.id}:role/${this.service}`,
        RoleSessionName: 'test',
      }),
    );
    const credentials = {
      accessKeyId: Credentials!.AccessKeyId!,
      secretAccessKey: Credentials!.SecretAccessKey!,
      sessionToken: Credentials!.SessionToken!,
    };
    const { profile, region } = { profile: this.#profiles.destination, region: this.destination.region };
    if (roleArn === undefined) return openBucket({ bucket: this.bucket, profile, region, credentials });
    return openBucket({
      bucket: this.bucket,
      profile,
      region,
      role: { roleArn, externalId, credentials, profile: this.#profiles.source },
    });
  }

  async bucketPolicy(): Promise<string | undefined> {
    const s3 = await this.#s3();
    return (await s3.send(new GetBucketPolicyCommand({ Bucket: this.bucket }))).Policy;
  }

  #s3() {
    return this.destination.clients.s3(this.destination.region);
  }

  /** Revokes what may be left of a grant, and removes bucket and role; goes on past what fails, and then fails. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    const attempt = async (work: () => Promise<unknown>) => {
      await work().catch((error: unknown) => failures.push(error));
    };
    await attempt(async () => {
      const { exit, err } = await this.grant('revoke', '--all');
      if (exit !== 0) throw new Error(err);
    });
    await attempt(async () => {
      const s3 = await this.#s3();
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: this.bucket }));
      for (const { Key } of Contents)
        await s3.send(new DeleteObjectCommand({ Bucket: this.bucket, Key: Key! }));
      await s3.send(new DeleteBucketCommand({ Bucket: this.bucket }));
    });
    await attempt(async () => {
      const iam = await this.source.clients.iam(this.source.region);
      await iam.send(new DeleteRoleCommand({ RoleName: this.service }));
    });
    rmSync(this.folder, { recursive: true, force: true });
    if (failures.length > 0) throw new AggregateError(failures, `left behind: ${this.bucket}`);
  }
}

const policy = (statement: object): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
