import {
  CreateVirtualMFADeviceCommand,
  EnableMFADeviceCommand,
  UpdateAccessKeyCommand,
  type StatusType,
} from '@aws-sdk/client-iam';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  S3Client,
  type ObjectLockMode,
} from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { Situation } from '../../packages/crossbucket/src/explain/core/situation.ts';
import type { Identity } from '../interop/clients.ts';
import { codeOf } from '../interop/totp.ts';
import { APP, BUCKET, DATA, POINT, type Setup } from './setup.ts';
import type { Stage } from './stage.ts';

const COMMANDS = {
  CopyObject: CopyObjectCommand,
  GetObject: GetObjectCommand,
  HeadObject: HeadObjectCommand,
  PutObject: PutObjectCommand,
  DeleteObject: DeleteObjectCommand,
  ListObjectsV2: ListObjectsV2Command,
} as const;

/** Makes the calls of a situation with the real SDK, and gives the error of the one that fails. */
export async function makeCall(
  stage: Stage,
  setup: Setup,
  { calls, facts }: Situation,
): Promise<Error | undefined> {
  const { aws, key, alias } = stage;
  const { call } = setup;
  const through = calls.at(-1)!.context?.['aws:SourceVpce'];
  const where = typeof through === 'string' ? aws.vpcEndpoints[through]! : aws.endpoint;
  const config = {
    endpoint: where,
    maxAttempts: 1,
    ...(call.credentials === 'skewed' && { systemClockOffset: 3_600_000 }),
  };
  let credentials = brokenKey(key, call.credentials);
  if (call.credentials === 'inactive') await turnKey(stage, 'Inactive');
  try {
    for (const { input, context } of calls.slice(0, -1)) {
      const region = facts.stsDisabled === undefined ? 'us-east-1' : call.stsRegion;
      const sts = new STSClient({ ...config, region, credentials });
      const mfa = context?.['aws:MultiFactorAuthPresent'] === undefined ? {} : await secondFactor(stage);
      const { Credentials } = await sts.send(
        new AssumeRoleCommand({ RoleArn: '', RoleSessionName: 'session', ...input, ...mfa }),
      );
      credentials = {
        accessKeyId: Credentials!.AccessKeyId!,
        secretAccessKey: Credentials!.SecretAccessKey!,
        ...(call.credentials !== 'no-token' && { sessionToken: Credentials!.SessionToken! }),
      };
    }
    if (call.credentials === 'expired') stage.clock.advance(2 * 3_600_000);
    const { operation, input } = calls.at(-1)!;
    const region = facts.region ?? 'us-east-1';
    const s3 = new S3Client({ ...config, region, credentials, forcePathStyle: true });
    const Command = COMMANDS[operation as keyof typeof COMMANDS] as unknown as new (
      input: object,
    ) => GetObjectCommand;
    const made = {
      ...input,
      ...(input['Bucket'] === POINT && { Bucket: alias }),
      ...(operation === 'PutObject' && { Body: 'x' }),
      ...(input['VersionId'] !== undefined && { VersionId: await lockedVersion(stage, setup) }),
    };
    await s3.send(new Command(made));
    return undefined;
  } catch (error) {
    return error as Error;
  } finally {
    if (call.credentials === 'inactive') await turnKey(stage, 'Active');
  }
}

const turnKey = ({ clients, key: { accessKeyId: AccessKeyId } }: Stage, Status: StatusType) =>
  clients(APP).iam.send(new UpdateAccessKeyCommand({ UserName: 'service', AccessKeyId, Status }));

function brokenKey(key: Identity, how: Setup['call']['credentials']): Identity {
  if (how === 'unknown-key') return { ...key, accessKeyId: 'AKIANOBODY0000000000' };
  return how === 'wrong-secret' ? { ...key, secretAccessKey: 'wrong' } : key;
}

/** Writes a version that is locked as the setup says. */
async function lockedVersion({ clients }: Stage, { facts: { lock }, call }: Setup): Promise<string> {
  const { s3 } = clients(DATA);
  const Key = String(call.input['Key']);
  const { VersionId } = await s3.send(
    new PutObjectCommand({
      Bucket: BUCKET,
      Key,
      Body: 'locked',
      ...(lock?.mode !== undefined && {
        ObjectLockMode: lock.mode as ObjectLockMode,
        ObjectLockRetainUntilDate: new Date(lock.until!),
      }),
    }),
  );
  if (lock?.legalHold === true)
    await s3.send(
      new PutObjectLegalHoldCommand({ Bucket: BUCKET, Key, VersionId, LegalHold: { Status: 'ON' } }),
    );
  return VersionId!;
}

let devices = 0;

/** Gives the user a device, and a code of it. */
async function secondFactor({ clients, clock }: Stage): Promise<{ SerialNumber: string; TokenCode: string }> {
  const { iam } = clients(APP);
  const made = await iam.send(
    new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: `service-${++devices}` }),
  );
  const SerialNumber = made.VirtualMFADevice!.SerialNumber!;
  const seed = Buffer.from(made.VirtualMFADevice!.Base32StringSeed!).toString();
  await iam.send(
    new EnableMFADeviceCommand({
      UserName: 'service',
      SerialNumber,
      AuthenticationCode1: codeOf(seed, clock.now() - 30_000),
      AuthenticationCode2: codeOf(seed, clock.now()),
    }),
  );
  clock.advance(60_000);
  return { SerialNumber, TokenCode: codeOf(seed, clock.now()) };
}
