import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeletePolicyVersionCommand,
  DeleteRolePolicyCommand,
  DeleteUserPolicyCommand,
  ListPolicyVersionsCommand,
  ListRolePoliciesCommand,
  ListUserPoliciesCommand,
  PutGroupPolicyCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CloudTrailClient,
  CreateTrailCommand,
  DeleteTrailCommand,
  StartLoggingCommand,
  StopLoggingCommand,
} from '@aws-sdk/client-cloudtrail';
import { CreateKeyCommand, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  GetBucketPolicyCommand,
  PutBucketAclCommand,
  PutBucketEncryptionCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
} from '@aws-sdk/client-s3';
import { CreateAccessPointCommand, PutAccessPointPolicyCommand } from '@aws-sdk/client-s3-control';
import { SandboxClock } from '@crossbucket/sandbox';
import { vi } from 'vitest';
import { controlClient } from '../../interop/control-client.ts';
import { APP, BUCKET, DATA, FOREIGN, GrantStage, policy, type Ran } from '../stage.ts';

export interface Statement {
  Effect: string;
  Action: string[];
  Resource: string | string[];
}

/** What `permissions COMMAND --json` prints. */
export interface Printed {
  in: 'source' | 'destination' | 'organization' | 'trail';
  account?: string;
  policy: { Version: string; Statement: Statement[] };
}

/** Who the policies are for: somebody with a profile in each account, or whoever uses a grant by one of its routes. */
export type Whose = 'accounts' | 'role' | 'bucket-policy';

