import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import {
  CreatePolicyCommand,
  DeletePolicyCommand,
  DeleteUserPolicyCommand,
  DetachUserPolicyCommand,
  GetPolicyCommand,
  ListAttachedUserPoliciesCommand,
  PutUserPolicyCommand,
  UpdateRoleCommand,
} from '@aws-sdk/client-iam';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { explainDenials } from '@crossbucket/access';
import { explain as explainInCode } from 'crossbucket/explain';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { run } from '../../packages/crossbucket/src/cli/main.ts';
import type { Explanation } from '../../packages/crossbucket/src/explain/explanation.ts';
import type { WhoAnswer } from '../../packages/crossbucket/src/explain/who/answer-who.ts';
import { FaultProxy } from '../grants/fault-proxy.ts';
import { makeCall } from './make-call.ts';
import { Breaker } from './mutation.ts';
import { caseOf } from './pairs.ts';
import { Random } from './random.ts';
import {
  ENDPOINTS,
  EXTERNAL_ID,
  HOP,
  OBJECT_ARN,
  READER,
  SERVICE,
  situationOf,
  workingSetup,
  type RouteKind,
  type Setup,
} from './setup.ts';
import { setStage, type Stage } from './stage.ts';
import { WAYS } from './ways/index.ts';

let stage: Stage;
let folder: string;

beforeAll(async () => {
  stage = await setStage();
  folder = mkdtempSync(join(tmpdir(), 'explain-'));
  // Backups go where the command runs.
  vi.spyOn(process, 'cwd').mockReturnValue(folder);
  vi.stubEnv('AWS_CONFIG_FILE', stage.aws.profiles);
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', stage.aws.credentialsFile);
  vi.stubEnv('AWS_MAX_ATTEMPTS', '1');
});
afterAll(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
  await stage.aws.close();
});

async function crossbucket(...argv: string[]): Promise<{ exit: number; out: string; err: string }> {
  const texts = { out: '', err: '' };
  const into = (name: 'out' | 'err') =>
    new Writable({
      write(chunk: Buffer, _, done) {
        texts[name] += chunk.toString();
        done();
      },
    });
  const style = { bold: String, dim: String, green: String, red: String };
  const exit = await run(argv, { out: into('out'), err: into('err'), style });
  return { exit, ...texts };
}

async function explain(...argv: string[]): Promise<Explanation> {
  const { out, err } = await crossbucket('explain', ...argv, '--json');
  if (out === '') throw new Error(err);
  return JSON.parse(out) as Explanation;
}

const OBJECT = 's3://acme-reports/reports/q1.csv';
const READS = ['--profile', 'app', '--profile', 'data', '--profile', 'management'];

describe('what is allowed', () => {
  test('through an access point, by its alias', async () => {
    const { outcome, question } = await explain(
      's3:GetObject',
      `s3://${stage.alias}/reports/q1.csv`,
      '--as',
      SERVICE,
      ...READS,
    );
    expect({ outcome, ...question }).toMatchObject({ outcome: 'allow', resource: OBJECT_ARN });
  });

  test('but that there is nothing, of which a HEAD says no more than its status', async () => {
    const { outcome, causes, evidence } = await explain(
      'HeadObject',
      's3://acme-reports/reports/nothing.csv',
      '--as',
      SERVICE,
      '--error',
      'An error occurred (404) when calling the HeadObject operation: Not Found',
      ...READS,
    );
    expect({ outcome, first: causes[0]?.code, agrees: evidence?.agrees }).toEqual({
      outcome: 'deny',
      first: 'missing-list-permission',
      agrees: true,
    });
  });

  test.each([
    ['the bucket policy', ['--as', SERVICE]],
    ['a profile', ['--as', 'app-service', '--context', 'aws:SourceIp=203.0.113.7']],
    ['a role', ['--as', SERVICE, '--via', READER, '--external-id', EXTERNAL_ID]],
    [
      'two roles',
      ['--as', SERVICE, '--via', HOP, '--via', READER, '--context', `sts:ExternalId=${EXTERNAL_ID}`],
    ],
  ])('by %s', async (_, how) => {
    const { exit, out } = await crossbucket('explain', 's3:GetObject', OBJECT, ...how, ...READS);
    expect({ exit, out }).toMatchObject({
      exit: 0,
      out: expect.stringMatching(/^ALLOWED {2}s3:GetObject on s3:\/\/acme-reports/),
    });
  });

  test('without a profile of the management account, unless an SCP denies it', async () => {
    const { exit, out } = await crossbucket(
      'explain',
      's3:GetObject',
      OBJECT,
      '--as',
      SERVICE,
      '--profile',
      'app',
      '--profile',
      'data',
    );
    expect(exit).toBe(1);
    expect(out).toContain('DEPENDS');
    expect(out).toContain(
      `unknown: an SCP of 111111111111: no permission for organizations:ListPoliciesForTarget`,
    );
  });
});

