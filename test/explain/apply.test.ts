import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, test } from 'vitest';
import {
  READS,
  stage,
  folder,
  crossbucket,
  OBJECT,
  whileBroken,
  serviceClient,
  get,
  useStage,
} from './command.ts';
import { makeCall } from './make-call.ts';
import { Breaker } from './mutation.ts';
import { caseOf } from './pairs.ts';
import { Random } from './random.ts';
import {
  ENDPOINTS,
  EXTERNAL_ID,
  READER,
  SERVICE,
  situationOf,
  workingSetup,
  type RouteKind,
  type Setup,
} from './setup.ts';
import { WAYS } from './ways/index.ts';

useStage();

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
