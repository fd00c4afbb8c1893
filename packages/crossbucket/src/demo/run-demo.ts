import { createReadStream } from 'node:fs';
import { CreateRoleCommand, PutRolePolicyCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import {
  GetObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { openBucket, type Bucket } from '@crossbucket/access';
import {
  APP,
  assumePolicy,
  BUCKET,
  bucketPolicy,
  DATA,
  EXTERNAL_ID,
  readPolicy,
  ROLE,
  ROLE_ARN,
  trustPolicy,
  USER,
  USER_ARN,
} from './documents.ts';
import { PREFIX, sameBytes, type DemoFile } from './files.ts';
import { describeDenial, type DemoStep } from './report.ts';
import type { Stage } from './stage.ts';

/** The main job, step by step: each is done when it is asked for. */
export async function* runDemo(stage: Stage, files: readonly DemoFile[]): AsyncGenerator<DemoStep> {
  yield* putFiles(stage, files);
  yield* byBucketPolicy(stage, files);
  yield* byRole(stage, files);
  yield* denials(stage, files);
}

async function* putFiles(stage: Stage, files: readonly DemoFile[]): AsyncGenerator<DemoStep> {
  const bucket = openBucket({
    bucket: BUCKET,
    expectedOwner: DATA,
    credentials: stage.owner,
    clientConfig: stage.configuration(stage.owner),
  });
  for (const { key, path, size } of files) await bucket.put(key, createReadStream(path), { size });
  const listed = await stage.list(stage.s3(stage.owner), PREFIX);
  yield check(`The owner, account ${DATA}, puts files into s3://${BUCKET}`, {
    name: `put ${files.length} files under ${PREFIX}`,
    expected: `${files.length} objects`,
    actual: `${listed.length} objects`,
    detail: files.map(({ key }) => key.slice(PREFIX.length)).join(', '),
  });
}

async function* byBucketPolicy(stage: Stage, files: readonly DemoFile[]): AsyncGenerator<DemoStep> {
  const group = 'Route bucket-policy: the bucket names the source principal';
  await stage
    .s3(stage.owner)
    .send(new PutBucketPolicyCommand({ Bucket: BUCKET, Policy: JSON.stringify(bucketPolicy) }));
  yield done(group, `account ${DATA} lets ${USER_ARN} read, in the bucket policy`, 'policy written');
  await stage.iam(APP).send(
    new PutUserPolicyCommand({
      UserName: USER,
      PolicyName: 'read-acme-reports',
      PolicyDocument: JSON.stringify(readPolicy),
    }),
  );
  yield done(
    group,
    `account ${APP} lets its user ${USER} read there, in the user's own policy`,
    'policy written',
  );
  const bucket = openBucket({
    bucket: BUCKET,
    expectedOwner: DATA,
    credentials: stage.service,
    clientConfig: stage.configuration(stage.service),
  });
  yield* readAll(group, stage, stage.s3(stage.service), bucket, files);
}

async function* byRole(stage: Stage, files: readonly DemoFile[]): AsyncGenerator<DemoStep> {
  const group = 'Route role: the source assumes a role of the destination';
  const iam = stage.iam(DATA);
  const trust = JSON.stringify(trustPolicy);
  await iam.send(new CreateRoleCommand({ RoleName: ROLE, AssumeRolePolicyDocument: trust }));
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: ROLE,
      PolicyName: 'read',
      PolicyDocument: JSON.stringify(readPolicy),
    }),
  );
  yield done(group, `account ${DATA} makes ${ROLE_ARN}, which asks for an ExternalId`, 'role made');
  await stage.iam(APP).send(
    new PutUserPolicyCommand({
      UserName: USER,
      PolicyName: 'assume-reports-reader',
      PolicyDocument: JSON.stringify(assumePolicy),
    }),
  );
  yield done(group, `account ${APP} lets its user ${USER} assume it`, 'policy written');
  const session = await assume(stage);
  yield done(group, 'sts:AssumeRole with the ExternalId', session.arn);
  yield* readAll(group, stage, stage.s3(session.credentials), bucketByRole(stage), files);
}

/** Lists with `ListObjectsV2`, then gets every file and compares it with what was put. */
async function* readAll(
  group: string,
  stage: Stage,
  client: S3Client,
  bucket: Bucket,
  files: readonly DemoFile[],
): AsyncGenerator<DemoStep> {
  const keys = await stage.list(client, PREFIX);
  yield check(group, {
    name: 'ListObjectsV2',
    expected: `${files.length} keys`,
    actual: `${keys.length} keys`,
    detail: `s3://${BUCKET}/${PREFIX}`,
  });
  let same = 0;
  let bytes = 0;
  for (const { key, path, size } of files) {
    const object = await bucket.get(key);
    if (await sameBytes(createReadStream(path), object.stream())) same += 1;
    bytes += size;
  }
  yield check(group, {
    name: 'GetObject of each, every byte compared',
    expected: `${files.length} files the same`,
    actual: `${same} files the same`,
    detail: `${bytes} bytes`,
  });
}

