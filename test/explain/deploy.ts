import {
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  DeletePolicyCommand,
  DetachRolePolicyCommand,
  DetachUserPolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeactivateMFADeviceCommand,
  DeleteAccessKeyCommand,
  DeletePolicyVersionCommand,
  DeleteRoleCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteRolePolicyCommand,
  DeleteUserCommand,
  DeleteUserPermissionsBoundaryCommand,
  DeleteUserPolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  GetUserPolicyCommand,
  ListUserPoliciesCommand,
  ListAccessKeysCommand,
  ListMFADevicesCommand,
  ListPolicyVersionsCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
  type IAMClient,
} from '@aws-sdk/client-iam';
import {
  CancelKeyDeletionCommand,
  CreateGrantCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  ListGrantsCommand,
  PutKeyPolicyCommand,
  RevokeGrantCommand,
  ScheduleKeyDeletionCommand,
  type GrantOperation,
} from '@aws-sdk/client-kms';
import {
  AttachPolicyCommand,
  DetachPolicyCommand,
  ListOrganizationalUnitsForParentCommand,
  ListRootsCommand,
  UpdatePolicyCommand,
} from '@aws-sdk/client-organizations';
import {
  DeleteBucketEncryptionCommand,
  DeleteBucketPolicyCommand,
  PutBucketEncryptionCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketRequestPaymentCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  PutPublicAccessBlockCommand,
  S3Client,
  type PublicAccessBlockConfiguration,
} from '@aws-sdk/client-s3';
import {
  DeleteAccessPointPolicyCommand,
  DeletePublicAccessBlockCommand,
  PutAccessPointPolicyCommand,
  PutPublicAccessBlockCommand as PutAccountBlockCommand,
} from '@aws-sdk/client-s3-control';
import type { KeySnapshot, NamedPolicy, PolicyDocument, World } from '@crossbucket/policy';
import { controlClient } from '../interop/control-client.ts';
import {
  APP,
  BUCKET,
  DATA,
  HOP,
  KEY,
  MANAGEMENT,
  OUTSIDE,
  POINT,
  SERVICE,
  workingSetup,
  type Setup,
} from './setup.ts';
import { kmsRule, type Stage } from './stage.ts';

type KeyState = KeySnapshot['state'];

const json = (value: unknown) => JSON.stringify(value);
const isSame = (one: unknown, other: unknown) => json(one) === json(other);
const nameOf = (arn: string) => arn.split('/').at(-1)!;

/** Makes of the sandbox what a setup says: one call for each thing that differs from what it is now. */
export async function deploy(stage: Stage, from: Setup, to: Setup): Promise<void> {
  const isMadeAgain = to.recreated.length > 0 && from.recreated.length === 0;
  // Documents take the id of the one who is gone by themselves.
  const world = isMadeAgain ? withLivePrincipals(to.world) : to.world;
  // What an SCP keeps even the owners from doing is done before it is there, and after it is gone.
  const open = workingSetup(to.kind, stage).world;
  await deployControls(stage, from.world, open);
  await deployPrincipals(stage, from.world, world);
  await deployKey(stage, from.world, world);
  await deployBucket(stage, from, { ...to, world });
  await deployPoint(stage, from.world, world);
  await deployControls(stage, open, world);
  if (isMadeAgain) await (to.recreated.includes(HOP) ? recreateRole(stage) : recreateUser(stage));
}

async function deployPrincipals({ clients }: Stage, from: World, to: World): Promise<void> {
  for (const account of [APP, DATA]) {
    const { iam } = clients(account);
    const [before, after] = [from.accounts[account]!.principals, to.accounts[account]!.principals];
    // What names a role that was gone has to name it again.
    const isBack = !(HOP in from.accounts[APP]!.principals) && HOP in to.accounts[APP]!.principals;
    for (const arn of Object.keys({ ...before, ...after })) {
      const [old, now] = [before[arn], after[arn]];
      if (now === undefined) {
        await deleteRole(iam, nameOf(arn));
        continue;
      }
      if (old === undefined) await createRole(iam, arn, now.trust!.document, now.boundary?.arn);
      else if (now.trust && (isBack || !isSame(old.trust!.document, now.trust.document)))
        await iam.send(
          new UpdateAssumeRolePolicyCommand({
            RoleName: nameOf(arn),
            PolicyDocument: json(now.trust.document),
          }),
        );
      if (
        now.maxSessionDuration !== undefined &&
        old !== undefined &&
        old.maxSessionDuration !== now.maxSessionDuration
      )
        await iam.send(
          new UpdateRoleCommand({ RoleName: nameOf(arn), MaxSessionDuration: now.maxSessionDuration }),
        );
      await deployInline(iam, now.kind, nameOf(arn), old?.policies ?? [], now.policies);
      if (old?.boundary && now.boundary && !isSame(old.boundary.document, now.boundary.document))
        await putManaged(iam, now.boundary.arn!, now.boundary.document);
    }
  }
}

