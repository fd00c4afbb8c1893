import { describe, expect, test } from 'vitest';
import { READS, stage, crossbucket, explain, OBJECT, whileBroken, useStage } from './command.ts';
import { EXTERNAL_ID, HOP, OBJECT_ARN, READER, SERVICE } from './setup.ts';

useStage();

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
