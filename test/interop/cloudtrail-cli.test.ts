import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { SandboxClock, startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cli, hasCli } from './cli.ts';
import { clientsOf, DESTINATION, documentOf, SOURCE, type Clients } from './clients.ts';

const LOGS = 'cli-logs';
const ARN = `arn:aws:cloudtrail:us-east-1:${DESTINATION}:trail/cli-trail`;
let aws: Sandbox;
let clock: SandboxClock;
let folder: string;
let owner: Clients;

beforeAll(async () => {
  clock = new SandboxClock();
  folder = mkdtempSync(join(tmpdir(), 'crossbucket-cli-'));
  aws = await startSandbox({ clock, accounts: [SOURCE, DESTINATION] });
  owner = clientsOf(aws, aws.account(DESTINATION).root);
  useEndpointForS3(folder, aws.endpoint);
  await owner.s3.send(new CreateBucketCommand({ Bucket: LOGS }));
  const Policy = documentOf({
    Principal: { Service: 'cloudtrail.amazonaws.com' },
    Action: ['s3:GetBucketAcl', 's3:PutObject'],
    Resource: [`arn:aws:s3:::${LOGS}`, `arn:aws:s3:::${LOGS}/AWSLogs/${DESTINATION}/*`],
    Condition: { StringEquals: { 'aws:SourceArn': ARN } },
  });
  await owner.s3.send(new PutBucketPolicyCommand({ Bucket: LOGS, Policy }));
});
afterAll(async () => {
  await aws.close();
  rmSync(folder, { recursive: true, force: true });
});

/** `validate-logs` makes S3 clients of its own, which older versions of the CLI do not tell the endpoint: its models do. */
function useEndpointForS3(home: string, endpoint: string): void {
  const models = join(home, '.aws/models/s3/2006-03-01');
  mkdirSync(models, { recursive: true });
  const text = (builtIn?: string) => ({ type: 'String', documentation: '', ...(builtIn && { builtIn }) });
  const url = { url: `${endpoint}/{Bucket}`, headers: {}, properties: {} };
  const rules = {
    version: '1.0',
    parameters: { Bucket: text(), Region: text('AWS::Region'), Endpoint: text('SDK::Endpoint') },
    rules: [{ type: 'endpoint', conditions: [{ fn: 'isSet', argv: [{ ref: 'Bucket' }] }], endpoint: url }],
  };
  writeFileSync(join(models, 'endpoint-rule-set-1.json'), JSON.stringify(rules));
}

const run = (...words: (string | string[])[]) => cli(aws, folder, DESTINATION, 'cloudtrail', ...words);

/** What the digests since the trail began come to. */
async function validate(start: Date, ...more: string[]) {
  const end = new Date(clock.now() + 1000).toISOString();
  return run(
    `validate-logs --trail-arn ${ARN} --start-time ${start.toISOString()} --end-time ${end}`,
    ...more,
  );
}

async function keysUnder(Prefix: string): Promise<string[]> {
  const { Contents = [] } = await owner.s3.send(new ListObjectsV2Command({ Bucket: LOGS, Prefix }));
  return Contents.map(({ Key }) => Key!);
}

/** Moves on by an hour: whatever is due has been delivered then. */
async function nextHour(): Promise<void> {
  clock.advance(3_600_000);
  await aws.deliverTrails();
}

describe.skipIf(!hasCli)('the AWS CLI', () => {
  let start: Date;

  test('makes a trail that is validated, and starts it', async () => {
    start = new Date(clock.now());
    const made = await run(
      `create-trail --name cli-trail --s3-bucket-name ${LOGS} --enable-log-file-validation`,
    );
    expect(made).toMatchObject({ code: 0, out: expect.stringContaining(ARN) });
    expect(await run('start-logging --name cli-trail')).toMatchObject({ code: 0 });
    expect(await run('get-trail-status --name cli-trail --query IsLogging')).toMatchObject({ out: 'True' });
    expect(await run('create-trail --name another --s3-bucket-name no-such-logs')).toMatchObject({
      code: 254,
      err: expect.stringContaining('(S3BucketDoesNotExistException)'),
    });
  });

  test('looks up events', async () => {
    const found = await run(
      'lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=CreateTrail',
      '--query Events[].[EventName,Username,ReadOnly]',
    );
    expect(found.out.split('\n')).toEqual([
      expect.stringMatching(/^CreateTrail\troot\tfalse$/),
      expect.stringMatching(/^CreateTrail\troot\tfalse$/),
    ]);
  });

  test('finds hours of logs valid', async () => {
    await owner.s3.send(new CreateBucketCommand({ Bucket: 'something' }));
    await nextHour();
    await owner.s3.send(new CreateBucketCommand({ Bucket: 'something-else' }));
    await nextHour();
    await nextHour();
    expect(await keysUnder(`AWSLogs/${DESTINATION}/CloudTrail-Digest/`)).toHaveLength(3);
    expect(await keysUnder(`AWSLogs/${DESTINATION}/CloudTrail/`)).toHaveLength(2);
    const { code, out, err } = await validate(start, '--verbose');
    expect(err).toBe('');
    expect(out).toContain('3/3 digest files valid');
    expect(out).toContain('2/2 log files valid');
    expect(code).toBe(0);
  });

  test('finds a log file that was changed, one that is gone, and a digest that is gone', async () => {
    const [changed, gone] = await keysUnder(`AWSLogs/${DESTINATION}/CloudTrail/`);
    const at = { Bucket: LOGS, Key: changed! };
    const { Body } = await owner.s3.send(new GetObjectCommand(at));
    const text = gunzipSync(await Body!.transformToByteArray()).toString('utf8');
    await owner.s3.send(
      new PutObjectCommand({ ...at, Body: gzipSync(text.replace('something', 'some-thing')) }),
    );
    await owner.s3.send(new DeleteObjectCommand({ Bucket: LOGS, Key: gone! }));
    const files = await validate(start);
    expect(files).toMatchObject({ code: 1, out: expect.stringContaining('2/2 log files INVALID') });
    expect(files.err).toMatch(new RegExp(`${changed!}\\s+INVALID: hash value doesn't match`));
    expect(files.err).toMatch(new RegExp(`${gone!}\\s+INVALID: not found`));

    const [, middle] = await keysUnder(`AWSLogs/${DESTINATION}/CloudTrail-Digest/`);
    await owner.s3.send(new DeleteObjectCommand({ Bucket: LOGS, Key: middle! }));
    const digests = await validate(start);
    expect(digests.code).toBe(1);
    expect(digests.err).toMatch(new RegExp(`${middle!}\\s+INVALID: not found`));
    expect(digests.out).toContain('2/3 digest files valid, 1/3 digest files INVALID');
  });
});