/** Everything as it was when the user was there. */
const withLivePrincipals = <T>(value: T): T =>
  JSON.parse(
    json(value)
      .replaceAll(/AIDASERVICE0*/g, SERVICE)
      .replaceAll(/AROAHOP0*/g, HOP),
  ) as T;

async function deployInline(
  iam: IAMClient,
  kind: 'user' | 'role',
  name: string,
  before: readonly NamedPolicy[],
  after: readonly NamedPolicy[],
): Promise<void> {
  for (const { name: PolicyName, arn } of before) {
    if (after.some((policy) => policy.name === PolicyName)) continue;
    if (arn !== undefined) {
      await detach(iam, kind, name, arn);
      continue;
    }
    await (kind === 'user'
      ? iam.send(new DeleteUserPolicyCommand({ UserName: name, PolicyName }))
      : iam.send(new DeleteRolePolicyCommand({ RoleName: name, PolicyName })));
  }
  for (const { name: PolicyName, document, arn } of after) {
    if (arn !== undefined) {
      const old = before.find((policy) => policy.arn === arn);
      if (old === undefined) await attach(iam, kind, name, arn, document);
      else if (!isSame(old.document, document)) await putManaged(iam, arn, document);
      continue;
    }
    if (isSame(before.find((policy) => policy.name === PolicyName)?.document, document)) continue;
    const PolicyDocument = json(document);
    await (kind === 'user'
      ? iam.send(new PutUserPolicyCommand({ UserName: name, PolicyName, PolicyDocument }))
      : iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName, PolicyDocument })));
  }
}

async function attach(
  iam: IAMClient,
  kind: 'user' | 'role',
  name: string,
  PolicyArn: string,
  document: PolicyDocument,
) {
  await iam.send(new CreatePolicyCommand({ PolicyName: nameOf(PolicyArn), PolicyDocument: json(document) }));
  await (kind === 'user'
    ? iam.send(new AttachUserPolicyCommand({ UserName: name, PolicyArn }))
    : iam.send(new AttachRolePolicyCommand({ RoleName: name, PolicyArn })));
}

async function dropOldVersions(iam: IAMClient, PolicyArn: string): Promise<void> {
  const { Versions = [] } = await iam.send(new ListPolicyVersionsCommand({ PolicyArn }));
  for (const { VersionId, IsDefaultVersion } of Versions)
    if (IsDefaultVersion !== true) await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId }));
}

async function detach(iam: IAMClient, kind: 'user' | 'role', name: string, PolicyArn: string): Promise<void> {
  await (kind === 'user'
    ? iam.send(new DetachUserPolicyCommand({ UserName: name, PolicyArn }))
    : iam.send(new DetachRolePolicyCommand({ RoleName: name, PolicyArn })));
  await dropOldVersions(iam, PolicyArn);
  await iam.send(new DeletePolicyCommand({ PolicyArn }));
}

async function putManaged(iam: IAMClient, PolicyArn: string, document: PolicyDocument): Promise<void> {
  await dropOldVersions(iam, PolicyArn);
  await iam.send(
    new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: json(document), SetAsDefault: true }),
  );
}

async function deleteRole(iam: IAMClient, RoleName: string): Promise<void> {
  await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'access' }));
  await iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName }));
  await iam.send(new DeleteRoleCommand({ RoleName }));
}

async function createRole(
  iam: IAMClient,
  arn: string,
  trust: PolicyDocument,
  boundary: string | undefined,
): Promise<void> {
  const RoleName = nameOf(arn);
  const Path = /:role(\/.*\/|\/)[^/]+$/.exec(arn)![1]!;
  await iam.send(new CreateRoleCommand({ RoleName, Path, AssumeRolePolicyDocument: json(trust) }));
  if (boundary !== undefined)
    await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: boundary }));
}

/** The same name, another role. */
async function recreateRole(stage: Stage): Promise<void> {
  const { iam } = stage.clients(APP);
  const RoleName = nameOf(HOP);
  const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
  const at = { RoleName, PolicyName: 'access' };
  const { PolicyDocument } = await iam.send(new GetRolePolicyCommand(at));
  await iam.send(new DeleteRolePolicyCommand(at));
  await iam.send(new DeleteRoleCommand({ RoleName }));
  const trust = decodeURIComponent(Role!.AssumeRolePolicyDocument!);
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
  await iam.send(new PutRolePolicyCommand({ ...at, PolicyDocument: decodeURIComponent(PolicyDocument!) }));
}