test('what is denied: the account, the document, the statement and the fix', () =>
  whileBroken(async () => {
    const { outcome, causes, steps, partial } = await explain(
      's3:GetObject',
      OBJECT,
      '--as',
      SERVICE,
      ...READS,
    );
    expect({ outcome, partial }).toEqual({ outcome: 'deny', partial: false });
    expect(steps).toMatchObject([{ call: 's3:GetObject', principal: SERVICE, outcome: 'deny' }]);
    expect(causes).toMatchObject([
      {
        code: 'resource-policy-missing-allow',
        account: '222222222222',
        layer: 'resource-policy',
        document: { kind: 'resource-policy', name: 'bucket policy of acme-reports' },
        statement: { sid: 'Reports', index: 0 },
        nearest: { failed: [{ element: 'Resource', wanted: ['arn:aws:s3:::acme-reports/archive/*'] }] },
        fixes: [
          { account: '222222222222', outcome: 'allow', patch: { diff: expect.stringContaining('+') } },
          {},
        ],
      },
    ]);
    const { out } = await crossbucket('explain', 's3:GetObject', OBJECT, '--as', SERVICE, ...READS);
    expect(out).toContain(
      'DENIED  s3:GetObject on s3://acme-reports/reports/q1.csv: resource-policy-missing-allow',
    );
    expect(out).toContain('"Resource": "arn:aws:s3:::acme-reports/archive/*"  ← the call has');
    expect(out).toContain('with it, the call is allowed');
  }));

/** Breaks the bucket policy for as long as a test takes. */
async function whileBroken(work: () => Promise<void>): Promise<void> {
  const breaker = new Breaker(stage);
  const setup = workingSetup('bucket-policy', stage);
  const { policy } = setup.world.accounts['222222222222']!.buckets['acme-reports']!;
  (policy!.document.Statement as { Resource: string }[])[0]!.Resource = 'arn:aws:s3:::acme-reports/archive/*';
  await breaker.stand(setup);
  try {
    await work();
  } finally {
    await new Breaker(stage, undefined, setup).stand(workingSetup('bucket-policy', stage));
  }
}

const serviceClient = () =>
  new S3Client({
    region: 'us-east-1',
    endpoint: stage.aws.endpoint,
    credentials: stage.key,
    forcePathStyle: true,
    maxAttempts: 1,
  });
const get = new GetObjectCommand({ Bucket: 'acme-reports', Key: 'reports/q1.csv' });

describe('from evidence', () => {
  test('the message of the SDK, and the record of CloudTrail, tell the whole question', () =>
    whileBroken(async () => {
      const error = await serviceClient()
        .send(get)
        .catch((failure: Error) => failure);
      const byMessage = await explain('--error', (error as Error).message, ...READS);
      expect(byMessage).toMatchObject({
        outcome: 'deny',
        evidence: { claim: 'resource-policy-missing-allow', agrees: true },
        causes: [{ code: 'resource-policy-missing-allow' }],
      });
      const records = stage.aws
        .records('data')
        .filter(({ eventName }) => eventName === 'GetObject')
        .slice(-2);
      const file = join(folder, 'event.json');
      writeFileSync(file, JSON.stringify({ Records: records }));
      expect(await explain('--event', file, ...READS)).toMatchObject({
        outcome: 'deny',
        requires: [],
        evidence: { agrees: true },
        causes: [{ code: 'resource-policy-missing-allow' }],
      });
      const answer = await explainInCode(error as Error, { profiles: ['app', 'data', 'management'] });
      expect(answer.causes[0]?.code).toBe('resource-policy-missing-allow');
      const client = explainDenials(serviceClient(), {
        explain: (call) => explainInCode(call, { as: SERVICE, profiles: ['app', 'data', 'management'] }),
      });
      const explained = await client.send(get).catch((failure: unknown) => failure);
      expect(explained).toMatchObject({
        message: expect.stringContaining('no resource policy of account 222222222222 allows'),
        explained: { outcome: 'deny' },
      });
    }));

  test.each<[string, string, string]>([
    [
      'An error occurred (ExpiredToken) when calling the GetObject operation: The provided token has expired.',
      'credentials-expired',
      '0',
    ],
    [
      'InvalidAccessKeyId: The AWS Access Key Id you provided does not exist in our records.',
      'credentials-invalid',
      '0',
    ],
    [
      '<Error><Code>RequestTimeTooSkewed</Code><Message>The difference is too large.</Message></Error>',
      'clock-skew',
      '0',
    ],
    [
      'An error occurred (RegionDisabledException) when calling the AssumeRole operation: STS is not activated in this region for account:222222222222.',
      'sts-region-disabled',
      '0',
    ],
    [
      `User: ${SERVICE} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::acme-reports/reports/q1.csv" because no session policy allows the s3:GetObject action`,
      'session-policy-missing-allow',
      '0',
    ],
    [
      `User: ${SERVICE} is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`,
      'kms-key-policy',
      '0',
    ],
    [
      'AuthorizationHeaderMalformed: The authorization header is malformed; the Credential is mal-formed.',
      'credentials-invalid',
      '0',
    ],
  ])('%s', async (message, code) => {
    const { outcome, causes } = await explain(
      's3:GetObject',
      OBJECT,
      '--as',
      SERVICE,
      '--error',
      message,
      ...READS,
    );
    expect({ outcome, first: causes[0]?.code }).toEqual({ outcome: 'deny', first: code });
  });

  test('a denial of what the policies allow is shown as a contradiction', async () => {
    const { evidence } = await explain(
      's3:GetObject',
      OBJECT,
      '--as',
      SERVICE,
      '--error',
      'Access Denied',
      ...READS,
    );
    expect(evidence).toMatchObject({
      agrees: false,
      contradiction: expect.stringContaining('it is allowed'),
    });
  });
});

