import {
  CreateVirtualMFADeviceCommand,
  DeactivateMFADeviceCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  DeleteAccessKeyCommand,
  DeleteVirtualMFADeviceCommand,
  EnableMFADeviceCommand,
  GetMFADeviceCommand,
  GetUserCommand,
  ListMFADevicesCommand,
  ListMFADeviceTagsCommand,
  ListVirtualMFADevicesCommand,
  ResyncMFADeviceCommand,
  TagMFADeviceCommand,
  UntagMFADeviceCommand,
} from '@aws-sdk/client-iam';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, GetSessionTokenCommand, type Credentials } from '@aws-sdk/client-sts';
import { SandboxClock, startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { clientsOf, DESTINATION, failureOf, SOURCE, type Clients } from './clients.ts';
import { makeRole, makeUser } from './principals.ts';
import { codeOf } from './totp.ts';

const STEP = 30_000;
const everything = { Action: '*', Resource: '*' };
const denied = { code: 'AccessDenied', status: 403 };

const clock = new SandboxClock();
let aws: Sandbox;
let root: Clients;
let owner: Clients;

beforeAll(async () => {
  aws = await startSandbox({ accounts: [SOURCE, DESTINATION], clock });
  root = clientsOf(aws, aws.account(SOURCE).root);
  owner = clientsOf(aws, aws.account(DESTINATION).root);
});
afterAll(() => aws.close());
// A code counts once, so each test has time of its own.
beforeEach(() => clock.advance(10 * STEP));

const as = (credentials: Credentials | undefined): Clients =>
  clientsOf(aws, {
    accessKeyId: credentials!.AccessKeyId!,
    secretAccessKey: credentials!.SecretAccessKey!,
    sessionToken: credentials!.SessionToken!,
  });

async function deviceOf(name: string): Promise<{ SerialNumber: string; seed: string }> {
  const command = new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: name });
  const { VirtualMFADevice: device } = await root.iam.send(command);
  return { SerialNumber: device!.SerialNumber!, seed: Buffer.from(device!.Base32StringSeed!).toString() };
}

/** Makes a user with a device that is enabled; the clock has gone past the codes that this took. */
async function userWithDevice(name: string) {
  const user = await makeUser(aws, root, name, [everything]);
  const { SerialNumber, seed } = await deviceOf(name);
  await enable(name, SerialNumber, seed);
  clock.advance(2 * STEP);
  return { ...user, SerialNumber, seed, code: () => codeOf(seed, clock.now()) };
}

function enable(UserName: string, SerialNumber: string, seed: string) {
  const codes = {
    AuthenticationCode1: codeOf(seed, clock.now() - STEP),
    AuthenticationCode2: codeOf(seed, clock.now()),
  };
  return root.iam.send(new EnableMFADeviceCommand({ UserName, SerialNumber, ...codes }));
}

