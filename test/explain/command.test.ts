import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { run } from '../../packages/crossbucket/src/cli/main.ts';
import type { Explanation } from '../../packages/crossbucket/src/explain/explanation.ts';
import { Breaker } from './mutation.ts';
import { EXTERNAL_ID, HOP, READER, SERVICE, workingSetup } from './setup.ts';
import { setStage, type Stage } from './stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
  vi.stubEnv('AWS_CONFIG_FILE', stage.aws.profiles);
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', stage.aws.credentialsFile);
  vi.stubEnv('AWS_MAX_ATTEMPTS', '1');
});
afterAll(async () => {
  vi.unstubAllEnvs();
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

test('what is denied: the account, the document, the statement and the fix', async () => {
  const breaker = new Breaker(stage);
  const setup = workingSetup('bucket-policy', stage);
  const { policy } = setup.world.accounts['222222222222']!.buckets['acme-reports']!;
  (policy!.document.Statement as { Resource: string }[])[0]!.Resource = 'arn:aws:s3:::acme-reports/archive/*';
  await breaker.stand(setup);
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
  await breaker.stand(workingSetup('bucket-policy', stage));
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