describe('--probe: what can be told from outside', () => {
  const FROM_OUTSIDE = ['--as', 'app-service', '--profile', 'app-service'];

  test('without it, nothing is tried', async () => {
    const { outcome, probes } = await explain('s3:GetObject', OBJECT, ...FROM_OUTSIDE);
    expect({ outcome, probes }).toEqual({ outcome: 'depends', probes: undefined });
  });

  test('a denied call: what was tried, what it tells, what AWS says, and whom to ask', async () => {
    const before = stage.aws.records().length;
    const { exit, out } = await crossbucket(
      'explain',
      's3:GetObject',
      's3://acme-reports/archive/x',
      ...FROM_OUTSIDE,
      '--probe',
      '--json',
    );
    const { outcome, probes, evidence, message } = JSON.parse(out) as Explanation;
    expect({ exit, outcome }).toEqual({ exit: 1, outcome: 'deny' });
    expect(probes?.map(({ call, answer, step }) => [call, answer, step])).toEqual([
      ['GetCallerIdentity', 'allowed', undefined],
      ['HeadBucket', 'denied', undefined],
      ['HeadObject', 'denied', 0],
      ['GetObject', 'denied', 0],
    ]);
    expect(evidence?.message).toContain('is not authorized to perform: s3:GetObject');
    expect(message).toContain('I tried:\n- HeadBucket on s3://acme-reports');
    expect(message).toContain('the policies of whoever owns bucket `acme-reports`');
    expect(message).toContain('Or let me read it, in account 111111111111: iam:GetUser');
    const made = stage.aws.records().slice(before);
    expect(made.filter(({ readOnly }) => readOnly !== true)).toEqual([]);
  });

  test.each([
    [
      'an object that the policies let it read, under a key that has the last word',
      ['s3:GetObject', OBJECT],
      'depends',
      's3:GetObject',
    ],
    ['a HEAD of it', ['s3:HeadObject', OBJECT], 'allow', 's3:HeadObject'],
    ['a listing', ['s3:ListBucket', 's3://acme-reports/reports/'], 'allow', 's3:ListObjectsV2'],
    ['a role', ['sts:AssumeRole', HOP], 'allow', 'sts:AssumeRole'],
    [
      'an object by a role',
      ['HeadObject', OBJECT, '--via', READER, '--external-id', EXTERNAL_ID],
      'allow',
      's3:HeadObject',
    ],
    ['a write, which nothing harmless tells of', ['s3:PutObject', OBJECT], 'depends', 's3:PutObject'],
    ['a role without its external id', ['s3:GetObject', OBJECT, '--via', READER], 'deny', 's3:GetObject'],
    ['a bucket that is not there', ['s3:ListBucket', 's3://acme-nowhere'], 'deny', 's3:ListObjectsV2'],
  ])('%s', async (_, question, outcome, call) => {
    const answer = await explain(...question, ...FROM_OUTSIDE, '--probe');
    expect({ outcome: answer.outcome, call: answer.steps.at(-1)?.call }).toEqual({ outcome, call });
    if (question[0] === 's3:PutObject')
      expect(answer.notes).toContain('no harmless call tells whether s3:PutObject is allowed');
  });

  test('the key that has the last word is named', async () => {
    const { probes } = await explain('s3:GetObject', OBJECT, ...FROM_OUTSIDE, '--probe');
    expect(probes?.at(-1)).toMatchObject({ call: 'HeadObject', answer: 'allowed', key: stage.names.key });
  });

  test('in the name of somebody else, only the bucket is looked at', async () => {
    const { probes } = await explain(
      's3:GetObject',
      OBJECT,
      '--as',
      SERVICE,
      '--profile',
      'outside-writer',
      '--probe',
    );
    expect(probes?.map(({ call }) => call)).toEqual(['GetCallerIdentity', 'HeadBucket']);
  });
});

