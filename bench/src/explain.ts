import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  CreateRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { explainSituation, type Situation } from 'crossbucket/explain';
import { canMeasure, measure } from './measured.ts';
import { median, printRows, type Row } from './report.ts';

const [MANAGEMENT, APP, DATA] = ['999999999999', '111111111111', '222222222222'] as const;
const BUCKETS = 200;
const ROLES = 1000;
const ROUNDS = 5;
const AT_ONCE = 32;

const SERVICE = `arn:aws:iam::${APP}:user/service`;
const READER = `arn:aws:iam::${DATA}:role/reader`;
const EXTERNAL_ID = 'acme-7f3a';

const COMMAND = fileURLToPath(new URL('../../packages/crossbucket/bin/crossbucket.js', import.meta.url));

/** The commands as a user runs them, from process start, against a sandbox in another process; and the evaluation alone. */
export async function benchExplain(): Promise<void> {
  const aws = await startSandbox({
    config: {
      accounts: [
        { id: MANAGEMENT, name: 'management' },
        { id: APP, name: 'app', users: [{ name: 'service' }] },
        { id: DATA, name: 'data' },
      ],
      organization: { management: MANAGEMENT, root: { accounts: [APP, DATA] } },
    },
  });
  try {
    await setStage(aws);
    const env = {
      ...process.env,
      AWS_CONFIG_FILE: aws.profiles,
      AWS_SHARED_CREDENTIALS_FILE: aws.credentialsFile,
    };
    const reads = ['--profile', 'app', '--profile', 'data', '--profile', 'management', '--json'];
    const explain = ['explain', 's3:GetObject', 's3://acme-0/reports/q1.csv', '--as', SERVICE];
    const byRole = [...explain, '--via', READER, '--external-id', EXTERNAL_ID, ...reads];
    printRows('Explain, on the sandbox, from process start', [
      {
        name: 'explain by bucket policy',
        ...(await timed([...explain, ...reads], env)),
        ...target(1500, 'ms'),
      },
      { name: 'explain by a role, with KMS', ...(await timed(byRole, env)), ...target(1500, 'ms') },
      { name: 'the evaluation of a denied call, with fixes', ...evaluation(), ...target(5, 'ms') },
    ]);
    printRows(`Who, over ${BUCKETS} buckets and ${ROLES} roles`, [
      ...(await cost('who s3://BUCKET', ['who', 's3://acme-0', '--inside', ...reads], env)),
      ...(await cost('who --as', ['who', '--as', SERVICE, ...reads], env)),
    ]);
  } finally {
    await aws.close();
  }
}

const target = (value: number, unit: string): Pick<Row, 'unit' | 'yardstick'> => ({
  unit,
  yardstick: { name: 'the target', value },
});

/** Exit 1 is an answer as well. */
function run(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [COMMAND, ...argv], { env, maxBuffer: 2 ** 28 }, (error, _, err) => {
      if (error === null || error.code === 1) resolve();
      else reject(new Error(`exit ${error.code}: ${err}`));
    });
  });
}

async function timed(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<{ value: number }> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    await run(argv, env);
    times.push(performance.now() - started);
  }
  return { value: median(times) };
}

async function cost(name: string, argv: readonly string[], env: NodeJS.ProcessEnv): Promise<Row[]> {
  if (!canMeasure()) return [{ name, ...(await timed(argv, env)), ...target(10_000, 'ms') }];
  const { wall, cpu, memory } = await measure([process.execPath, COMMAND, ...argv], env);
  return [
    { name, value: wall * 1000, ...target(10_000, 'ms') },
    { name: `${name}: CPU of the command`, value: cpu * 1000, unit: 'ms' },
    { name: `${name}: largest memory`, value: memory, ...target(300, 'MiB') },
  ];
}

const policy = (...Statement: object[]) => ({ Version: '2012-10-17' as const, Statement });
const allow = (statement: object) => ({ Effect: 'Allow', ...statement });

const objects = (bucket: string) =>
  allow({ Action: ['s3:GetObject', 's3:PutObject'], Resource: `arn:aws:s3:::${bucket}/reports/*` });

