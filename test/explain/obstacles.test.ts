import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { FaultProxy } from '../grants/fault-proxy.ts';
import { stage, folder, crossbucket, explain, OBJECT, useStage } from './command.ts';
import { SERVICE } from './setup.ts';

useStage();

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
