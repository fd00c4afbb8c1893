import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DESTINATION, documentOf, SOURCE } from './clients.ts';

/** Debian's, 2.9: it does not read endpoint_url from a profile. */
const AWS = '/usr/bin/aws';
const run = promisify(execFile);

let sandbox: Sandbox;
let home: string;

beforeAll(async () => {
  sandbox = await startSandbox({
    accounts: [
      { id: SOURCE, name: 'app', users: [{ name: 'service' }] },
      { id: DESTINATION, name: 'data' },
    ],
  });
  home = mkdtempSync(join(tmpdir(), 'crossbucket-cli-'));
});
afterAll(async () => {
  rmSync(home, { recursive: true });
  await sandbox.close();
});

interface Session {
  AWS_ACCESS_KEY_ID: string;
  AWS_SECRET_ACCESS_KEY: string;
  AWS_SESSION_TOKEN: string;
}

/** Runs the command as a profile, or with the credentials of a session. */
async function aws(who: string | Session, ...args: string[]) {
  const profile = typeof who === 'string' ? ['--profile', who] : ['--region', 'us-east-1'];
  try {
    const { stdout } = await run(AWS, ['--endpoint-url', sandbox.endpoint, ...profile, ...args], {
      cwd: home,
      timeout: 15_000,
      env: {
        PATH: '/usr/bin:/bin',
        HOME: home,
        AWS_CONFIG_FILE: sandbox.profiles,
        AWS_SHARED_CREDENTIALS_FILE: sandbox.credentialsFile,
        AWS_PAGER: '',
        AWS_EC2_METADATA_DISABLED: 'true',
        ...(typeof who !== 'string' && who),
      },
    });
    return { code: 0, out: stdout, err: '' };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

/** The JSON that a command prints; it must succeed. */
async function json(who: string | Session, ...args: string[]): Promise<unknown> {
  const { code, out, err } = await aws(who, ...args);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out === '' ? undefined : JSON.parse(out);
}

const ROLE = `arn:aws:iam::${DESTINATION}:role/reader`;

describe.skipIf(!existsSync(AWS))(`the AWS CLI (${AWS}, skipped where it is not installed)`, () => {
  test('knows who it is', async () => {
    expect(await json('app-service', 'sts', 'get-caller-identity')).toMatchObject({
      Account: SOURCE,
      Arn: `arn:aws:iam::${SOURCE}:user/service`,
    });
  });

  test('makes a bucket and copies files to it and back', async () => {
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));
    writeFileSync(join(home, 'small file.txt'), 'small');
    writeFileSync(join(home, 'larger.bin'), bytes);
    expect(await aws('data', 's3', 'mb', 's3://acme-reports')).toMatchObject({
      code: 0,
      out: 'make_bucket: acme-reports\n',
    });
    expect(
      await aws('data', 's3', 'cp', 'small file.txt', 's3://acme-reports/reports/small file.txt'),
    ).toMatchObject({ code: 0 });
    expect(await aws('data', 's3', 'cp', 'larger.bin', 's3://acme-reports/reports/')).toMatchObject({
      code: 0,
    });
    const { out } = await aws('data', 's3', 'ls', 's3://acme-reports/reports/');
    expect(out).toMatch(/ 100000 larger\.bin\n.* 5 small file\.txt\n$/);
    expect(await aws('data', 's3', 'cp', 's3://acme-reports/reports/larger.bin', 'back.bin')).toMatchObject({
      code: 0,
    });
    expect(readFileSync(join(home, 'back.bin')).equals(bytes)).toBe(true);
    const range = ['--range', 'bytes=250-252', 'part.bin'];
    const got = await json(
      'data',
      's3api',
      'get-object',
      '--bucket',
      'acme-reports',
      '--key',
      'reports/larger.bin',
      ...range,
    );
    expect(got).toMatchObject({ ContentLength: 3, ContentRange: 'bytes 250-252/100000' });
    expect([...readFileSync(join(home, 'part.bin'))]).toEqual([250, 0, 1]);
  });

  let session: Session;

  test('makes a role, and assumes it from the other account', async () => {
    const trust = documentOf({
      Action: 'sts:AssumeRole',
      Principal: { AWS: `arn:aws:iam::${SOURCE}:user/service` },
      Condition: { StringEquals: { 'sts:ExternalId': 'acme-7f3a' } },
    });
    expect(
      await json(
        'data',
        'iam',
        'create-role',
        '--role-name',
        'reader',
        '--assume-role-policy-document',
        trust,
      ),
    ).toMatchObject({ Role: { Arn: ROLE, AssumeRolePolicyDocument: JSON.parse(trust) } });
    const read = documentOf(
      { Action: 's3:ListBucket', Resource: 'arn:aws:s3:::acme-reports' },
      { Action: 's3:GetObject', Resource: 'arn:aws:s3:::acme-reports/*' },
    );
    await json(
      'data',
      'iam',
      'put-role-policy',
      '--role-name',
      'reader',
      '--policy-name',
      'read',
      '--policy-document',
      read,
    );
    const assume = documentOf({ Action: 'sts:AssumeRole', Resource: ROLE });
    await json(
      'app',
      'iam',
      'put-user-policy',
      '--user-name',
      'service',
      '--policy-name',
      'assume',
      '--policy-document',
      assume,
    );

    const assumeRole = ['sts', 'assume-role', '--role-arn', ROLE, '--role-session-name', 'cli'];
    const refused = await aws('app-service', ...assumeRole);
    expect(refused.code).toBe(254);
    expect(refused.err).toContain(
      `An error occurred (AccessDenied) when calling the AssumeRole operation: User: arn:aws:iam::${SOURCE}:user/service is not authorized to perform: sts:AssumeRole on resource: ${ROLE}`,
    );
    const { Credentials } = (await json('app-service', ...assumeRole, '--external-id', 'acme-7f3a')) as {
      Credentials: { AccessKeyId: string; SecretAccessKey: string; SessionToken: string };
    };
    session = {
      AWS_ACCESS_KEY_ID: Credentials.AccessKeyId,
      AWS_SECRET_ACCESS_KEY: Credentials.SecretAccessKey,
      AWS_SESSION_TOKEN: Credentials.SessionToken,
    };
  });

  test('reads as the role, is denied what that may not, and presigns', async () => {
    const listed = await json(
      session,
      's3api',
      'list-objects-v2',
      '--bucket',
      'acme-reports',
      '--query',
      'Contents[].Key',
    );
    expect(listed).toEqual(['reports/larger.bin', 'reports/small file.txt']);
    const denied = await aws(session, 's3', 'cp', 'small file.txt', 's3://acme-reports/new');
    expect(denied.code).toBe(1);
    expect(denied.err).toContain(
      'An error occurred (AccessDenied) when calling the PutObject operation: User: ',
    );

    const { out: url } = await aws(
      session,
      's3',
      'presign',
      's3://acme-reports/reports/small file.txt',
      '--expires-in',
      '60',
    );
    const answer = await fetch(url.trim());
    expect([answer.status, await answer.text()]).toEqual([200, 'small']);
    const without = await aws('app-service', 's3', 'ls', 's3://acme-reports');
    expect(without.err).toContain('(AccessDenied) when calling the ListObjectsV2 operation: Access Denied');
  });

  test('puts a bucket policy and reads it back', async () => {
    const policy = documentOf({
      Principal: { AWS: SOURCE },
      Action: 's3:GetObject',
      Resource: 'arn:aws:s3:::acme-reports/*',
    });
    await json('data', 's3api', 'put-bucket-policy', '--bucket', 'acme-reports', '--policy', policy);
    const got = await json(
      'data',
      's3api',
      'get-bucket-policy',
      '--bucket',
      'acme-reports',
      '--query',
      'Policy',
    );
    expect(JSON.parse(got as string)).toEqual(JSON.parse(policy));
  });

  test('looks up who assumed the role', async () => {
    const attribute = 'AttributeKey=EventName,AttributeValue=AssumeRole';
    const found = await json(
      'data',
      'cloudtrail',
      'lookup-events',
      '--lookup-attributes',
      attribute,
      '--query',
      'Events[].CloudTrailEvent',
    );
    const records = (found as string[]).map((text) => JSON.parse(text) as Record<string, unknown>);
    expect(records).toMatchObject([{ recipientAccountId: DESTINATION }, { errorCode: 'AccessDenied' }]);
  });

  test('names what the sandbox does not serve', async () => {
    const torrent = ['get-object-torrent', '--bucket', 'acme-reports', '--key', 'any', join(home, 'torrent')];
    const { code, err } = await aws('data', 's3api', ...torrent);
    expect(code).toBe(254);
    expect(err).toContain('(NotImplemented)');
    expect(err).toContain('The sandbox does not implement s3:GetObjectTorrent.');
  });

  test('removes all again', async () => {
    expect(await aws('data', 's3', 'rb', '--force', 's3://acme-reports')).toMatchObject({ code: 0, err: '' });
    const gone = await aws('data', 's3', 'ls', 's3://acme-reports');
    expect(gone.err).toContain('NoSuchBucket');
  });
});
