import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  CreateBucketCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { startSandbox, type Sandbox, type SandboxConfig } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cli, hasCli } from './cli.ts';
import { arnsOf, clientsOf, documentOf, failureOf, SOURCE } from './clients.ts';

const run = promisify(execFile);
const Bucket = 'over-tls';
let folder: string;
let aws: Sandbox;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'crossbucket-tls-'));
  aws = await startSandbox({
    accounts: [{ id: SOURCE, name: 'app' }],
    tls: true,
    data: join(folder, 'data'),
  });
});
afterAll(async () => {
  await aws.close();
  rmSync(folder, { recursive: true, force: true });
});

/** An agent that trusts the sandbox, and finds every name of loopback. */
const agent = (sandbox = aws) =>
  new Agent({
    ca: readFileSync(sandbox.caFile!),
    lookup: (_, options, found) =>
      options.all ? found(null, [{ address: '127.0.0.1', family: 4 }]) : found(null, '127.0.0.1', 4),
  });
const configuration = (endpoint = aws.endpoint) => ({
  region: 'us-east-1',
  endpoint,
  credentials: aws.account(SOURCE).root,
  maxAttempts: 1,
  requestHandler: { httpsAgent: agent() },
});

describe('over TLS', () => {
  test('the SDK is served by address and by every name of a bucket, and by nobody who does not trust it', async () => {
    expect(aws.endpoint).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const s3 = new S3Client(configuration());
    await s3.send(new CreateBucketCommand({ Bucket }));
    const byHost = new S3Client(configuration(aws.endpoint.replace('127.0.0.1', 'localhost')));
    await expect(byHost.send(new ListObjectsV2Command({ Bucket }))).resolves.toMatchObject({ KeyCount: 0 });
    const trusting = clientsOf(aws, aws.account(SOURCE).root);
    expect((await failureOf(trusting.s3.send(new ListObjectsV2Command({ Bucket })))).message).toMatch(
      /certificate/,
    );
  });

  test('aws:SecureTransport is true, and s3:TlsVersion is told', async () => {
    const s3 = new S3Client(configuration());
    const Policy = documentOf(
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: arnsOf(Bucket),
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: arnsOf(Bucket),
        Condition: { NumericLessThan: { 's3:TlsVersion': '1.2' } },
      },
    );
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    const { $metadata } = await s3.send(new ListObjectsV2Command({ Bucket }));
    const decided = aws.decision($metadata.requestId!)!.authorizations[0]!.request.context!;
    expect(decided).toMatchObject({ 'aws:SecureTransport': true, 's3:TlsVersion': '1.3' });
    expect(aws.records('data').at(-1)!.tlsDetails).toMatchObject({
      tlsVersion: 'TLSv1.3',
      cipherSuite: expect.stringContaining('TLS_'),
    });
  });

  test('the authority is good for loopback alone, stays with its folder, and its key is its owner’s', async () => {
    const certificate = readFileSync(aws.caFile!, 'utf8');
    const { ca, subject } = new X509Certificate(certificate);
    expect({ ca, subject }).toEqual({ ca: true, subject: 'CN=crossbucket sandbox CA' });
    const keyFile = join(folder, 'data', 'tls', 'ca.key');
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    await aws.close();
    aws = await startSandbox({
      accounts: [{ id: SOURCE, name: 'app' }],
      tls: true,
      data: join(folder, 'data'),
    });
    expect(readFileSync(aws.caFile!, 'utf8')).toBe(certificate);
    await aws.close();
    // A key that is not the certificate's, as a kill at the wrong moment might leave it, makes both anew.
    writeFileSync(keyFile, 'nonsense');
    aws = await startSandbox({
      accounts: [{ id: SOURCE, name: 'app' }],
      tls: true,
      data: join(folder, 'data'),
    });
    expect(readFileSync(aws.caFile!, 'utf8')).not.toBe(certificate);
    await expect(
      new STSClient(configuration()).send(new GetCallerIdentityCommand({})),
    ).resolves.toMatchObject({ Account: SOURCE });
  });

  test('a name that is not loopback’s gets no certificate of its own', async () => {
    const answered = new Promise((resolve, reject) => {
      get({ host: 'bank.example', port: new URL(aws.endpoint).port, agent: agent() }, resolve).on(
        'error',
        reject,
      );
    });
    await expect(answered).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });

  test('a process trusts it by NODE_EXTRA_CA_CERTS', async () => {
    const script = `fetch(${JSON.stringify(aws.endpoint)}).then(({status}) => console.log(status), ({cause}) => console.log(cause.code))`;
    const fetchWith = async (env: Record<string, string>) =>
      (await run(process.execPath, ['-e', script], { env })).stdout.trim();
    expect(await fetchWith({ NODE_EXTRA_CA_CERTS: aws.caFile! })).toBe('403');
    expect(await fetchWith({})).toMatch(/CERT|SIGNATURE/);
  });

  test.skipIf(!hasCli)(
    'the AWS CLI trusts it by its profile (skipped where it is not installed)',
    async () => {
      expect(await cli(aws, folder, 'app', 'sts get-caller-identity --query Account')).toMatchObject({
        code: 0,
        out: SOURCE,
      });
    },
    30_000,
  );
});

describe('secureTransport: actual', () => {
  /** Of a bucket that takes what comes by TLS: whether plain HTTP is refused, and what of encrypted writes. */
  async function overHttp(config: SandboxConfig) {
    await using sandbox = await startSandbox({ config });
    const { s3 } = clientsOf(sandbox, sandbox.account(SOURCE).root);
    await s3.send(new CreateBucketCommand({ Bucket }));
    const Policy = documentOf({
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:ListBucket',
      Resource: arnsOf(Bucket),
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    });
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    const put = (input: Partial<PutObjectCommandInput>) =>
      outcome(s3.send(new PutObjectCommand({ Bucket, Key: 'key', Body: 'body', ...input })));
    return {
      list: await outcome(s3.send(new ListObjectsV2Command({ Bucket }))),
      plain: await put({}),
      kms: await put({ ServerSideEncryption: 'aws:kms' }),
    };
  }

  const outcome = (sent: Promise<object>) =>
    sent.then(
      () => 'done',
      (error: Error) => `${error.name}: ${error.message}`,
    );

  test('makes plain HTTP what it is: refused by policies, and by S3 with keys of KMS', async () => {
    const accounts = [{ id: SOURCE }];
    expect(await overHttp({ accounts })).toEqual({ list: 'done', plain: 'done', kms: 'done' });
    expect(await overHttp({ accounts, secureTransport: 'actual' })).toEqual({
      list: expect.stringMatching(/^AccessDenied/),
      plain: 'done',
      kms: 'InvalidArgument: Requests specifying Server Side Encryption with AWS KMS managed keys must be made over a secure connection.',
    });
  });
});