async function setStage(aws: Sandbox): Promise<void> {
  const as = (account: string) => ({
    region: 'us-east-1',
    endpoint: aws.endpoint,
    credentials: aws.account(account).root,
  });
  const [s3, iam, appIam, kms] = [
    new S3Client({ ...as(DATA), forcePathStyle: true }),
    new IAMClient(as(DATA)),
    new IAMClient(as(APP)),
    new KMSClient(as(DATA)),
  ];
  const own = policy(
    allow({ Action: ['s3:*', 'sts:AssumeRole', 'kms:Decrypt', 'kms:GenerateDataKey'], Resource: '*' }),
  );
  await appIam.send(
    new PutUserPolicyCommand({ UserName: 'service', PolicyName: 'own', PolicyDocument: JSON.stringify(own) }),
  );
  const keyPolicy = policy(
    allow({ Principal: { AWS: DATA }, Action: 'kms:*', Resource: '*' }),
    allow({ Principal: { AWS: SERVICE }, Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: '*' }),
  );
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Policy: JSON.stringify(keyPolicy) }));
  await atOnce(BUCKETS, async (index) => {
    const Bucket = `acme-${index}`;
    await s3.send(new CreateBucketCommand({ Bucket }));
    const document = policy({ ...objects(Bucket), Sid: 'Service', Principal: { AWS: SERVICE } });
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify(document) }));
  });
  await s3.send(
    new PutBucketEncryptionCommand({
      Bucket: 'acme-0',
      ServerSideEncryptionConfiguration: {
        Rules: [
          {
            ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: KeyMetadata!.Arn },
          },
        ],
      },
    }),
  );
  await s3.send(new PutObjectCommand({ Bucket: 'acme-0', Key: 'reports/q1.csv', Body: 'a,b' }));
  await atOnce(ROLES, async (index) => {
    const RoleName = index === 0 ? 'reader' : `role-${index}`;
    const trust = policy(
      allow({
        Principal: { AWS: index === 0 ? SERVICE : `arn:aws:iam::${DATA}:root` },
        Action: 'sts:AssumeRole',
        ...(index === 0 && { Condition: { StringEquals: { 'sts:ExternalId': EXTERNAL_ID } } }),
      }),
    );
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) }));
    const document = policy(
      objects(index === 0 ? 'acme-0' : `acme-${index % BUCKETS}`),
      allow({ Action: 'kms:Decrypt', Resource: '*' }),
      // Every tenth may become the next.
      ...(index % 10 === 1
        ? [allow({ Action: 'sts:AssumeRole', Resource: `arn:aws:iam::${DATA}:role/role-${index + 10}` })]
        : []),
    );
    await iam.send(
      new PutRolePolicyCommand({ RoleName, PolicyName: 'own', PolicyDocument: JSON.stringify(document) }),
    );
  });
}

async function atOnce(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** A call that two documents deny, with everything known. */
function evaluation(): { value: number } {
  const situation: Situation = {
    world: {
      accounts: {
        [APP]: {
          id: APP,
          principals: {
            [SERVICE]: {
              kind: 'user',
              arn: SERVICE,
              uniqueId: 'AIDASERVICE000000000',
              policies: [{ name: 'own', document: policy(objects('acme-1')) as never }],
            },
          },
          buckets: {},
          keys: {},
        },
        [DATA]: {
          id: DATA,
          principals: {},
          keys: {},
          buckets: {
            'acme-0': {
              name: 'acme-0',
              region: 'us-east-1',
              ownership: 'BucketOwnerEnforced',
              policy: {
                name: 'bucket policy of acme-0',
                document: policy({ ...objects('acme-2'), Principal: { AWS: SERVICE } }) as never,
              },
            },
          },
        },
      },
    },
    caller: { principal: SERVICE },
    calls: [{ service: 's3', operation: 'GetObject', input: { Bucket: 'acme-0', Key: 'reports/q1.csv' } }],
    facts: { now: '2026-06-01T12:00:00.000Z' },
  };
  const times: number[] = [];
  for (let round = 0; round < 200; round++) {
    const started = performance.now();
    explainSituation(situation);
    times.push(performance.now() - started);
  }
  return { value: median(times.slice(50)) };
}