test('--fix writes the patch, --apply makes the call succeed, and nothing is written without it', () =>
  whileBroken(async () => {
    const ask = ['explain', 's3:GetObject', OBJECT, '--as', SERVICE, ...READS];
    const file = join(folder, 'fix.json');
    expect((await crossbucket(...ask, '--fix', file)).exit).toBe(1);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject([
      {
        code: 'resource-policy-missing-allow',
        account: '222222222222',
        patch: { after: { Statement: expect.any(Array) } },
      },
    ]);
    await expect(serviceClient().send(get)).rejects.toThrow();
    expect(await crossbucket(...ask, '--apply')).toMatchObject({
      exit: 2,
      err: expect.stringContaining('--yes'),
    });
    await expect(serviceClient().send(get)).rejects.toThrow();
    const { exit, err } = await crossbucket(...ask, '--apply', '--yes');
    expect({ exit, err }).toMatchObject({ exit: 0, err: expect.stringContaining('is changed') });
    await serviceClient().send(get);
  }));

describe('--apply makes the fix, and the call that was refused succeeds', () => {
  /** The call of a broken setup as a command line. */
  function askFor({ call: { operation, input, via } }: Setup): string[] {
    const { Bucket, Key, ...rest } = input as Record<string, string>;
    const target = Bucket!.startsWith('arn:') ? `${Bucket}/object/${Key}` : `s3://${Bucket}/${Key}`;
    return [
      'explain',
      `s3:${operation}`,
      target,
      '--as',
      SERVICE,
      '--context',
      'aws:SourceIp=127.0.0.1',
      '--input',
      JSON.stringify(rest),
      ...via.flatMap(({ roleArn }) => ['--via', roleArn]),
      ...(via.at(-1)?.input?.['ExternalId'] === undefined ? [] : ['--external-id', EXTERNAL_ID]),
      ...READS,
    ];
  }

  /** Breaks the setup in one way for as long as a test takes. */
  async function whileBrokenBy(name: string, route: RouteKind, work: (broken: Setup) => Promise<void>) {
    const way = WAYS.find((one) => one.name === name)!;
    const { broken } = caseOf(route, [way], new Random(1), stage);
    await new Breaker(stage).stand(broken);
    try {
      await work(broken);
    } finally {
      for (const key of Object.values(broken.world.accounts['222222222222']!.keys)) key.state = 'Enabled';
      await new Breaker(stage, undefined, broken).stand(workingSetup('bucket-policy', stage));
    }
  }

  test.each<[string, RouteKind, string]>([
    ['an SCP denies it to the account of the caller', 'bucket-policy', 'service control policy app-guard'],
    ['the SCPs of the unit allow other services only', 'bucket-policy', 'service control policy app-guard'],
    ['an RCP keeps outsiders out of the buckets', 'bucket-policy', 'resource control policy data-perimeter'],
    ['the access point has no policy', 'access-point', 'policy of access point reports-ap'],
    ['the access point denies it', 'access-point', 'policy of access point reports-ap'],
    ['the boundary denies it', 'bucket-policy', 'service-boundary'],
    ['the trust policy denies the account', 'role', 'trust policy of role reports-reader'],
    [
      'the policy has become public, and Block Public Access of the bucket shuts others out',
      'bucket-policy',
      'bucket policy of acme-reports',
    ],
    ['the object belongs to another account that wrote it', 'bucket-policy', 'ownership'],
    ['the key policy does not name the caller', 'bucket-policy', 'key policy of'],
    ['the key is disabled', 'role', 'enable the key'],
    ['the key is to be deleted', 'role', 'cancel the deletion of the key'],
  ])('%s (%s)', (name, route, what) =>
    whileBrokenBy(name, route, async (broken) => {
      expect(await makeCall(stage, broken, situationOf(broken))).toBeInstanceOf(Error);
      const { exit, err } = await crossbucket(...askFor(broken), '--apply', '--yes');
      expect({ exit, err }).toMatchObject({ exit: 0, err: expect.stringContaining(what) });
      expect(err).toContain('is changed');
      expect(await makeCall(stage, broken, situationOf(broken))).toBeUndefined();
    }),
  );

  test('a policy of its own where the inline policies are full', () =>
    whileBrokenBy('the identity policy has no statement for objects', 'bucket-policy', async (broken) => {
      const { iam } = stage.clients('111111111111');
      const at = { UserName: 'service', PolicyName: 'filler' };
      const filler = (length: number) =>
        JSON.stringify({
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Action: 's3:ListAllMyBuckets',
              Resource: `arn:aws:s3:::${'x'.repeat(length)}`,
            },
          ],
        });
      let length = 1800;
      for (; length > 0; length -= 20)
        if (
          await iam.send(new PutUserPolicyCommand({ ...at, PolicyDocument: filler(length) })).then(
            () => true,
            () => false,
          )
        )
          break;
      // A policy of that name may be somebody else's, and stays as it is.
      const PolicyName = 'crossbucket-explain-user-service';
      const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument: filler(1) }));
      const PolicyArn = Policy!.Arn!;
      expect(await crossbucket(...askFor(broken), '--apply', '--yes')).toMatchObject({
        exit: 3,
        err: expect.stringContaining(`has a managed policy \`${PolicyArn}\` already`),
      });
      expect((await iam.send(new GetPolicyCommand({ PolicyArn }))).Policy).toMatchObject({
        DefaultVersionId: 'v1',
        AttachmentCount: 0,
      });
      await iam.send(new DeletePolicyCommand({ PolicyArn }));
      const { exit, err } = await crossbucket(...askFor(broken), '--apply', '--yes');
      expect({ exit, err }).toMatchObject({
        exit: 0,
        err: expect.stringContaining('attached to user service'),
      });
      expect(await makeCall(stage, broken, situationOf(broken))).toBeUndefined();
      await iam.send(new DeleteUserPolicyCommand(at));
      const { AttachedPolicies = [] } = await iam.send(new ListAttachedUserPoliciesCommand(at));
      for (const attached of AttachedPolicies) {
        await iam.send(new DetachUserPolicyCommand({ ...at, PolicyArn: attached.PolicyArn }));
        await iam.send(new DeletePolicyCommand({ PolicyArn: attached.PolicyArn }));
      }
    }));

  test('longer sessions, where that fix is picked; the narrower one is the code of the caller', async () => {
    const ask = ['explain', 'sts:AssumeRole', READER, '--as', SERVICE, ...READS];
    const input = { DurationSeconds: 7200, ExternalId: EXTERNAL_ID };
    const given = [...ask, '--input', JSON.stringify(input), '--apply', '--yes'];
    const first = await crossbucket(...given);
    expect(first).toMatchObject({ exit: 1, err: expect.stringContaining('the call is made by your code') });
    expect(first.err).toContain('`--pick 2`');
    expect(first.err).toContain('Nothing was changed.');
    const picked = await crossbucket(...given, '--pick', '2');
    expect(picked).toMatchObject({ exit: 0, err: expect.stringContaining('MaxSessionDuration') });
    const sts = new STSClient({ region: 'us-east-1', endpoint: stage.aws.endpoint, credentials: stage.key });
    await sts.send(new AssumeRoleCommand({ RoleArn: READER, RoleSessionName: 'long', ...input }));
    await new Breaker(stage).stand(workingSetup('bucket-policy', stage));
    const { iam } = stage.clients('222222222222');
    await iam.send(new UpdateRoleCommand({ RoleName: 'reports-reader', MaxSessionDuration: 3600 }));
    expect(await crossbucket(...given, '--pick', '9')).toMatchObject({
      exit: 2,
      err: expect.stringContaining('there is no fix 9'),
    });
  });

  test('what no machine is to make is said, with the reason', () =>
    whileBrokenBy(
      'the requester is to pay, and does not say that it will',
      'bucket-policy',
      async (broken) => {
        const { exit, err } = await crossbucket(...askFor(broken), '--apply', '--yes');
        expect({ exit, err }).toMatchObject({
          exit: 1,
          err: expect.stringContaining(
            'requester-pays: `--apply` does not make this fix: the call is made by your code',
          ),
        });
      },
    ));

  test('the policy of an endpoint, which was read from a file', async () => {
    const file = join(folder, 'endpoint.json');
    writeFileSync(file, JSON.stringify(ENDPOINTS['vpce-closed']));
    const ask = ['explain', 's3:GetObject', OBJECT, '--as', SERVICE, ...READS, '--endpoint-policy', file];
    const { exit, out, err } = await crossbucket(...ask, '--apply', '--yes');
    expect({ exit, out }).toMatchObject({
      exit: 1,
      out: expect.stringContaining('vpc-endpoint-policy-explicit-deny'),
    });
    expect(err).toContain('change it in EC2 (ModifyVpcEndpoint)');
    writeFileSync(file, '{"Statement": [}');
    expect(await crossbucket(...ask)).toMatchObject({
      exit: 2,
      err: expect.stringMatching(/endpoint\.json:1:\d+/),
    });
  });

  test('a profile that cannot change it is told apart from one that is missing', () =>
    whileBrokenBy('an SCP denies it to the account of the caller', 'bucket-policy', async (broken) => {
      const ask = askFor(broken).filter(
        (word, index, all) => word !== 'management' && all[index + 1] !== 'management',
      );
      const { exit, err } = await crossbucket(...ask, '--apply', '--yes');
      expect(exit).toBe(1);
      expect(err).toContain('Nothing was changed');
    }));
});