export const LEAST = `arn:aws:iam::${APP}:user/least`;
const USE = `arn:aws:iam::${DATA}:role/use`;
export const SERVICE = `arn:aws:iam::${APP}:role/report-service`;
export const OPERATOR = `arn:aws:iam::${APP}:user/operator`;
export const READER = `arn:aws:iam::${DATA}:role/reports-reader`;
export const POINT = `arn:aws:s3:us-east-1:${DATA}:accesspoint/reports-ap`;
export const LOGS = 'acme-trail';
const SCRATCH = 'acme-scratch';
const OF_AWS = 'arn:aws:iam::aws:policy/IAMReadOnlyAccess';
const EVERYTHING = { Effect: 'Allow', Action: ['*'], Resource: '*' };
const OLD_ALIAS = {
  Effect: 'Deny',
  Principal: '*',
  Action: 'kms:Decrypt',
  Resource: '*',
  Condition: { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/old' } },
};
const NOTHING = policy({ Effect: 'Deny', Action: 'a4b:*', Resource: '*' });

/**
 * Two accounts of an organization that the second one manages, with documents of every kind that commands read; and
 * somebody in each who may do what `permissions COMMAND` prints, and nothing else.
 */
export class PermissionStage {
  readonly accounts: GrantStage;
  /** Of the bucket's key. */
  readonly key: string;
  /** Whether the grants that most cases begin with are there. */
  isApplied = false;
  readonly #arns = new Map<string, string>();

  private constructor(accounts: GrantStage, key: string) {
    this.accounts = accounts;
    this.key = key;
  }

  static async set(): Promise<PermissionStage> {
    const guard = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: 'a4b:*', Resource: '*' }] };
    const clock = new SandboxClock();
    const units = [{ name: 'apps', accounts: [APP], serviceControl: { guard: guard as never } }];
    const accounts = await GrantStage.set({ organization: { management: DATA, root: { units } } }, clock);
    const key = await accounts.encrypt();
    const stage = new PermissionStage(accounts, key);
    await Promise.all([stage.#makeSource(), stage.#makeDestination(), stage.#makeUsers()]);
    await stage.reset();
    await stage.#makeTrail(clock);
    return stage;
  }

  async #makeSource(): Promise<void> {
    const iam = this.accounts.iam(APP);
    const common = await this.#makePolicy(APP, 'common', EVERYTHING);
    await iam.send(new AttachRolePolicyCommand({ RoleName: 'report-service', PolicyArn: common }));
    await iam.send(
      new AttachRolePolicyCommand({
        RoleName: 'report-service',
        PolicyArn: OF_AWS,
      }),
    );
    await iam.send(
      new PutRolePermissionsBoundaryCommand({ RoleName: 'report-service', PermissionsBoundary: common }),
    );
    await iam.send(new CreateGroupCommand({ GroupName: 'staff' }));
    await iam.send(new AddUserToGroupCommand({ GroupName: 'staff', UserName: 'operator' }));
    await iam.send(
      new PutGroupPolicyCommand({
        GroupName: 'staff',
        PolicyName: 'own',
        PolicyDocument: policy(EVERYTHING),
      }),
    );
    await iam.send(new AttachGroupPolicyCommand({ GroupName: 'staff', PolicyArn: common }));
    await iam.send(new AttachUserPolicyCommand({ UserName: 'operator', PolicyArn: common }));
    await iam.send(new AttachUserPolicyCommand({ UserName: 'operator', PolicyArn: OF_AWS }));
    await this.#makeScratch();
  }

  /** A bucket of the source's own, with all that a bucket may have. */
  async #makeScratch(): Promise<void> {
    const s3 = this.accounts.s3(APP);
    const { KeyMetadata } = await this.accounts.kms(APP).send(new CreateKeyCommand({}));
    await s3.send(new CreateBucketCommand({ Bucket: SCRATCH, ObjectOwnership: 'ObjectWriter' }));
    const ApplyServerSideEncryptionByDefault = {
      SSEAlgorithm: 'aws:kms' as const,
      KMSMasterKeyID: KeyMetadata!.Arn!,
    };
    const ServerSideEncryptionConfiguration = { Rules: [{ ApplyServerSideEncryptionByDefault }] };
    await s3.send(new PutBucketEncryptionCommand({ Bucket: SCRATCH, ServerSideEncryptionConfiguration }));
    await this.#makePoint(APP, SCRATCH, 'scratch-ap');
  }

  async #makePoint(account: string, Bucket: string, Name: string): Promise<void> {
    const control = controlClient(this.accounts.aws, this.accounts.aws.account(account).root);
    const point = { AccountId: account, Name };
    await control.send(new CreateAccessPointCommand({ ...point, Bucket }));
    const Resource = `arn:aws:s3:us-east-1:${account}:accesspoint/${Name}/object/*`;
    const readers = { Effect: 'Allow', Principal: { AWS: OPERATOR }, Action: 's3:GetObject', Resource };
    await control.send(new PutAccessPointPolicyCommand({ ...point, Policy: policy(readers) }));
  }

  async #makeDestination(): Promise<void> {
    const iam = this.accounts.iam(DATA);
    const s3 = this.accounts.s3(DATA);
    const common = await this.#makePolicy(DATA, 'common', EVERYTHING);
    const trust = { Effect: 'Allow', Principal: { AWS: [OPERATOR, LEAST] }, Action: 'sts:AssumeRole' };
    for (const RoleName of ['reports-reader', 'use'])
      await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: policy(trust) }));
    const others = { ...trust, Principal: { AWS: `arn:aws:iam::${DATA}:user/keeper` } };
    await iam.send(new CreateRoleCommand({ RoleName: 'shared', AssumeRolePolicyDocument: policy(others) }));
    const role = { RoleName: 'reports-reader' };
    // Tags of objects count where a policy speaks of them, and so do aliases of keys.
    const Condition = { StringEquals: { 's3:ExistingObjectTag/secret': 'yes' } };
    const secret = { Effect: 'Deny', Action: 's3:GetObject', Resource: '*', Condition };
    await iam.send(
      new PutRolePolicyCommand({ ...role, PolicyName: 'own', PolicyDocument: policy(EVERYTHING, secret) }),
    );
    await iam.send(new AttachRolePolicyCommand({ ...role, PolicyArn: common }));
    for (const RoleName of ['reports-reader', 'shared'])
      await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: OF_AWS }));
    await iam.send(new PutRolePermissionsBoundaryCommand({ ...role, PermissionsBoundary: common }));
    const Rules = [{ ObjectOwnership: 'BucketOwnerPreferred' as const }];
    await s3.send(new PutBucketOwnershipControlsCommand({ Bucket: BUCKET, OwnershipControls: { Rules } }));
    await s3.send(new PutBucketAclCommand({ Bucket: BUCKET, ACL: 'private' }));
    await s3.send(
      new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration: { Status: 'Enabled' } }),
    );
    await this.#makePoint(DATA, BUCKET, 'reports-ap');
  }

  /** One hour of a trail, with its digests. */
  async #makeTrail(clock: SandboxClock): Promise<void> {
    const { aws } = this.accounts;
    const s3 = this.accounts.s3(DATA);
    await s3.send(new CreateBucketCommand({ Bucket: LOGS }));
    const service = {
      Effect: 'Allow',
      Principal: { Service: 'cloudtrail.amazonaws.com' },
      Action: ['s3:GetBucketAcl', 's3:PutObject'],
      Resource: [`arn:aws:s3:::${LOGS}`, `arn:aws:s3:::${LOGS}/*`],
    };
    await s3.send(new PutBucketPolicyCommand({ Bucket: LOGS, Policy: policy(service) }));
    const trails = new CloudTrailClient(this.accounts.as(aws.account(DATA).root));
    const trail = { Name: 'all', S3BucketName: LOGS, EnableLogFileValidation: true };
    await trails.send(new CreateTrailCommand(trail));
    await trails.send(new StartLoggingCommand({ Name: 'all' }));
    const clerk = await this.accounts.assume(aws.account(APP).users['operator']!, USE);
    // Denied, since nothing lets it.
    const denied = this.accounts.s3As(clerk).send(new GetBucketPolicyCommand({ Bucket: BUCKET }));
    await denied.catch(() => {});
    clock.advance(3_600_000);
    await aws.deliverTrails();
    await trails.send(new StopLoggingCommand({ Name: 'all' }));
  }

  async dropTrail(Name: string, Bucket: string): Promise<void> {
    const trails = new CloudTrailClient(this.accounts.as(this.accounts.aws.account(DATA).root));
    await trails.send(new DeleteTrailCommand({ Name })).catch(() => {});
    const s3 = this.accounts.s3(DATA);
    const listed = await s3.send(new ListObjectsV2Command({ Bucket })).catch(() => undefined);
    for (const { Key } of listed?.Contents ?? []) await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    await s3.send(new DeleteBucketCommand({ Bucket })).catch(() => {});
  }

  async #makePolicy(account: string, PolicyName: string, ...statements: object[]): Promise<string> {
    const PolicyDocument = policy(...statements);
    const { Policy } = await this.accounts
      .iam(account)
      .send(new CreatePolicyCommand({ PolicyName, PolicyDocument }));
    return Policy!.Arn!;
  }

  /** The user `least` of each account, with a profile `app-least` and `data-least`. */
  async #makeUsers(): Promise<void> {
    const { aws, folder } = this.accounts;
    const profiles = [readFileSync(aws.profiles, 'utf8')];
    for (const [account, profile] of [
      [APP, 'app-least'],
      [DATA, 'data-least'],
    ] as const) {
      const iam = this.accounts.iam(account);
      await iam.send(new CreateUserCommand({ UserName: 'least' }));
      const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'least' }));
      const arn = await this.#makePolicy(account, 'least', JSON.parse(NOTHING).Statement[0] as object);
      this.#arns.set(account, arn);
      await iam.send(new AttachUserPolicyCommand({ UserName: 'least', PolicyArn: arn }));
      profiles.push(
        `[profile ${profile}]`,
        'region = us-east-1',
        `endpoint_url = ${aws.endpoint}`,
        `aws_access_key_id = ${AccessKey!.AccessKeyId!}`,
        `aws_secret_access_key = ${AccessKey!.SecretAccessKey!}`,
      );
    }
    // Who verifies has to be somebody whom the grant is for: here, whoever may become that role.
    const trust = { Effect: 'Allow', Principal: { AWS: APP }, Action: 'sts:AssumeRole' };
    await this.accounts
      .iam(APP)
      .send(new UpdateAssumeRolePolicyCommand({ RoleName: 'report-service', PolicyDocument: policy(trust) }));
    const file = join(folder, 'config');
    writeFileSync(file, profiles.join('\n'), { mode: 0o600 });
    vi.stubEnv('AWS_CONFIG_FILE', file);
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'none'));
    vi.spyOn(process, 'cwd').mockReturnValue(folder);
  }

  /** Writes crossbucket.yaml with these grants, for the profiles of `least`. */
  configure(grants: object[]): void {
    this.configureAs('crossbucket.yaml', grants);
  }

  /** The same as a file of another name; gives its path. */
  configureAs(name: string, grants: object[]): string {
    const accounts = { app: { id: APP, profile: 'app-least' }, data: { id: DATA, profile: 'data-least' } };
    const file = join(this.accounts.folder, name);
    writeFileSync(file, JSON.stringify({ accounts, grants }));
    return file;
  }

  get config(): string {
    return join(this.accounts.folder, 'crossbucket.yaml');
  }

  crossbucket(...argv: string[]): Promise<Ran> {
    return this.accounts.crossbucket(...argv);
  }

  /** What `crossbucket permissions` says of a command. */
  async printed(command: string): Promise<Printed[]> {
    const { exit, out, err } = await this.crossbucket(
      'permissions',
      command,
      '--config',
      this.config,
      '--json',
    );
    if (exit !== 0) throw new Error(err);
    return JSON.parse(out) as Printed[];
  }

  /** Gives exactly this, to whom it is for; `everything` is what nobody should need. */
  async allow(policies: readonly Printed[] | 'everything', whose: Whose): Promise<void> {
    const of = (...parts: Printed['in'][]): Statement[] =>
      policies === 'everything'
        ? [EVERYTHING]
        : policies.filter((one) => parts.includes(one.in)).flatMap((one) => one.policy.Statement);
    await this.#give(APP, of('source'));
    if (whose === 'accounts') return this.#give(DATA, of('destination', 'organization', 'trail'));
    if (whose === 'role') {
      const use = { RoleName: 'use', PolicyName: 'use' };
      await this.accounts
        .iam(DATA)
        .send(new PutRolePolicyCommand({ ...use, PolicyDocument: orNothing(of('destination')) }));
      return;
    }
    await this.#givePolicies(policies === 'everything' ? undefined : of('destination'));
  }

  async #give(account: string, statements: Statement[]): Promise<void> {
    const iam = this.accounts.iam(account);
    const PolicyArn = this.#arns.get(account)!;
    const { Versions = [] } = await iam.send(new ListPolicyVersionsCommand({ PolicyArn }));
    for (const { VersionId, IsDefaultVersion } of Versions)
      if (!IsDefaultVersion) await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId }));
    const PolicyDocument = orNothing(statements);
    await iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument, SetAsDefault: true }));
  }

  /** As statements of the bucket's policy and of its key's. */
  async #givePolicies(statements: Statement[] | undefined): Promise<void> {
    const Principal = { AWS: LEAST };
    const isKey = ({ Action }: Statement) => Action.some((action) => action.startsWith('kms:'));
    const bucket = statements?.filter((one) => !isKey(one)) ?? [
      { Effect: 'Allow', Action: 's3:*', Resource: [`arn:aws:s3:::${BUCKET}`, `arn:aws:s3:::${BUCKET}/*`] },
    ];
    const key = statements?.filter(isKey) ?? [{ Effect: 'Allow', Action: 'kms:*', Resource: '*' }];
    const Policy = policy(FOREIGN, ...bucket.map((one) => ({ ...one, Principal })));
    await this.accounts.s3(DATA).send(new PutBucketPolicyCommand({ Bucket: BUCKET, Policy }));
    await this.#setKeyPolicy(...key.map((one) => ({ ...one, Principal, Resource: '*' })));
  }

  async #setKeyPolicy(...more: object[]): Promise<void> {
    const AWS = [`arn:aws:iam::${DATA}:root`];
    const own = { Effect: 'Allow', Principal: { AWS }, Action: 'kms:*', Resource: '*' };
    await this.accounts.kms(DATA).send(
      new PutKeyPolicyCommand({
        KeyId: this.key,
        PolicyName: 'default',
        Policy: policy(own, OLD_ALIAS, ...more),
      }),
    );
  }

  /** A user and two roles that nothing is allowed to, and whom the last one lets in by a statement that fits nobody. */
  async makeWeak(): Promise<void> {
    const [source, destination] = [this.accounts.iam(APP), this.accounts.iam(DATA)];
    await source.send(new CreateUserCommand({ UserName: 'weak' })).catch(() => {});
    const trust = (AWS: string) => policy({ Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole' });
    for (const [iam, RoleName, who] of [
      [source, 'weak', APP],
      [destination, 'weak', `arn:aws:iam::${DATA}:user/keeper`],
    ] as const) {
      const AssumeRolePolicyDocument = trust(who);
      await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument })).catch(() => {});
      await iam.send(
        new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: AssumeRolePolicyDocument }),
      );
      const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
      for (const PolicyName of PolicyNames)
        await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
    }
    const { PolicyNames = [] } = await source.send(new ListUserPoliciesCommand({ UserName: 'weak' }));
    for (const PolicyName of PolicyNames)
      await source.send(new DeleteUserPolicyCommand({ UserName: 'weak', PolicyName }));
  }

  /** Without a statement of anybody else, the bucket policy goes with the last grant's; and nobody's sessions have ended. */
  async forget(): Promise<void> {
    const revoking = { RoleName: 'shared', PolicyName: 'AWSRevokeOlderSessions' };
    await this.accounts
      .iam(DATA)
      .send(new DeleteRolePolicyCommand(revoking))
      .catch(() => {});
    await this.accounts.s3(DATA).send(new DeleteBucketPolicyCommand({ Bucket: BUCKET }));
  }

  /** Bucket and key policies as they were at first. */
  async reset(): Promise<void> {
    await this.accounts.resetBucketPolicy();
    await this.#setKeyPolicy();
  }

  async close(): Promise<void> {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    await this.accounts.close();
  }
}

const orNothing = (statements: Statement[]): string =>
  statements.length === 0 ? NOTHING : policy(...statements);