/** The same name, another user: policies keep the id of the old one. */
async function recreateUser(stage: Stage): Promise<void> {
  const { iam } = stage.clients(APP);
  const UserName = 'service';
  const { AccessKeyMetadata = [] } = await iam.send(new ListAccessKeysCommand({ UserName }));
  for (const { AccessKeyId } of AccessKeyMetadata)
    await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }));
  // A fix may have added to the one that it had.
  const { PolicyNames = [] } = await iam.send(new ListUserPoliciesCommand({ UserName }));
  const policies = await Promise.all(
    PolicyNames.map((PolicyName) => iam.send(new GetUserPolicyCommand({ UserName, PolicyName }))),
  );
  for (const PolicyName of PolicyNames) await iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName }));
  const { MFADevices = [] } = await iam.send(new ListMFADevicesCommand({ UserName }));
  for (const { SerialNumber } of MFADevices)
    await iam.send(new DeactivateMFADeviceCommand({ UserName, SerialNumber }));
  await iam.send(new DeleteUserPermissionsBoundaryCommand({ UserName }));
  await iam.send(new DeleteUserCommand({ UserName }));
  await iam.send(new CreateUserCommand({ UserName }));
  for (const { PolicyName, PolicyDocument } of policies)
    await iam.send(
      new PutUserPolicyCommand({
        UserName,
        PolicyName,
        PolicyDocument: decodeURIComponent(PolicyDocument!),
      }),
    );
  await iam.send(
    new PutUserPermissionsBoundaryCommand({
      UserName,
      PermissionsBoundary: `arn:aws:iam::${APP}:policy/service-boundary`,
    }),
  );
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  stage.key = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
}

async function deployControls({ clients, names, together }: Stage, from: World, to: World): Promise<void> {
  const { organizations } = clients(MANAGEMENT);
  const documentsIn = ({ organization }: World) =>
    new Map(
      Object.values(organization!.accounts)
        .flatMap(({ serviceControl, resourceControl }) => [
          ...serviceControl.flat(),
          ...resourceControl.flat(),
        ])
        .map(({ name, document }) => [name, document]),
    );
  const before = documentsIn(from);
  for (const [name, document] of documentsIn(to)) {
    const arn = names.controls[name];
    if (arn === undefined || isSame(before.get(name), document)) continue;
    await organizations.send(new UpdatePolicyCommand({ PolicyId: nameOf(arn), Content: json(document) }));
  }
  for (const account of together ? [APP, DATA] : [DATA]) {
    const hasFull = ({ organization }: World) =>
      organization!.accounts[account]!.serviceControl[1]!.some(({ name }) => name === 'FullAWSAccess');
    if (hasFull(from) === hasFull(to)) continue;
    const at = { PolicyId: 'p-FullAWSAccess', TargetId: await unitOf(organizations, account) };
    await organizations.send(hasFull(to) ? new AttachPolicyCommand(at) : new DetachPolicyCommand(at));
  }
}

async function unitOf(
  organizations: ReturnType<Stage['clients']>['organizations'],
  account: string,
): Promise<string> {
  const { Roots = [] } = await organizations.send(new ListRootsCommand({}));
  const { OrganizationalUnits = [] } = await organizations.send(
    new ListOrganizationalUnitsForParentCommand({ ParentId: Roots[0]!.Id }),
  );
  return OrganizationalUnits.find(({ Name }) => Name === (account === APP ? 'apps' : 'data'))!.Id!;
}

async function deployKey(stage: Stage, from: World, to: World): Promise<void> {
  const { key: KeyId } = stage.names;
  const { kms } = stage.clients(DATA);
  const [before, after] = [from, to].map(({ accounts }) => accounts[DATA]!.keys[KeyId]!);
  const setState = async (old: KeyState, now: KeyState): Promise<void> => {
    if (old === now) return;
    if (old === 'PendingDeletion') await kms.send(new CancelKeyDeletionCommand({ KeyId }));
    if (now === 'PendingDeletion')
      await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    else if (now === 'Disabled') await kms.send(new DisableKeyCommand({ KeyId }));
    else await kms.send(new EnableKeyCommand({ KeyId }));
  };
  if (isSame(before!.grants ?? [], after!.grants ?? [])) await setState(before!.state, after!.state);
  else {
    // Only a key that can be used takes grants.
    await setState(before!.state, 'Enabled');
    await deployGrants(kms, KeyId, after!.grants ?? []);
    await setState('Enabled', after!.state);
  }
  if (!isSame(before!.policy.document, after!.policy.document))
    await kms.send(
      new PutKeyPolicyCommand({
        KeyId,
        Policy: json(after!.policy.document),
        BypassPolicyLockoutSafetyCheck: true,
      }),
    );
}