describe('who', () => {
  const rowsOf = async (...argv: string[]) =>
    (JSON.parse((await crossbucket('who', ...argv, ...READS, '--json')).out) as WhoAnswer).rows;

  test('can do what to a bucket, by which way and statement', async () => {
    const rows = await rowsOf('s3://acme-reports/reports/');
    expect(rows).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          principal: SERVICE,
          route: 'bucket-policy',
          can: ['read', 'write'],
          on: ['reports/*'],
          statement: 'Reports',
          outcome: 'allow',
        }),
        expect.objectContaining({
          principal: SERVICE,
          route: 'access-point',
          can: ['read', 'write'],
          outcome: 'allow',
        }),
        expect.objectContaining({
          principal: HOP,
          route: 'role',
          via: [READER],
          conditions: [{ key: 'sts:ExternalId', operator: 'StringEquals', values: [EXTERNAL_ID] }],
          outcome: 'depends',
        }),
      ]),
    );
  });

  test('public, whole-account and stale grants stand out, and what shuts them out', async () => {
    const breaker = new Breaker(stage);
    const setup = workingSetup('bucket-policy', stage);
    const { policy } = setup.world.accounts['222222222222']!.buckets['acme-reports']!;
    const more = (Principal: unknown, Sid: string) => ({
      Sid,
      Effect: 'Allow',
      Principal,
      Action: 's3:GetObject',
      Resource: 'arn:aws:s3:::acme-reports/public/*',
    });
    (policy!.document.Statement as unknown[]).push(
      more('*', 'All'),
      more({ AWS: '333333333333' }, 'Partner'),
    );
    await breaker.stand(setup);
    const rows = await rowsOf('s3://acme-reports');
    expect(rows.find(({ statement }) => statement === 'All')).toMatchObject({
      kind: 'public',
      outcome: 'deny',
      because: 'public-access-block',
    });
    expect(rows.find(({ statement }) => statement === 'Partner')).toMatchObject({
      kind: 'account',
      principal: expect.stringContaining('333333333333'),
    });
    await new Breaker(stage, undefined, setup).stand(workingSetup('bucket-policy', stage));
  });

  test('--as: to which buckets a principal gets, through roles as well', async () => {
    const rows = await rowsOf('--as', SERVICE);
    expect(rows.map(({ bucket, route, via, can }) => ({ bucket, route, via, can }))).toEqual(
      expect.arrayContaining([
        { bucket: 'acme-reports', route: 'bucket-policy', via: [], can: ['read', 'write'] },
        { bucket: 'acme-reports', route: 'role', via: [READER], can: ['read', 'write'] },
        { bucket: 'acme-reports', route: 'role', via: [HOP, READER], can: ['read', 'write'] },
        { bucket: 'acme-reports', route: 'role', via: [HOP, READER], can: ['list'] },
      ]),
    );
  });

  test.each(['text', 'csv', 'mermaid'])('as %s', async (format) => {
    const { exit, out } = await crossbucket('who', 's3://acme-reports', ...READS, '--format', format);
    expect(exit).toBe(0);
    expect(out).toContain('reports/*');
    if (format === 'mermaid') expect(out).toMatch(/^flowchart LR\n/);
  });

  test.each([
    ['--profile', 'nobody', 2, 'there is no profile `nobody`'],
    ['--profile', 'app-service', 2, 'has a bucket `acme-reports`'],
  ])('%s %s', async (option, profile, exit, message) => {
    expect(await crossbucket('who', 's3://acme-reports', option, profile)).toMatchObject({
      exit,
      err: expect.stringContaining(message),
    });
  });

  test('a bucket that nobody has', async () => {
    expect(await crossbucket('who', 's3://acme-nowhere', ...READS)).toMatchObject({
      exit: 2,
      err: expect.stringContaining('has a bucket `acme-nowhere`'),
    });
  });
});

