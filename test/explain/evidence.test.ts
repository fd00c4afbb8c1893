import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { explainDenials } from '@crossbucket/access';
import { explain as explainInCode } from 'crossbucket/explain';
import { describe, expect, test } from 'vitest';
import type { Explanation } from '../../packages/crossbucket/src/explain/explanation.ts';
import {
  READS,
  stage,
  folder,
  crossbucket,
  explain,
  OBJECT,
  whileBroken,
  serviceClient,
  get,
  useStage,
} from './command.ts';
import { EXTERNAL_ID, HOP, READER, SERVICE } from './setup.ts';

useStage();

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