/** All grants anew. */
async function deployGrants(
  kms: ReturnType<Stage['clients']>['kms'],
  KeyId: string,
  grants: NonNullable<KeySnapshot['grants']>,
): Promise<void> {
  const { Grants = [] } = await kms.send(new ListGrantsCommand({ KeyId }));
  for (const { GrantId } of Grants) await kms.send(new RevokeGrantCommand({ KeyId, GrantId }));
  for (const { grantee, operations, contextEquals } of grants)
    await kms.send(
      new CreateGrantCommand({
        KeyId,
        GranteePrincipal: grantee,
        Operations: operations as GrantOperation[],
        ...(contextEquals && { Constraints: { EncryptionContextEquals: contextEquals } }),
      }),
    );
}

const NOTHING_BLOCKED: PublicAccessBlockConfiguration = {};

async function deployBucket(stage: Stage, from: Setup, to: Setup): Promise<void> {
  const { s3 } = stage.clients(DATA);
  const Bucket = BUCKET;
  const [before, after] = [
    from.world.accounts[DATA]!.buckets[BUCKET]!,
    to.world.accounts[DATA]!.buckets[BUCKET]!,
  ];
  const control = () => controlClient(stage.aws, stage.aws.account(DATA).root);
  const blocks = [from.world.accounts[DATA]!.publicAccessBlock, to.world.accounts[DATA]!.publicAccessBlock];
  if (!isSame(blocks[0], blocks[1]))
    await (blocks[1] === undefined
      ? control().send(new DeletePublicAccessBlockCommand({ AccountId: DATA }))
      : control().send(
          new PutAccountBlockCommand({ AccountId: DATA, PublicAccessBlockConfiguration: blocks[1] }),
        ));
  if (!isSame(before.publicAccessBlock, after.publicAccessBlock))
    await s3.send(
      new PutPublicAccessBlockCommand({
        Bucket,
        PublicAccessBlockConfiguration: after.publicAccessBlock ?? NOTHING_BLOCKED,
      }),
    );
  if (!isSame(before.encryption, after.encryption))
    await (after.encryption === undefined
      ? s3.send(new DeleteBucketEncryptionCommand({ Bucket }))
      : s3.send(
          new PutBucketEncryptionCommand({
            Bucket,
            ServerSideEncryptionConfiguration: kmsRule(after.encryption.key!),
          }),
        ));
  if (before.requesterPays !== after.requesterPays)
    await s3.send(
      new PutBucketRequestPaymentCommand({
        Bucket,
        RequestPaymentConfiguration: { Payer: after.requesterPays === true ? 'Requester' : 'BucketOwner' },
      }),
    );
  if (before.ownership !== after.ownership)
    await s3.send(
      new PutBucketOwnershipControlsCommand({
        Bucket,
        OwnershipControls: { Rules: [{ ObjectOwnership: after.ownership! }] },
      }),
    );
  if (!isSame(before.policy?.document, after.policy?.document))
    await (after.policy === undefined
      ? s3.send(new DeleteBucketPolicyCommand({ Bucket }))
      : s3.send(new PutBucketPolicyCommand({ Bucket, Policy: json(after.policy.document) })));
  if (!isSame(from.tags, to.tags))
    await s3.send(
      new PutObjectTaggingCommand({
        Bucket,
        Key: KEY,
        Tagging: { TagSet: Object.entries(to.tags).map(([name, Value]) => ({ Key: name, Value })) },
      }),
    );
  for (const Key of to.foreign) if (!from.foreign.includes(Key)) await writeForeign(stage, Key);
}

/** Another account writes, and owns what it has written. */
async function writeForeign({ aws }: Stage, Key: string): Promise<void> {
  const credentials = aws.account(OUTSIDE).users['writer']!;
  const client = new S3Client({
    region: 'us-east-1',
    endpoint: aws.endpoint,
    credentials,
    forcePathStyle: true,
  });
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'theirs' }));
}

async function deployPoint({ aws }: Stage, from: World, to: World): Promise<void> {
  const [before, after] = [from, to].map(
    ({ accounts }) => accounts[DATA]!.accessPoints![POINT]!.policy?.document,
  );
  if (isSame(before, after)) return;
  const control = controlClient(aws, aws.account(DATA).root);
  const at = { AccountId: DATA, Name: 'reports-ap' };
  await (after === undefined
    ? control.send(new DeleteAccessPointPolicyCommand(at))
    : control.send(new PutAccessPointPolicyCommand({ ...at, Policy: json(after) })));
}
