import {
  CreatePolicyCommand,
  CreateRoleCommand,
  IAMClient,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateKeyCommand, GetKeyPolicyCommand, KMSClient } from '@aws-sdk/client-kms';
import { ListPoliciesCommand, OrganizationsClient, type PolicyType } from '@aws-sdk/client-organizations';
import {
  CreateBucketCommand,
  HeadObjectCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateAccessPointCommand, PutAccessPointPolicyCommand } from '@aws-sdk/client-s3-control';
import type { PolicyDocument } from '@crossbucket/policy';
import { startSandbox, SandboxClock, type Sandbox } from '@crossbucket/sandbox';
import {
  connect,
  AccountReader,
  readWorld,
  type AccountConnection,
} from '../../packages/crossbucket/src/accounts/index.ts';
import { controlClient } from '../interop/control-client.ts';
import type { Identity } from '../interop/clients.ts';
import {
  APP,
  BUCKET,
  CONTROLS,
  DATA,
  ENDPOINTS,
  HOP,
  KEY,
  MANAGED_KEY,
  MANAGEMENT,
  ON_PAPER,
  OUTSIDE,
  POINT,
  READER,
  RCPS,
  SCPS,
  SERVICE,
  boundaryArn,
  workingSetup,
  type Names,
  type Setup,
} from './setup.ts';

/** The setup that works, in a sandbox. */
export interface Stage {
  aws: Sandbox;
  clock: SandboxClock;
  names: Names;
  together: boolean;
  /** The caller's access key. */
  key: Identity;
  /** Alias of the access point, which needs no host of its own. */
  alias: string;
  connections: AccountConnection[];
  clients(account: string): OwnerClients;
}

export interface OwnerClients {
  s3: S3Client;
  iam: IAMClient;
  kms: KMSClient;
  organizations: OrganizationsClient;
}

const json = (value: unknown) => JSON.stringify(value);

/** @param together Whether the accounts are of one organization. */
export async function setStage(together = true): Promise<Stage> {
  const clock = new SandboxClock();
  const aws = await startSandbox({
    clock,
    config: {
      accounts: [
        { id: MANAGEMENT, name: 'management' },
        { id: APP, name: 'app', users: [{ name: 'service' }, { name: 'other' }] },
        { id: DATA, name: 'data', disabledRegions: ['ap-east-1'], users: [{ name: 'clerk' }] },
        { id: OUTSIDE, name: 'outside', users: [{ name: 'writer', policies: { all: allowAll } }] },
      ],
      endpoints: Object.entries(ENDPOINTS).map(([id, policy]) => ({
        id,
        vpc: 'vpc-1',
        policy: policy as never,
      })),
      organization: {
        management: MANAGEMENT,
        root: {
          accounts: together ? [] : [],
          units: [
            {
              name: 'apps',
              accounts: together ? [APP] : [],
              serviceControl: { 'app-guard': CONTROLS['app-guard'] as never },
            },
            {
              name: 'data',
              accounts: [DATA],
              serviceControl: { 'data-guard': CONTROLS['data-guard'] as never },
              resourceControl: { 'data-perimeter': CONTROLS['data-perimeter'] as never },
            },
          ],
        },
      },
    },
  });
  const made = new Map<string, OwnerClients>();
  const clients = (account: string): OwnerClients => {
    const known = made.get(account) ?? ownerClients(aws, account);
    made.set(account, known);
    return known;
  };
  const data = clients(DATA);
  await makePrincipals(clients);
  const names = await nameThings(clients);
  const setup = workingSetup('bucket-policy', { names, together });
  const alias = await makeBucket(aws, data.s3, names, setup);
  names.managed = await makeManagedKey(data);
  const connections = await Promise.all(
    [APP, DATA, MANAGEMENT].map((id) =>
      connect({ id, credentials: aws.account(id).root, endpoint: aws.endpoint }),
    ),
  );
  return {
    aws,
    clock,
    names,
    together,
    alias,
    clients,
    connections,
    key: aws.account(APP).users['service']!,
  };
}

const allowAll = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };

function ownerClients(aws: Sandbox, account: string): OwnerClients {
  const config = {
    region: 'us-east-1',
    endpoint: aws.endpoint,
    credentials: aws.account(account).root,
    maxAttempts: 1,
  };
  return {
    s3: new S3Client({ ...config, forcePathStyle: true }),
    iam: new IAMClient(config),
    kms: new KMSClient(config),
    organizations: new OrganizationsClient(config),
  };
}

