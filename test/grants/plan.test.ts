import { PutBucketPolicyCommand, PutPublicAccessBlockCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { planText } from '../../packages/crossbucket/src/cli/grant/plan-view.ts';
import type { GrantPlan } from '../../packages/crossbucket/src/grant/index.ts';
import { FaultProxy } from './fault-proxy.ts';
import { BUCKET, DATA, FOREIGN, GrantStage, policy } from './stage.ts';

let stage: GrantStage;
beforeEach(async () => {
  stage = await GrantStage.set();
  vi.stubEnv('AWS_CONFIG_FILE', stage.aws.profiles);
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', stage.aws.credentialsFile);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await stage.close();
});

const GRANT = {
  name: 'reader',
  bucket: `data/${BUCKET}`,
  to: 'app',
  principals: ['role/report-service'],
  access: { read: ['reports/*'] },
};

/** Colours as tags. */
const STYLE = {
  bold: String,
  dim: String,
  green: (text: string) => `<green>${text}</green>`,
  red: (text: string) => `<red>${text}</red>`,
};

test('shows statements line by line in colour, what access that is in words, and why the bucket policy stays', async () => {
  stage.configure([GRANT]);
  await stage.grant('apply');
  stage.configure([{ ...GRANT, access: { read: ['other/*'] } }]);
  const { exit, out } = await stage.grant('plan', '--json');
  expect(exit).toBe(1);
  const shown = planText(JSON.parse(out) as GrantPlan, STYLE).split('\n');
  expect(shown).toContain(`Account ${DATA} (destination)`);
  const [before, after] = ['reports', 'other'].map((name) => `"arn:aws:s3:::${BUCKET}/${name}/*"`);
  expect(shown).toContainEqual(
    expect.stringMatching(new RegExp(`^<red> +- .*${inPattern(before!)}.*</red>$`)),
  );
  expect(shown).toContainEqual(
    expect.stringMatching(new RegExp(`^<green> +\\+ .*${inPattern(after!)}.*</green>$`)),
  );
  expect(shown).toContainEqual(expect.stringMatching(/^ +<green>adds:<\/green> .*other\/\*/));
  expect(shown).toContainEqual(expect.stringMatching(/^ +<red>takes away:<\/red> .*reports\/\*/));
  expect(shown).toContainEqual(
    expect.stringContaining('the bucket policy stays as it is: the role belongs to'),
  );
  expect(JSON.parse((await stage.bucketPolicy())!)).toMatchObject({ Statement: [FOREIGN] });
});

const inPattern = (text: string): string => text.replaceAll(/[*.]/g, String.raw`\$&`);

test('warns of a bucket that is public, of access that is there already, and of a policy that is nearly full', async () => {
  const s3 = stage.s3(DATA);
  const PublicAccessBlockConfiguration = { RestrictPublicBuckets: false, BlockPublicPolicy: false };
  await s3.send(new PutPublicAccessBlockCommand({ Bucket: BUCKET, PublicAccessBlockConfiguration }));
  const Policy = policy({ ...FOREIGN, Principal: '*' });
  await s3.send(new PutBucketPolicyCommand({ Bucket: BUCKET, Policy }));
  const read = Array.from({ length: 36 }, (_, index) => `${'x'.repeat(480)}${index}/*`);
  stage.configure([{ ...GRANT, access: { read }, route: 'bucket-policy' }]);
  const { out } = await stage.grant('plan', '--json');
  const { problems } = JSON.parse(out) as GrantPlan;
  expect(problems).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ severity: 'warning', code: 'public-policy', account: DATA }),
      expect.objectContaining({ severity: 'warning', code: 'wider-already', account: DATA }),
      expect.objectContaining({
        severity: 'warning',
        code: 'nearly-too-large',
        document: `bucket policy of ${BUCKET}`,
        message: expect.stringMatching(/would have (18[4-9]|19|20[0-3])\d+ characters, and AWS takes 20480/),
      }),
    ]),
  );
});

test('a revoke ends sessions first, then closes what the owner has opened, and comes to the source last', async () => {
  const key = await stage.encrypt({ delegated: false });
  stage.configure([GRANT, { ...GRANT, name: 'direct', route: 'bucket-policy' }]);
  expect(await stage.grant('apply')).toMatchObject({ exit: 0 });
  const { out } = await stage.grant('revoke', '--all', '--end-sessions', '--dry-run', '--json');
  const { changes } = JSON.parse(out) as { changes: { document: string; action: string }[] };
  expect(
    changes.map(({ document, action }) => `${action} ${document.replace(/-[0-9a-f]{8} /, ' ')}`),
  ).toEqual([
    'create policy AWSRevokeOlderSessions of role reader',
    `change key policy of ${key}`,
    `change bucket policy of ${BUCKET}`,
    'remove policy AWSRevokeOlderSessions of role reader',
    'remove policy crossbucket-reader of role reader',
    'remove role reader',
    'remove policy crossbucket-reader of role report-service',
    'remove policy crossbucket-direct of role report-service',
  ]);
});

test('a plan that AWS slows down comes to the same, and reads no document twice', async () => {
  const grants = ['a', 'b', 'c', 'd'].map((name) => ({ ...GRANT, name }));
  stage.configure([...grants, { ...GRANT, name: 'e', route: 'bucket-policy' }]);
  const plan = async () => (JSON.parse((await stage.grant('plan', '--json')).out) as GrantPlan).changes;
  const documents = (changes: GrantPlan['changes']) => changes.map(({ change }) => change.document);
  const before = documents(await plan());
  const proxy = await FaultProxy.before(stage.aws.endpoint);
  try {
    vi.stubEnv('AWS_CONFIG_FILE', proxy.profiles(stage.aws.profiles, stage.folder, stage.aws.endpoint));
    proxy.arm();
    expect(documents(await plan())).toEqual(before);
    const reads = proxy.calls.map(({ name }) => name);
    expect(reads.filter((name) => /policy(=|$)/.test(name))).toHaveLength(1);
    proxy.arm();
    const slowed = /^GetRole$|policy(=|$)/;
    proxy.throttle(slowed, 2);
    expect(documents(await plan())).toEqual(before);
    expect(proxy.calls).toHaveLength(reads.length + 2);
  } finally {
    await proxy.close();
  }
});