describe('a virtual MFA device', () => {
  test('is made, enabled with two codes, listed, tagged, deactivated and deleted', async () => {
    await makeUser(aws, root, 'lifecycle');
    const { SerialNumber, seed } = await deviceOf('lifecycle');
    expect(SerialNumber).toBe(`arn:aws:iam::${SOURCE}:mfa/lifecycle`);
    expect(seed).toMatch(/^[A-Z2-7]{64}$/);
    const assigned = async (AssignmentStatus: 'Assigned' | 'Unassigned' | 'Any') => {
      const { VirtualMFADevices } = await root.iam.send(
        new ListVirtualMFADevicesCommand({ AssignmentStatus }),
      );
      return VirtualMFADevices!.map((device) => device.SerialNumber);
    };
    expect(await assigned('Unassigned')).toContain(SerialNumber);
    await enable('lifecycle', SerialNumber, seed);
    expect(await assigned('Unassigned')).not.toContain(SerialNumber);
    expect(await assigned('Assigned')).toContain(SerialNumber);
    const { MFADevices } = await root.iam.send(new ListMFADevicesCommand({ UserName: 'lifecycle' }));
    expect(MFADevices).toEqual([{ UserName: 'lifecycle', SerialNumber, EnableDate: expect.any(Date) }]);
    const got = await root.iam.send(new GetMFADeviceCommand({ SerialNumber, UserName: 'lifecycle' }));
    expect(got).toMatchObject({ SerialNumber, UserName: 'lifecycle', EnableDate: expect.any(Date) });

    const Tags = [{ Key: 'floor', Value: '3' }];
    await root.iam.send(new TagMFADeviceCommand({ SerialNumber, Tags }));
    const tags = async () => (await root.iam.send(new ListMFADeviceTagsCommand({ SerialNumber }))).Tags;
    expect(await tags()).toEqual(Tags);
    await root.iam.send(new UntagMFADeviceCommand({ SerialNumber, TagKeys: ['FLOOR'] }));
    expect(await tags()).toEqual([]);

    expect(await failureOf(root.iam.send(new DeleteVirtualMFADeviceCommand({ SerialNumber })))).toMatchObject(
      {
        code: 'DeleteConflictException',
        status: 409,
      },
    );
    const deactivate = new DeactivateMFADeviceCommand({ UserName: 'lifecycle', SerialNumber });
    await root.iam.send(deactivate);
    expect((await failureOf(root.iam.send(deactivate))).code).toBe('NoSuchEntityException');
    await root.iam.send(new DeleteVirtualMFADeviceCommand({ SerialNumber }));
    expect(await assigned('Any')).not.toContain(SerialNumber);
  });

  test('needs two codes that follow each other', async () => {
    await makeUser(aws, root, 'two-codes');
    const { SerialNumber, seed } = await deviceOf('two-codes');
    const now = clock.now();
    const wrong: [string, string][] = [
      [codeOf(seed, now), codeOf(seed, now)],
      [codeOf(seed, now), codeOf(seed, now - STEP)],
      [codeOf(seed, now - 3_600_000), codeOf(seed, now - 3_600_000 + STEP)],
      ['000000', '000000'],
    ];
    for (const [AuthenticationCode1, AuthenticationCode2] of wrong) {
      const input = { UserName: 'two-codes', SerialNumber, AuthenticationCode1, AuthenticationCode2 };
      expect(await failureOf(root.iam.send(new EnableMFADeviceCommand(input)))).toMatchObject({
        code: 'InvalidAuthenticationCodeException',
        status: 403,
      });
    }
    await enable('two-codes', SerialNumber, seed);
    expect((await failureOf(enable('two-codes', SerialNumber, seed))).code).toBe(
      'EntityAlreadyExistsException',
    );
    const again = root.iam.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: 'two-codes' }));
    expect((await failureOf(again)).code).toBe('EntityAlreadyExistsException');
  });

  test('is eight to a user, and keeps its user from being deleted', async () => {
    const { key } = await makeUser(aws, root, 'eight', [everything]);
    for (let index = 1; index <= 9; index++) {
      const { SerialNumber, seed } = await deviceOf(`eight-${index}`);
      const enabled = enable('eight', SerialNumber, seed);
      if (index <= 8) await enabled;
      else expect((await failureOf(enabled)).code).toBe('LimitExceededException');
    }
    const first = await root.iam.send(new ListMFADevicesCommand({ UserName: 'eight', MaxItems: 5 }));
    expect(first).toMatchObject({ IsTruncated: true, MFADevices: { length: 5 } });
    const rest = new ListMFADevicesCommand({ UserName: 'eight', MaxItems: 5, Marker: first.Marker });
    expect((await root.iam.send(rest)).MFADevices).toHaveLength(3);
    await root.iam.send(new DeleteUserPolicyCommand({ UserName: 'eight', PolicyName: 'own' }));
    await root.iam.send(new DeleteAccessKeyCommand({ UserName: 'eight', AccessKeyId: key.accessKeyId }));
    expect(await failureOf(root.iam.send(new DeleteUserCommand({ UserName: 'eight' })))).toMatchObject({
      code: 'DeleteConflictException',
      message: 'Cannot delete entity, must delete MFA device first.',
    });
  });

  test('whose clock is off is synchronised anew', async () => {
    const { clients, seed, SerialNumber } = await userWithDevice('drifted');
    const off = 40 * STEP;
    const TokenCode = () => codeOf(seed, clock.now() + off);
    const login = () =>
      clients.sts.send(new GetSessionTokenCommand({ SerialNumber, TokenCode: TokenCode() }));
    expect(await failureOf(login())).toMatchObject(denied);
    await root.iam.send(
      new ResyncMFADeviceCommand({
        UserName: 'drifted',
        SerialNumber,
        AuthenticationCode1: codeOf(seed, clock.now() + off - STEP),
        AuthenticationCode2: TokenCode(),
      }),
    );
    clock.advance(STEP);
    await login();
  });
});