async function makePrincipals(clients: Stage['clients']): Promise<void> {
  const { world } = workingSetup('bucket-policy');
  const boundaries = [
    [APP, 'service-boundary', world.accounts[APP]!.principals[SERVICE]!.boundary!.document],
    [DATA, 'reader-boundary', world.accounts[DATA]!.principals[READER]!.boundary!.document],
  ] as const;
  for (const [account, PolicyName, document] of boundaries)
    await clients(account).iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument: json(document) }));
  await clients(APP).iam.send(
    new PutUserPermissionsBoundaryCommand({
      UserName: 'service',
      PermissionsBoundary: boundaryArn(APP, 'service-boundary'),
    }),
  );
  for (const [account, arn, Path] of [
    [APP, HOP, '/'],
    [DATA, READER, '/readers/'],
  ] as const) {
    const { trust } = world.accounts[account]!.principals[arn]!;
    await clients(account).iam.send(
      new CreateRoleCommand({
        RoleName: arn.split('/').at(-1)!,
        Path,
        AssumeRolePolicyDocument: json(trust!.document),
      }),
    );
  }
  await clients(DATA).iam.send(
    new PutRolePermissionsBoundaryCommand({
      RoleName: 'reports-reader',
      PermissionsBoundary: boundaryArn(DATA, 'reader-boundary'),
    }),
  );
}

/** What only the sandbox knows: ids and ARNs that it made up. */
async function nameThings(clients: Stage['clients']): Promise<Names> {
  const paper = workingSetup('bucket-policy').world.accounts[DATA]!.keys[ON_PAPER.key]!;
  const made = await clients(DATA).kms.send(new CreateKeyCommand({ Policy: json(paper.policy.document) }));
  const controls: Record<string, string> = {};
  for (const [Filter, wanted] of [
    ['SERVICE_CONTROL_POLICY', SCPS],
    ['RESOURCE_CONTROL_POLICY', RCPS],
  ] as const) {
    const { Policies = [] } = await clients(MANAGEMENT).organizations.send(
      new ListPoliciesCommand({ Filter: Filter as PolicyType }),
    );
    for (const { Name, Arn } of Policies)
      if ((wanted as readonly string[]).includes(Name!)) controls[Name!] = Arn!;
  }
  const now = new Date().toISOString();
  const names = { ...ON_PAPER, now, key: made.KeyMetadata!.Arn!, controls };
  const { world } = workingSetup('bucket-policy', { names });
  await clients(APP).iam.send(
    new PutUserPolicyCommand({
      UserName: 'service',
      PolicyName: 'access',
      PolicyDocument: json(world.accounts[APP]!.principals[SERVICE]!.policies[0]!.document),
    }),
  );
  for (const [account, arn] of [
    [APP, HOP],
    [DATA, READER],
  ] as const)
    await clients(account).iam.send(
      new PutRolePolicyCommand({
        RoleName: arn.split('/').at(-1)!,
        PolicyName: 'access',
        PolicyDocument: json(world.accounts[account]!.principals[arn]!.policies[0]!.document),
      }),
    );
  return names;
}

async function makeBucket(aws: Sandbox, s3: S3Client, { key }: Names, { world }: Setup): Promise<string> {
  const bucket = world.accounts[DATA]!.buckets[BUCKET]!;
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET, ObjectLockEnabledForBucket: true }));
  await s3.send(
    new PutPublicAccessBlockCommand({
      Bucket: BUCKET,
      PublicAccessBlockConfiguration: bucket.publicAccessBlock!,
    }),
  );
  await s3.send(
    new PutBucketEncryptionCommand({ Bucket: BUCKET, ServerSideEncryptionConfiguration: kmsRule(key) }),
  );
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: KEY, Body: 'quarter,total\n1,42\n' }));
  await s3.send(new PutBucketPolicyCommand({ Bucket: BUCKET, Policy: json(bucket.policy!.document) }));
  const control = controlClient(aws, aws.account(DATA).root);
  const at = { AccountId: DATA, Name: 'reports-ap' };
  const { Alias } = await control.send(new CreateAccessPointCommand({ ...at, Bucket: BUCKET }));
  const { policy } = world.accounts[DATA]!.accessPoints![POINT]!;
  await control.send(new PutAccessPointPolicyCommand({ ...at, Policy: json(policy!.document) }));
  return Alias!;
}

/** AWS makes the key that it manages when it is first used. */
async function makeManagedKey({ s3, kms }: OwnerClients): Promise<Names['managed']> {
  const at = { Bucket: BUCKET, Key: MANAGED_KEY };
  await s3.send(new PutObjectCommand({ ...at, Body: 'managed', ServerSideEncryption: 'aws:kms' }));
  const { SSEKMSKeyId } = await s3.send(new HeadObjectCommand(at));
  const { Policy } = await kms.send(new GetKeyPolicyCommand({ KeyId: SSEKMSKeyId }));
  return { arn: SSEKMSKeyId!, policy: JSON.parse(Policy!) as PolicyDocument };
}

export const kmsRule = (key: string) => ({
  Rules: [
    {
      ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' as const, KMSMasterKeyID: key },
      BucketKeyEnabled: true,
    },
  ],
});

/** Everything as it is now, as `accounts/` reads it. */
export async function readStage({ connections }: Stage) {
  const readers = connections.map((connection) => new AccountReader(connection));
  await Promise.all(readers.map((reader) => reader.everything()));
  return readWorld(readers);
}
