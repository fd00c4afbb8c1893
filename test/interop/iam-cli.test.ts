import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SandboxClock, startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientsOf, documentOf, SOURCE, type Clients } from './clients.ts';
import { makeUser } from './principals.ts';
import { codeOf } from './totp.ts';

/** Debian's, 2.9: it does not read endpoint_url from a profile. */
const AWS = '/usr/bin/aws';
const run = promisify(execFile);

const clock = new SandboxClock();
let sandbox: Sandbox;
let home: string;

beforeAll(async () => {
  sandbox = await startSandbox({ accounts: [SOURCE], clock });
  home = mkdtempSync(join(tmpdir(), 'crossbucket-iam-cli-'));
});
afterAll(async () => {
  rmSync(home, { recursive: true });
  await sandbox.close();
});

interface Key {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** Runs the command with a key, the account root's unless told otherwise; gives what it prints, or its error. */
async function aws(args: string[], key: Key = sandbox.account(SOURCE).root): Promise<string> {
  const env = {
    PATH: '/usr/bin:/bin',
    HOME: home,
    AWS_PAGER: '',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    ...(key.sessionToken !== undefined && { AWS_SESSION_TOKEN: key.sessionToken }),
  };
  const whole = ['--endpoint-url', sandbox.endpoint, '--region', 'us-east-1', '--output', 'json', ...args];
  try {
    return (await run(AWS, whole, { cwd: home, timeout: 15_000, env })).stdout;
  } catch (error) {
    return (error as { stderr: string }).stderr.trim();
  }
}

/** The JSON that a command prints. */
async function ask<T>(args: string): Promise<T> {
  const out = await aws(args.split(' '));
  return JSON.parse(out === '' ? '{}' : out) as T;
}

describe.skipIf(!existsSync(AWS))(`the AWS CLI (${AWS}, skipped where it is not installed)`, () => {
  // Each command takes a second of a busy machine: what is only needed is made by the SDK.
  let root: Clients;
  beforeAll(() => {
    root = clientsOf(sandbox, sandbox.account(SOURCE).root);
  });

  test('bounds, simulates and reads a user, and is told what keeps it', async () => {
    const carol = await makeUser(sandbox, root, 'carol', [{ Action: 's3:*', Resource: '*' }]);
    const boundary = 'arn:aws:iam::aws:policy/IAMReadOnlyAccess';
    await ask(`iam put-user-permissions-boundary --user-name carol --permissions-boundary ${boundary}`);
    const [denied, simulated, details, conflict] = await Promise.all([
      aws(['s3api', 'list-buckets'], carol.key),
      ask(
        `iam simulate-principal-policy --policy-source-arn ${carol.arn} --action-names s3:ListAllMyBuckets`,
      ),
      ask('iam get-account-authorization-details --filter User'),
      aws(['iam', 'delete-user', '--user-name', 'carol']),
    ]);
    expect(denied).toMatch(
      /\(AccessDenied\) .*because no permissions boundary allows the s3:ListAllMyBuckets action/,
    );
    const allowed = { AllowedByPermissionsBoundary: false };
    expect(simulated).toMatchObject({
      EvaluationResults: [{ EvalDecision: 'implicitDeny', PermissionsBoundaryDecisionDetail: allowed }],
    });
    expect(details).toMatchObject({
      UserDetailList: [{ UserName: 'carol', PermissionsBoundary: { PermissionsBoundaryArn: boundary } }],
    });
    expect(conflict).toMatch(/\(DeleteConflict\) .*must delete policies first/);
  });

  test('logs in with an MFA code', async () => {
    const dave = await makeUser(sandbox, root, 'dave');
    const { VirtualMFADevice } = await ask<{ VirtualMFADevice: { SerialNumber: string } }>(
      'iam create-virtual-mfa-device --virtual-mfa-device-name dave --outfile seed --bootstrap-method Base32StringSeed',
    );
    const serial = VirtualMFADevice.SerialNumber;
    const seed = readFileSync(join(home, 'seed'), 'utf8').trim();
    const code = (steps = 0): string => codeOf(seed, clock.now() + steps * 30_000);
    await ask(
      `iam enable-mfa-device --user-name dave --serial-number ${serial} --authentication-code1 ${code(-1)} --authentication-code2 ${code()}`,
    );
    clock.advance(60_000);
    const login = ['sts', 'get-session-token', '--serial-number', serial, '--token-code'];
    const [refused, granted] = await Promise.all([
      aws([...login, '000000'], dave.key),
      aws([...login, code()], dave.key),
    ]);
    expect(refused).toMatch(
      /\(AccessDenied\) .*MultiFactorAuthentication failed with invalid MFA one time pass code/,
    );
    expect(JSON.parse(granted)).toHaveProperty('Credentials.SessionToken');
  });

  test('federates, pages through policies, and decodes nothing', async () => {
    const policy = documentOf({ Action: 's3:ListAllMyBuckets', Resource: '*' });
    const names = ['--page-size', '5', '--scope', 'AWS', '--query', 'Policies[].PolicyName'];
    const [federated, listed, decoded] = await Promise.all([
      aws(['sts', 'get-federation-token', '--name', 'guest', '--policy', policy]),
      aws(['iam', 'list-policies', ...names]),
      aws(['sts', 'decode-authorization-message', '--encoded-message', 'abc']),
    ]);
    const { Credentials, FederatedUser } = JSON.parse(federated);
    expect(FederatedUser.Arn).toBe(`arn:aws:sts::${SOURCE}:federated-user/guest`);
    expect(JSON.parse(listed)).toContain('ViewOnlyAccess');
    expect(decoded).toMatch(/\(InvalidAuthorizationMessageException\)/);
    const guest = {
      accessKeyId: Credentials.AccessKeyId,
      secretAccessKey: Credentials.SecretAccessKey,
      sessionToken: Credentials.SessionToken,
    };
    expect(await aws(['s3api', 'create-bucket', '--bucket', 'by-a-guest'], guest)).toMatch(
      /\(AccessDenied\)/,
    );
  });
});