describe('a session with MFA', () => {
  test('of GetSessionToken may call IAM, and tells its age', async () => {
    const { clients, SerialNumber, code } = await userWithDevice('with-mfa');
    const plain = as((await clients.sts.send(new GetSessionTokenCommand({}))).Credentials);
    expect((await failureOf(plain.iam.send(new GetUserCommand({})))).code).toBe('InvalidClientTokenId');
    const input = { SerialNumber, TokenCode: code() };
    const answer = await clients.sts.send(new GetSessionTokenCommand(input));
    const session = as(answer.Credentials);
    expect((await session.iam.send(new GetUserCommand({}))).User?.UserName).toBe('with-mfa');
    // A code counts once.
    expect(await failureOf(clients.sts.send(new GetSessionTokenCommand(input)))).toMatchObject({
      ...denied,
      message: 'MultiFactorAuthentication failed with invalid MFA one time pass code. ',
    });
  });

  test('meets conditions on aws:MultiFactorAuthPresent and aws:MultiFactorAuthAge', async () => {
    const name = 'conditioned';
    const user = await makeUser(aws, root, name, [
      {
        Action: 's3:ListAllMyBuckets',
        Resource: '*',
        Condition: {
          Bool: { 'aws:MultiFactorAuthPresent': 'true' },
          NumericLessThan: { 'aws:MultiFactorAuthAge': '300' },
        },
      },
    ]);
    const list = (clients: Clients) => clients.s3.send(new ListBucketsCommand({}));
    const { SerialNumber, seed } = await deviceOf(name);
    await enable(name, SerialNumber, seed);
    clock.advance(2 * STEP);
    expect(await failureOf(list(user.clients))).toMatchObject(denied);
    const plain = await user.clients.sts.send(new GetSessionTokenCommand({}));
    expect(await failureOf(list(as(plain.Credentials)))).toMatchObject(denied);
    const TokenCode = codeOf(seed, clock.now());
    const answer = await user.clients.sts.send(new GetSessionTokenCommand({ SerialNumber, TokenCode }));
    const session = as(answer.Credentials);
    await list(session);
    clock.advance(301_000);
    expect(await failureOf(list(session))).toMatchObject(denied);
  });

  test('of AssumeRole: the trust policy asks for it, and the session has no MFA of its own', async () => {
    const { arn: userArn, clients, SerialNumber, seed, code } = await userWithDevice('assumes-with-mfa');
    const role = await makeRole(
      owner,
      'needs-mfa',
      [
        {
          Principal: { AWS: userArn },
          Action: 'sts:AssumeRole',
          Condition: {
            Bool: { 'aws:MultiFactorAuthPresent': 'true' },
            NumericLessThan: { 'aws:MultiFactorAuthAge': '60' },
          },
        },
      ],
      [
        {
          Action: 's3:ListAllMyBuckets',
          Resource: '*',
          Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
        },
      ],
    );
    const input = { RoleArn: role.arn, RoleSessionName: 'session' };
    const ask = (more: object = {}) => clients.sts.send(new AssumeRoleCommand({ ...input, ...more }));
    expect(await failureOf(ask())).toMatchObject(denied);
    expect(await failureOf(ask({ SerialNumber }))).toMatchObject({
      ...denied,
      message:
        'MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code. ',
    });
    expect((await failureOf(ask({ TokenCode: code() }))).message).toMatch(/must provide both/);
    const old = codeOf(seed, clock.now() - 5 * STEP);
    expect((await failureOf(ask({ SerialNumber, TokenCode: old }))).message).toBe(
      'MultiFactorAuthentication failed with invalid MFA one time pass code. ',
    );
    const { Credentials: made } = await ask({ SerialNumber, TokenCode: code() });
    expect(await failureOf(as(made).s3.send(new ListBucketsCommand({})))).toMatchObject(denied);

    // By way of a session with MFA, the trust policy sees that, and its age.
    clock.advance(STEP);
    const login = new GetSessionTokenCommand({ SerialNumber, TokenCode: code() });
    const session = as((await clients.sts.send(login)).Credentials);
    await session.sts.send(new AssumeRoleCommand(input));
    clock.advance(61_000);
    expect(await failureOf(session.sts.send(new AssumeRoleCommand(input)))).toMatchObject(denied);
  });

  test("is not had with somebody else's device", async () => {
    const mine = await userWithDevice('mine');
    const other = await makeUser(aws, root, 'other', [everything]);
    const input = { SerialNumber: mine.SerialNumber, TokenCode: mine.code() };
    expect(await failureOf(other.clients.sts.send(new GetSessionTokenCommand(input)))).toMatchObject({
      ...denied,
      message:
        'MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.',
    });
    const missing = { ...input, SerialNumber: `arn:aws:iam::${SOURCE}:mfa/none` };
    expect((await failureOf(mine.clients.sts.send(new GetSessionTokenCommand(missing)))).message).toMatch(
      /unable to validate MFA code/,
    );
    await mine.clients.sts.send(new GetSessionTokenCommand(input));
  });
});

test('seeds, codes and tokens do not reach the trail', async () => {
  const { clients, SerialNumber, seed, code } = await userWithDevice('quiet');
  const TokenCode = code();
  const { Credentials: made } = await clients.sts.send(
    new GetSessionTokenCommand({ SerialNumber, TokenCode }),
  );
  const records = JSON.stringify(aws.records());
  expect(records).toContain('CreateVirtualMFADevice');
  for (const secret of [seed, TokenCode, made!.SessionToken!, made!.SecretAccessKey!])
    expect(records).not.toContain(secret);
  const login = aws.records().findLast(({ eventName }) => eventName === 'GetSessionToken');
  expect(login?.userIdentity).toMatchObject({ type: 'IAMUser', userName: 'quiet' });
  await as(made).iam.send(new GetUserCommand({}));
  const used = aws.records().findLast(({ eventName }) => eventName === 'GetUser');
  expect(used?.userIdentity).toMatchObject({
    type: 'IAMUser',
    sessionContext: { attributes: { mfaAuthenticated: 'true' } },
  });
});
