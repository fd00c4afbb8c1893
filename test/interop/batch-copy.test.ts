import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { GetRoleCommand, GetRolePolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { CreateJobCommandInput, JobDescriptor } from '@aws-sdk/client-s3-control';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { manifestLine, planBatch, targetFolder } from '../../packages/crossbucket/src/batch/plan-batch.ts';
import { crossbucket } from '../../packages/crossbucket/src/cli/testing/command-line.ts';
import { model } from '../../packages/sandbox/src/services/s3control/model.data.ts';
import { send } from '../../packages/sandbox/src/wire/answer.ts';
import { parseQuery } from '../../packages/sandbox/src/wire/message.ts';
import { loadModel } from '../../packages/sandbox/src/wire/model.ts';
import { readRestBody, readRestInput, writeRestOutput } from '../../packages/sandbox/src/wire/rest-xml.ts';
import { TemplateRouter } from '../../packages/sandbox/src/wire/template-router.ts';

const ACCOUNT = '222222222222';

interface ScriptedControl {
  url: string;
  created: CreateJobCommandInput[];
  /** What DescribeJob tells, one after the other; the last stays. */
  states: JobDescriptor[];
  /** Message of a refusal, for so many CreateJob calls. */
  refusals: string[];
  close(): Promise<void>;
}

/** S3 Control on the sandbox's wire layer: it reads and writes what the schemas say, and answers what the test says. */
async function startControl(): Promise<ScriptedControl> {
  const service = loadModel(model);
  const router = new TemplateRouter(service);
  const http = createServer((request, response) => {
    void (async () => {
      const [rawPath = '', query = ''] = request.url!.split('?');
      const { method = '', headers, rawHeaders } = request;
      const head = {
        method,
        rawPath,
        query: parseQuery(query),
        headers,
        rawHeaders,
        remoteAddress: '127.0.0.1',
      };
      const { operation, labels } = router.find(head);
      const input = readRestInput(operation, head, labels);
      readRestBody(operation, input, await buffer(request));
      const refusal = operation.name === 'CreateJob' ? control.refusals.shift() : undefined;
      if (refusal !== undefined) {
        response.writeHead(400, { 'content-type': 'application/xml' });
        response.end(
          `<ErrorResponse><Error><Code>InvalidRequest</Code><Message>${refusal}</Message></Error></ErrorResponse>`,
        );
        return;
      }
      const output = answer(operation.name, input);
      const namespace = 'http://awss3control.amazonaws.com/doc/2018-08-20/';
      await send(response, writeRestOutput(operation, output as never, namespace), {
        requestId: 'R',
        omitBody: false,
        protocol: 'rest-xml',
      });
    })();
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const control: ScriptedControl = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    created: [],
    states: [],
    refusals: [],
    async close() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  function answer(operation: string, input: object): object {
    if (operation === 'CreateJob') {
      control.created.push(input as CreateJobCommandInput);
      return { JobId: 'job-1' };
    }
    const Job = control.states.length > 1 ? control.states.shift() : control.states[0];
    return { Job };
  }
  return control;
}

let aws: Sandbox;
let control: ScriptedControl;
let s3: S3Client;
let iam: IAMClient;

beforeAll(async () => {
  for (const name of Object.keys(process.env)) if (/^AWS_(?!SDK_JS_)/.test(name)) vi.stubEnv(name, undefined);
  aws = await startSandbox({ accounts: [{ id: ACCOUNT, name: 'data' }] });
  control = await startControl();
  vi.stubEnv('AWS_CONFIG_FILE', aws.profiles);
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', aws.credentialsFile);
  vi.stubEnv('AWS_ENDPOINT_URL_S3_CONTROL', control.url);
  vi.stubEnv('XDG_STATE_HOME', mkdtempSync(join(tmpdir(), 'crossbucket-batch-')));
  const owner = { region: 'us-east-1', endpoint: aws.endpoint, credentials: aws.account(ACCOUNT).root };
  s3 = new S3Client({ ...owner, forcePathStyle: true });
  iam = new IAMClient(owner);
  for (const Bucket of ['batch-from', 'batch-to']) await s3.send(new CreateBucketCommand({ Bucket }));
  for (const Key of ['in/a b.csv', 'in/c,d.csv', 'in/x.tmp', 'other'])
    await s3.send(new PutObjectCommand({ Bucket: 'batch-from', Key, Body: 'x' }));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([aws.close(), control.close()]);
});
beforeEach(() => {
  control.created = [];
  control.refusals = [];
  control.states = [
    {
      Status: 'Complete',
      ProgressSummary: { TotalNumberOfTasks: 2, NumberOfTasksSucceeded: 2, NumberOfTasksFailed: 0 },
    },
  ];
});

const batch = (...more: string[]) =>
  crossbucket(
    'cp',
    '-r',
    's3://batch-from/in',
    's3://batch-to/copy/in/',
    '--engine',
    'batch',
    '--exclude',
    '*.tmp',
    '--profile',
    'data',
    '--poll',
    '0.01',
    ...more,
  );

describe('cp --engine batch', () => {
  test('writes manifest and role, creates the job and follows it to its end', async () => {
    control.states.unshift(
      { Status: 'Preparing' },
      {
        Status: 'Active',
        ProgressSummary: { TotalNumberOfTasks: 2, NumberOfTasksSucceeded: 1, NumberOfTasksFailed: 0 },
      },
    );
    const { exit, out, err } = await batch('--yes');
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    expect(out).toContain('Job job-1 in account 222222222222\n');
    expect(out).toContain('Active: 1 of 2 copied, 0 failed\nComplete: 2 of 2 copied, 0 failed\n');
    const [job] = control.created;
    expect(job).toMatchObject({
      AccountId: ACCOUNT,
      ConfirmationRequired: false,
      Operation: { S3PutObjectCopy: { TargetResource: 'arn:aws:s3:::batch-to', TargetKeyPrefix: 'copy' } },
      Manifest: { Spec: { Format: 'S3BatchOperations_CSV_20180820', Fields: ['Bucket', 'Key'] } },
      Report: { Enabled: true, Bucket: 'arn:aws:s3:::batch-to', ReportScope: 'FailedTasksOnly' },
    });
    const key = job!.Manifest!.Location!.ObjectArn!.split(':::batch-to/')[1]!;
    const manifest = await s3.send(new GetObjectCommand({ Bucket: 'batch-to', Key: key }));
    expect(await manifest.Body!.transformToString()).toBe(
      'batch-from,in/a%20b.csv\nbatch-from,in/c%2Cd.csv\n',
    );
    expect(manifest.ETag).toBe(`"${job!.Manifest!.Location!.ETag}"`);
    const RoleName = job!.RoleArn!.split('/').at(-1)!;
    const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
    expect(decodeURIComponent(Role!.AssumeRolePolicyDocument!)).toContain('batchoperations.s3.amazonaws.com');
    const policy = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'crossbucket-batch' }));
    expect(decodeURIComponent(policy.PolicyDocument!)).toContain('arn:aws:s3:::batch-from/in/*');
  });

  test('a dry run shows all of it, and does nothing', async () => {
    const { exit, out } = await batch('--dry-run');
    expect(exit).toBe(0);
    for (const part of [
      'batchoperations.s3.amazonaws.com',
      '"Sid": "ReadSource"',
      'S3PutObjectCopy',
      '2 objects, 2 B',
      'batch-from,in/a%20b.csv',
    ])
      expect(out).toContain(part);
    expect(control.created).toEqual([]);
  });

  test('without --yes nobody is there to agree', async () => {
    expect(await batch()).toMatchObject({ exit: 2, err: expect.stringContaining('--yes') });
    expect(control.created).toEqual([]);
  });

  test('a role that is not known yet is tried again', async () => {
    control.refusals = ['Unable to assume the role', 'Unable to assume the role'];
    expect(await batch('--yes', '--json')).toMatchObject({ exit: 0, err: '' });
    expect(control.created).toHaveLength(1);
  });

  test.each([
    [
      {
        Status: 'Complete',
        ProgressSummary: { TotalNumberOfTasks: 2, NumberOfTasksSucceeded: 1, NumberOfTasksFailed: 1 },
      },
      4,
      'says which failed',
    ],
    [
      {
        Status: 'Failed',
        FailureReasons: [{ FailureCode: 'ManifestNotFound', FailureReason: 'no manifest' }],
      },
      3,
      'ManifestNotFound: no manifest',
    ],
  ] as [JobDescriptor, number, string][])('%j ends with %d', async (state, code, text) => {
    control.states = [state];
    expect(await batch('--yes')).toMatchObject({ exit: code, err: expect.stringContaining(text) });
  });

  test('a job that is refused names the account and what to do', async () => {
    control.refusals = ['Request invalid'];
    const { exit, err } = await batch('--yes');
    expect(exit).toBe(3);
    expect(err).toContain(`account ${ACCOUNT} did not take the job: Request invalid`);
    expect(err).toContain(
      'help: its caller needs s3:CreateJob, and iam:PassRole on arn:aws:iam::222222222222:role/crossbucket-batch-',
    );
  });

  test.each([
    [
      ['cp', '-r', 's3://batch-from/in', 's3://batch-to/elsewhere', '--engine', 'batch'],
      'keep the whole key',
    ],
    [['cp', 's3://batch-from/other', 's3://batch-to/other', '--engine', 'batch'], 'add --recursive'],
    [['cp', '-r', '.', 's3://batch-to/x', '--engine', 'batch'], 'from bucket to bucket'],
  ])('%j is refused', async (argv, message) => {
    expect(await crossbucket(...argv, '--profile', 'data')).toMatchObject({
      exit: 2,
      err: expect.stringContaining(message),
    });
  });
});

test('a plan says what the owner of the source must add, unless that is the same account', () => {
  const request = {
    source: { bucket: 'from', prefix: '' },
    target: { bucket: 'to', prefix: '' },
    account: ACCOUNT,
    partition: 'aws',
    sourceOwner: '111111111111',
    roleArn: undefined,
    token: 't',
    tags: true,
    storageClass: undefined,
  };
  expect(planBatch(request).sourceStatement).toMatchObject({ Resource: 'arn:aws:s3:::from/*' });
  expect(planBatch({ ...request, sourceOwner: ACCOUNT }).sourceStatement).toBeUndefined();
  expect(targetFolder({ bucket: 'a', prefix: 'x/' }, { bucket: 'b', prefix: 'yx/' })).toBeUndefined();
  expect(targetFolder({ bucket: 'a', prefix: 'x/' }, { bucket: 'b', prefix: 'x/' })).toBe('');
  expect(manifestLine('b', 'a/"\n,ü')).toBe('b,a/%22%0A%2C%C3%BC\n');
});