async function* denials(stage: Stage, files: readonly DemoFile[]): AsyncGenerator<DemoStep> {
  const group = 'What must not work, and why';
  const key = files[0]!.key;
  const write = new PutObjectCommand({ Bucket: BUCKET, Key: `${PREFIX}new.txt`, Body: 'no' });
  const read = () => new GetObjectCommand({ Bucket: BUCKET, Key: key });

  yield await denied(stage, group, 'a write with the read-only bucket policy', 'AccessDenied', () =>
    stage.s3(stage.service).send(write),
  );
  yield await denied(stage, group, 'an AssumeRole without the ExternalId', 'AccessDenied', () =>
    stage.sts(stage.service).send(new AssumeRoleCommand({ RoleArn: ROLE_ARN, RoleSessionName: 'forgetful' })),
  );
  yield await denied(stage, group, 'a read by an account with neither', 'AccessDenied', () =>
    stage.s3(stage.stranger).send(read()),
  );
  yield await denied(stage, group, 'an AssumeRole by that account', 'AccessDenied', () =>
    stage
      .sts(stage.stranger)
      .send(
        new AssumeRoleCommand({ RoleArn: ROLE_ARN, RoleSessionName: 'stranger', ExternalId: EXTERNAL_ID }),
      ),
  );
  const session = await assume(stage);
  yield await denied(stage, group, 'a write with the session of the read-only role', 'AccessDenied', () =>
    stage.s3(session.credentials).send(write),
  );
  const bucket = bucketByRole(stage);
  await bucket.head(key);
  stage.clock.advance(3_601_000);
  yield {
    ...(await denied(stage, group, 'a read after the session has ended', 'ExpiredToken', () =>
      stage.s3(session.credentials).send(read()),
    )),
    detail: `account ${DATA}: the session ${session.arn} ended at ${session.expiration.toISOString()}, and it is ${new Date(stage.clock.now()).toISOString()} on the sandbox's clock`,
  };
  const head = await bucket.head(key);
  yield check(group, {
    name: 'the same read through openBucket, which fetches a new session',
    expected: `${files[0]!.size} bytes`,
    actual: `${head.size} bytes`,
    detail: key,
  });
}

function bucketByRole(stage: Stage): Bucket {
  return openBucket({
    bucket: BUCKET,
    role: {
      roleArn: ROLE_ARN,
      externalId: EXTERNAL_ID,
      credentials: stage.service,
      clientConfig: { region: 'us-east-1', endpoint: stage.sandbox.endpoint },
    },
    clientConfig: { region: 'us-east-1', endpoint: stage.sandbox.endpoint },
  });
}

async function assume(stage: Stage) {
  const { Credentials, AssumedRoleUser } = await stage
    .sts(stage.service)
    .send(new AssumeRoleCommand({ RoleArn: ROLE_ARN, RoleSessionName: 'demo', ExternalId: EXTERNAL_ID }));
  return {
    arn: AssumedRoleUser!.Arn!,
    expiration: Credentials!.Expiration!,
    credentials: {
      accessKeyId: Credentials!.AccessKeyId!,
      secretAccessKey: Credentials!.SecretAccessKey!,
      sessionToken: Credentials!.SessionToken!,
    },
  };
}

function check(group: string, step: Omit<DemoStep, 'group' | 'ok'>): DemoStep {
  return { group, ...step, ok: step.expected === step.actual };
}

/** A step that is shown by not having thrown. */
function done(group: string, name: string, actual: string): DemoStep {
  return { group, name, expected: actual, actual, ok: true, detail: '' };
}

/** A call that must be denied with an error code; the sandbox says why, whatever the caller is told. */
async function denied(
  stage: Stage,
  group: string,
  name: string,
  expected: string,
  call: () => Promise<unknown>,
): Promise<DemoStep> {
  try {
    await call();
    return check(group, { name, expected, actual: 'allowed', detail: '' });
  } catch (error) {
    const { name: actual, $metadata } = error as { name: string; $metadata?: { requestId?: string } };
    const decision = stage.sandbox.decision($metadata?.requestId ?? '');
    return check(group, { name, expected, actual, detail: describeDenial(decision) });
  }
}