test('a picture of the path', async () => {
  const { out } = await crossbucket(
    'explain',
    's3:GetObject',
    's3://acme-reports/archive/x',
    '--as',
    SERVICE,
    ...READS,
    '--format',
    'mermaid',
  );
  expect(out).toMatch(/^flowchart LR\n {2}n0\[/);
  expect(out).toContain('-.->');
});

test.each(['s3://acme-reports', READER])('lint of what is there now: %s', async (target) => {
  const { exit, out } = await crossbucket('lint', target, '--profile', 'data', '--json');
  expect([0, 1]).toContain(exit);
  expect(JSON.parse(out)).toMatchObject({
    files: expect.arrayContaining([
      expect.objectContaining({ file: expect.stringMatching(/^222222222222: /) }),
    ]),
  });
});

describe('what stands in the way of an answer', () => {
  const SPEC = `
accounts:
  app: { id: "111111111111", profile: app }
  data: { id: "222222222222", profile: data }
  management: { id: "999999999999", profile: management }
endpoints:
  - id: vpce-closed
    policy: { Version: "2012-10-17", Statement: [{ Effect: Allow, Principal: "*", Action: "sts:*", Resource: "*" }] }
grants:
  - name: reports-reader
    bucket: data/acme-reports
    to: app
    principals: [user/service]
    access: { read: ["reports/*"] }
    role: { name: reports-reader, path: /readers/ }
  - name: whoever
    bucket: data/acme-reports
    to: app
    access: { read: ["reports/*"] }
`;
  let proxy: FaultProxy;
  const spec = () => join(folder, 'crossbucket.yaml');

  beforeAll(async () => {
    proxy = await FaultProxy.before(stage.aws.endpoint);
    const profile = (name: string, more: string) => `\n[profile ${name}]\nregion = us-east-1\n${more}\n`;
    const key = `aws_access_key_id = ${stage.key.accessKeyId}\naws_secret_access_key = ${stage.key.secretAccessKey}`;
    const sts = new STSClient({ region: 'us-east-1', endpoint: stage.aws.endpoint, credentials: stage.key });
    const { Credentials } = await sts.send(new GetSessionTokenCommand({ DurationSeconds: 900 }));
    const session = [
      `endpoint_url = ${stage.aws.endpoint}`,
      `aws_access_key_id = ${Credentials!.AccessKeyId}`,
      `aws_secret_access_key = ${Credentials!.SecretAccessKey}`,
      `aws_session_token = ${Credentials!.SessionToken}`,
    ].join('\n');
    const file = join(folder, 'config');
    const root = stage.aws.account('111111111111').root;
    writeFileSync(
      file,
      readFileSync(stage.aws.profiles, 'utf8') +
        profile('expired', session) +
        profile('empty', '') +
        profile('far', `endpoint_url = http://127.0.0.1:9\n${key}`) +
        profile(
          'slow',
          `endpoint_url = ${proxy.endpoint}\naws_access_key_id = ${root.accessKeyId}\naws_secret_access_key = ${root.secretAccessKey}`,
        ),
    );
    stage.clock.advance(3_600_000);
    vi.stubEnv('AWS_CONFIG_FILE', file);
    writeFileSync(spec(), SPEC);
    writeFileSync(join(folder, 'nothing-failed.json'), '{"Records":[{"eventName":"GetObject"}]}');
    writeFileSync(join(folder, 'cut-off.json'), '{"Records":[');
  });
  afterAll(async () => {
    vi.stubEnv('AWS_CONFIG_FILE', stage.aws.profiles);
    await proxy.close();
  });

  const ASK = ['s3:GetObject', OBJECT, '--as'];

  test.each<[string, string[], number, string[]]>([
    [
      'expired credentials of the caller are the only cause',
      [...ASK, 'expired', '--profile', 'data'],
      1,
      ['credentials-expired\n', 'somebody whom AWS does not recognize', 'get new credentials: log in again'],
    ],
    [
      'an expired profile to read with',
      [...ASK, SERVICE, '--profile', 'expired', '--profile', 'data'],
      1,
      [
        'the policies of account 111111111111: no profile to read it with',
        'the account of profile `expired`: AWS refuses profile `expired`: The security token included in the request is expired',
      ],
    ],
    [
      'a profile without credentials',
      [...ASK, 'empty', '--profile', 'data'],
      3,
      ['account of profile `empty`: profile `empty` gave no credentials', 'log in, or name a profile'],
    ],
    [
      'a profile that is not there',
      [...ASK, SERVICE, '--profile', 'nobody'],
      2,
      ['there is no profile `nobody`', 'the profiles are management, app'],
    ],
    [
      'nothing to reach at all',
      [...ASK, SERVICE, '--profile', 'far'],
      3,
      ['account of profile `far`: STS cannot be reached: connect ECONNREFUSED', 'look at the network'],
    ],
    [
      'an account that is not in the configuration',
      [...ASK, 'arn:aws:iam::444444444444:role/x', '--config', 'SPEC'],
      1,
      ['the policies of account 444444444444: no profile to read it with'],
    ],
    [
      'a bucket that is not there, and the one that was meant',
      ['s3:GetObject', 's3://acme-report/reports/q1.csv', '--as', SERVICE, '--config', 'SPEC'],
      1,
      ['no account has a bucket `acme-report`', 'ask for bucket `acme-reports`'],
    ],
    [
      'a grant, with the external id that its trust policy has, and an endpoint that may be on the way',
      [...ASK, 'reports-reader', '--config', 'SPEC'],
      1,
      [
        'vpc-endpoint-policy-missing-allow',
        'holds unless the call does not go through VPC endpoint `vpce-closed`',
      ],
    ],
    [
      'a grant for whoever the account lets',
      [...ASK, 'whoever', '--config', 'SPEC'],
      2,
      ['the grant `whoever` is for whoever account `app` lets', '--as ARN --via ROLE_ARN'],
    ],
    [
      'a grant that is not there',
      [...ASK, 'reports-writer', '--config', 'SPEC'],
      2,
      ['there is no profile and no grant `reports-writer`', 'the grants are reports-reader, whoever'],
    ],
    [
      'a file in which nothing failed',
      ['--event', 'nothing-failed.json'],
      2,
      ['no call in the file failed', 'errorCode'],
    ],
    [
      'a file that is cut off',
      ['--event', 'cut-off.json'],
      2,
      ['the event is no JSON', 'give a CloudTrail record'],
    ],
    [
      'a message that is none',
      ['--error', 'hello'],
      2,
      ['`hello` tells of no denial', 'give the whole message'],
    ],
    [
      'an ARN of nothing',
      ['s3:GetObject', 'arn:aws:s3:::'],
      2,
      ['`arn:aws:s3:::` is no bucket', 's3://BUCKET/KEY'],
    ],
  ])('%s', async (_, argv, exit, words) => {
    const given = argv.map((word) =>
      word === 'SPEC' ? spec() : /^[\w-]+\.json$/.test(word) ? join(folder, word) : word,
    );
    const answer = await crossbucket('explain', ...given);
    expect(answer).toMatchObject({ exit });
    for (const word of words) expect(exit >= 2 ? answer.err : answer.out).toContain(word);
  });

  test('AWS that is in no hurry: what was throttled is sent again, and the answer is whole', async () => {
    proxy.throttle(/^GetUser$/, 1);
    vi.stubEnv('AWS_MAX_ATTEMPTS', '3');
    const { outcome, partial } = await explain(
      ...ASK,
      SERVICE,
      '--profile',
      'slow',
      '--profile',
      'data',
      '--profile',
      'management',
    );
    vi.stubEnv('AWS_MAX_ATTEMPTS', '1');
    expect(proxy.calls.filter(({ name }) => name === 'GetUser')).toHaveLength(2);
    expect({ outcome, partial }).toEqual({ outcome: 'allow', partial: false });
  });

  test.each([/^GetUser$/, /^GetUserPolicy$/, /^DescribeOrganization$/])(
    'what stays throttled is unknown, and the answer partial: %s',
    async (names) => {
      proxy.throttle(names, 1000);
      const answer = await explain(...ASK, SERVICE, '--profile', 'slow', '--profile', 'data');
      proxy.throttle(names, 0);
      expect(answer).toMatchObject({ outcome: 'depends', partial: true });
      expect(answer.unknowns.map(({ why }) => why).join()).toMatch(/failed: Rate exceeded/);
    },
  );
});

describe('bad input', () => {
  test.each<[string, string[], string, string]>([
    ['no question', [], 'there is no question', 'ask for an action and a target'],
    [
      'an unknown action',
      ['s3:GetObjcet', OBJECT],
      'there is no action `s3:GetObjcet`',
      'did you mean s3:GetObject?',
    ],
    ['several actions', ['s3:*', OBJECT], '`s3:*` is several actions', 'ask about one'],
    ['no bucket', ['s3:GetObject', 'acme'], '`acme` is no bucket, object, role or key', 's3://BUCKET/KEY'],
    [
      'no key',
      ['s3:GetObject', 's3://acme-reports'],
      '`s3:GetObject` is about an object',
      's3://acme-reports/KEY',
    ],
    [
      'a malformed ARN',
      ['s3:GetObject', OBJECT, '--as', 'arn:aws:iam::1:role/x'],
      'is no ARN of a user, role or session',
      'arn:aws:iam::111111111111:role/NAME',
    ],
    [
      'a profile that is not there',
      ['s3:GetObject', OBJECT, '--as', 'nobody'],
      'there is no profile and no grant `nobody`',
      'the profiles are',
    ],
    [
      'a role that is no ARN',
      ['s3:GetObject', OBJECT, '--as', SERVICE, '--via', 'reader'],
      '`reader` is no ARN of a role',
      'arn:aws:iam::222222222222:role/NAME',
    ],
    [
      'a key without a value',
      ['s3:GetObject', OBJECT, '--context', 'aws:SourceIp'],
      'is no condition key with a value',
      'aws:SourceIp=203.0.113.7',
    ],
    [
      'input that is no JSON',
      ['s3:GetObject', OBJECT, '--input', '{'],
      '`--input` is no JSON object',
      'RequestPayer',
    ],
    [
      'a configuration that is not there',
      ['s3:GetObject', OBJECT, '--config', '/nowhere.yaml'],
      '`/nowhere.yaml` cannot be read',
      'crossbucket init',
    ],
  ])('%s', async (_, argv, message, help) => {
    const { exit, out, err } = await crossbucket('explain', ...argv);
    expect({ exit, out }).toEqual({ exit: 2, out: '' });

    expect(err).toContain(message);
    expect(err).toContain(help);
  });
});
