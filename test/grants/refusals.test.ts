import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  PutUserPolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketPolicyCommand,
  ListObjectsV2Command,
  PutBucketEncryptionCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { APP, BUCKET, DATA, FOREIGN, GrantStage, OTHER, policy } from './stage.ts';

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
const BY_POLICY = { ...GRANT, route: 'bucket-policy' };

/** The plan is refused, nothing is changed, and the message names what it is about. */
async function refused(grant: object, exit: number, ...parts: (string | RegExp)[]): Promise<void> {
  stage.configure([grant]);
  const before = await stage.accounts();
  const applied = await stage.grant('apply');
  const said = applied.out + applied.err;
  for (const part of parts)
    expect(said).toMatch(
      part instanceof RegExp ? part : new RegExp(part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)),
    );
  expect(applied.exit).toBe(exit);
  expect(said).toMatch(/help: /);
  expect(await stage.accounts()).toBe(before);
}

const setPolicy = (...statements: object[]) =>
  stage.s3(DATA).send(new PutBucketPolicyCommand({ Bucket: BUCKET, Policy: policy(...statements) }));

describe('what cannot work is refused, and nothing is changed', () => {
  test('a bucket that is not there', () =>
    refused({ ...GRANT, bucket: 'data/acme-nothing' }, 2, `account ${DATA} has no bucket \`acme-nothing\``));

  test('a bucket that another account owns', async () => {
    await stage.s3(OTHER).send(new CreateBucketCommand({ Bucket: 'acme-others' }));
    await refused(
      { ...GRANT, bucket: 'data/acme-others' },
      2,
      `account ${DATA} has no bucket \`acme-others\``,
      "another account's",
    );
  });

  test('principals that are not there', async () => {
    await refused({ ...GRANT, principals: ['role/nobody'] }, 2, `account ${APP} has no role \`nobody\``);
    await refused({ ...GRANT, principals: ['user/nobody'] }, 2, `account ${APP} has no user \`nobody\``);
  });

  test('a principal with another path', async () => {
    const trust = { Effect: 'Allow', Principal: { AWS: APP }, Action: 'sts:AssumeRole' };
    await stage
      .iam(APP)
      .send(
        new CreateRoleCommand({ RoleName: 'deep', Path: '/jobs/', AssumeRolePolicyDocument: policy(trust) }),
      );
    await refused({ ...GRANT, principals: ['role/deep'] }, 2, 'is `role/jobs/deep`, not `role/deep`');
  });

  test("a bucket under AWS's own key, by bucket policy", async () => {
    await stage.s3(DATA).send(
      new PutBucketEncryptionCommand({
        Bucket: BUCKET,
        ServerSideEncryptionConfiguration: {
          Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } }],
        },
      }),
    );
    await refused(BY_POLICY, 2, 'aws/s3', 'use route `role`');
    stage.configure([GRANT]);
    expect(await stage.grant('plan')).toMatchObject({ exit: 1 });
  });

  test('a key of an account that is not in the configuration', async () => {
    const key = `arn:aws:kms:us-east-1:${OTHER}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
    await refused(
      { ...GRANT, kmsKey: key },
      2,
      `belongs to account ${OTHER}, which is not in crossbucket.yaml`,
    );
  });

  test('a public statement beside it, where Block Public Access shuts others out', async () => {
    await stage.s3(DATA).send(
      new PutPublicAccessBlockCommand({
        Bucket: BUCKET,
        PublicAccessBlockConfiguration: { RestrictPublicBuckets: false, BlockPublicPolicy: false },
      }),
    );
    await setPolicy({ ...FOREIGN, Principal: '*' });
    await stage.s3(DATA).send(
      new PutPublicAccessBlockCommand({
        Bucket: BUCKET,
        PublicAccessBlockConfiguration: { RestrictPublicBuckets: true },
      }),
    );
    await refused(BY_POLICY, 2, 'RestrictPublicBuckets');
    await stage.s3(DATA).send(
      new PutPublicAccessBlockCommand({
        Bucket: BUCKET,
        PublicAccessBlockConfiguration: { BlockPublicPolicy: true },
      }),
    );
    await refused(BY_POLICY, 2, 'BlockPublicPolicy');
  });

  test("a role of that name that is somebody else's, unless it is adopted", async () => {
    const trust = { Sid: 'Theirs', Effect: 'Allow', Principal: { AWS: DATA }, Action: 'sts:AssumeRole' };
    await stage
      .iam(DATA)
      .send(new CreateRoleCommand({ RoleName: 'reader', AssumeRolePolicyDocument: policy(trust) }));
    await refused(GRANT, 2, 'has a role `reader` already', '`adopt: true`');
    stage.configure([{ ...GRANT, role: { adopt: true } }]);
    const before = await stage.accounts();
    expect(await stage.grant('apply')).toMatchObject({ exit: 0 });
    expect(await stage.grant('plan')).toMatchObject({ exit: 0 });
    expect(await stage.accounts()).toContain('Theirs');
    expect(await stage.grant('revoke', '--all')).toMatchObject({ exit: 0, err: '' });
    expect(await stage.accounts()).toBe(before);
  });

  test('a boundary that is not there, and one that denies what is granted', async () => {
    const arn = `arn:aws:iam::${DATA}:policy/fence`;
    await refused({ ...GRANT, role: { boundary: arn } }, 2, `there is no policy \`${arn}\``);
    const PolicyDocument = policy({
      Effect: 'Allow',
      Action: 's3:GetObject',
      Resource: `arn:aws:s3:::${BUCKET}/reports/*`,
    });
    await stage.iam(DATA).send(new CreatePolicyCommand({ PolicyName: 'fence', PolicyDocument }));
    stage.configure([
      { ...GRANT, access: { read: ['reports/*'], list: ['reports/*'] }, role: { boundary: arn } },
    ]);
    const { exit, out } = await stage.grant('apply');
    expect({ exit, out }).toEqual({
      exit: 0,
      out: expect.stringContaining('the boundary of the role does not allow s3:ListBucket, so'),
    });
    // As verifying says, too.
    expect(await stage.grant('verify', '--no-calls')).toMatchObject({
      exit: 1,
      out: expect.stringContaining('NOT ListObjectsV2'),
    });
  });

  test('two grants by bucket policy that give the same', async () => {
    stage.configure([BY_POLICY, { ...BY_POLICY, name: 'again', access: { read: ['reports/2026/*'] } }]);
    const { exit, out } = await stage.grant('plan');
    expect({ exit, out }).toEqual({
      exit: 2,
      out: expect.stringContaining(
        'the grants `reader` and `again` both give role report-service s3:GetObject',
      ),
    });
  });

  test('a policy that would be too large', async () => {
    const read = Array.from({ length: 40 }, (_, index) => `${'x'.repeat(480)}${index}/*`);
    await refused(
      { ...BY_POLICY, access: { read } },
      2,
      /bucket policy of acme-reports would have \d+ characters, and AWS takes 20480 at most/,
    );
  });

  test('inline policies of a user that would be too large', async () => {
    await stage.iam(APP).send(
      new PutUserPolicyCommand({
        UserName: 'operator',
        PolicyName: 'more',
        PolicyDocument: policy({
          Effect: 'Allow',
          Action: 's3:GetObject',
          Resource: `arn:aws:s3:::${'y'.repeat(1700)}`,
        }),
      }),
    );
    await refused(
      { ...GRANT, principals: ['user/operator'] },
      2,
      /inline policies of user operator would have \d+ characters, and AWS takes 2048 at most/,
    );
  });

  test('a right that is missing: account, document and permission are named', async () => {
    stage.configure([GRANT], { data: { id: DATA, profile: 'data-owner-clerk' } });
    const { CreateUserCommand, CreateAccessKeyCommand } = await import('@aws-sdk/client-iam');
    await stage.iam(DATA).send(new CreateUserCommand({ UserName: 'clerk' }));
    const { AccessKey } = await stage.iam(DATA).send(new CreateAccessKeyCommand({ UserName: 'clerk' }));
    const config = join(stage.folder, 'config');
    const { readFileSync } = await import('node:fs');
    writeFileSync(
      config,
      `${readFileSync(stage.aws.profiles, 'utf8')}\n[profile data-owner-clerk]\nregion = us-east-1\nendpoint_url = ${stage.aws.endpoint}\naws_access_key_id = ${AccessKey!.AccessKeyId!}\naws_secret_access_key = ${AccessKey!.SecretAccessKey!}\n`,
    );
    vi.stubEnv('AWS_CONFIG_FILE', config);
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(stage.folder, 'none'));
    const { exit, err, out } = await stage.grant('plan');
    expect({ exit, out }).toEqual({ exit: 3, out: '' });
    expect(err).toMatch(
      new RegExp(
        `error: account ${DATA}, .*: no permission for (iam|s3):\\w+\nhelp: let \`arn:aws:iam::${DATA}:user/clerk\` do`,
      ),
    );
  });

  test('credentials of the wrong account, a profile and a grant that are not there', async () => {
    stage.configure([GRANT], { data: { id: DATA, profile: 'app' } });
    expect(await stage.grant('plan')).toMatchObject({
      exit: 2,
      err: expect.stringContaining(`profile \`app\` belongs to account ${APP}`),
    });
    stage.configure([GRANT], { data: { id: DATA, profile: 'dta' } });
    expect(await stage.grant('plan')).toMatchObject({
      exit: 2,
      err: expect.stringContaining('there is no profile `dta`'),
    });
    stage.configure([GRANT]);
    expect(await stage.grant('plan', 'readr')).toMatchObject({
      exit: 2,
      err: expect.stringContaining('there is no grant `readr`'),
    });
  });
});

describe('a principal that is gone, in a statement of somebody else', () => {
  async function makeStale(): Promise<string> {
    await stage.makeService('gone');
    await setPolicy(FOREIGN, {
      ...FOREIGN,
      Sid: 'Old',
      Principal: { AWS: [`arn:aws:iam::${APP}:role/gone`, `arn:aws:iam::${OTHER}:root`] },
    });
    await stage.iam(APP).send(new DeleteRolePolicyCommand({ RoleName: 'gone', PolicyName: 'own' }));
    await stage.iam(APP).send(new DeleteRoleCommand({ RoleName: 'gone' }));
    const { Statement } = JSON.parse((await stage.bucketPolicy())!) as {
      Statement: { Principal: { AWS: string[] } }[];
    };
    return Statement[1]!.Principal.AWS.find((name) => name.startsWith('AROA'))!;
  }

  test('is named, with the offer to remove just that', async () => {
    const id = await makeStale();
    await refused(BY_POLICY, 2, `names \`${id}\`, who is gone, in statement \`Old\``, '--remove-stale');
    expect(await stage.grant('apply', '--remove-stale')).toMatchObject({ exit: 0, err: '' });
    const { Statement } = JSON.parse((await stage.bucketPolicy())!) as {
      Statement: { Sid: string; Principal: { AWS: unknown } }[];
    };
    expect(Statement.slice(0, 2)).toEqual([
      FOREIGN,
      { ...FOREIGN, Sid: 'Old', Principal: { AWS: `arn:aws:iam::${OTHER}:root` } },
    ]);
    expect(await stage.grant('plan')).toMatchObject({ exit: 0 });
  });
});

describe('what somebody else changes', () => {
  test('a saved plan is refused when a document has moved', async () => {
    stage.configure([BY_POLICY]);
    const file = join(stage.folder, 'plan.json');
    expect(await stage.grant('plan', '--out', file)).toMatchObject({ exit: 1 });
    await setPolicy(FOREIGN, { ...FOREIGN, Sid: 'New' });
    const before = await stage.accounts();
    const applied = await stage.grant('apply', file);
    expect(applied).toMatchObject({
      exit: 3,
      err: expect.stringContaining(
        `the bucket policy of ${BUCKET} in account ${DATA} has changed since the plan was made`,
      ),
    });
    expect(await stage.accounts()).toBe(before);
  });

  test('a bucket that is made anew by another account keeps what it has', async () => {
    stage.configure([{ ...BY_POLICY, bucket: 'data/acme-moving' }]);
    await stage.makeBucket('acme-moving');
    const file = join(stage.folder, 'plan.json');
    expect(await stage.grant('plan', '--out', file)).toMatchObject({ exit: 1 });
    const Bucket = 'acme-moving';
    const owner = stage.s3(DATA);
    for (const { Key } of (await owner.send(new ListObjectsV2Command({ Bucket }))).Contents!)
      await owner.send(new DeleteObjectCommand({ Bucket, Key }));
    await owner.send(new DeleteBucketCommand({ Bucket }));
    const other = stage.s3(OTHER);
    await other.send(new CreateBucketCommand({ Bucket }));
    // Whoever owns it lets the former owner do everything.
    const open = {
      Effect: 'Allow',
      Principal: { AWS: DATA },
      Action: 's3:*',
      Resource: `arn:aws:s3:::${Bucket}`,
    };
    const Policy = policy(open);
    await other.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    expect(await stage.grant('apply', file)).toMatchObject({
      exit: 3,
      err: expect.stringContaining('bucket policy of acme-moving'),
    });
    expect((await other.send(new GetBucketPolicyCommand({ Bucket }))).Policy).toBe(Policy);
  });

  test('a saved plan that still fits is applied, and only it', async () => {
    stage.configure([BY_POLICY, { ...GRANT, name: 'other' }]);
    const file = join(stage.folder, 'plan.json');
    await stage.grant('plan', 'reader', '--out', file);
    expect(await stage.grant('apply', '--plan', file)).toMatchObject({ exit: 0 });
    expect(await stage.grant('plan', 'reader')).toMatchObject({ exit: 0 });
    expect(await stage.grant('plan', 'other')).toMatchObject({ exit: 1 });
    expect(await stage.grant('apply', file)).toMatchObject({ exit: 0, err: expect.any(String) });
  });

  test('drift shows what has changed and what that means, and apply mends it', async () => {
    stage.configure([GRANT, { ...BY_POLICY, name: 'second' }]);
    await stage.grant('apply');
    const iam = stage.iam(DATA);
    const open = {
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${OTHER}:root` },
      Action: 'sts:AssumeRole',
    };
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'reader', PolicyDocument: policy(open) }));
    const { Policy } = await iam.send(
      new CreatePolicyCommand({
        PolicyName: 'more',
        PolicyDocument: policy({ Effect: 'Allow', Action: 's3:*', Resource: '*' }),
      }),
    );
    await iam.send(new AttachRolePolicyCommand({ RoleName: 'reader', PolicyArn: Policy!.Arn! }));
    await setPolicy(FOREIGN);
    const { exit, out } = await stage.grant('drift');
    expect(exit).toBe(1);
    expect(out).toContain(
      `no longer role/report-service of ${APP} may s3:GetObject on s3://${BUCKET}/reports/*`,
    );
    expect(out).toContain(`no longer role/report-service of ${APP} may sts:AssumeRole`);
    expect(out).toContain(`now whoever account ${OTHER} lets may sts:AssumeRole`);
    expect(out).toContain('others have given it more');
    // Of the role's trust policy, the statement of somebody else is theirs to remove.
    expect(await stage.grant('apply')).toMatchObject({ exit: 0, err: '' });
    const again = await stage.grant('drift', '--json');
    const { drifted } = JSON.parse(again.out) as { drifted: { kind: string }[] };
    expect(drifted.map(({ kind }) => kind)).toEqual(['added', 'added']);
  });

  test('a principal that is gone is drift', async () => {
    stage.configure([GRANT]);
    await stage.grant('apply');
    const iam = stage.iam(APP);
    const { ListRolePoliciesCommand } = await import('@aws-sdk/client-iam');
    const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName: 'report-service' }));
    for (const PolicyName of PolicyNames)
      await iam.send(new DeleteRolePolicyCommand({ RoleName: 'report-service', PolicyName }));
    await iam.send(new DeleteRoleCommand({ RoleName: 'report-service' }));
    const { exit, out } = await stage.grant('drift');
    expect({ exit, out }).toEqual({
      exit: 1,
      out: expect.stringContaining(`account ${APP} has no role \`report-service\``),
    });
    // Made anew, it is another one: the trust policy names who is gone.
    await stage.makeService('report-service');
    expect(await stage.grant('drift')).toMatchObject({
      exit: 1,
      out: expect.stringContaining('no longer role/report-service'),
    });
    expect(await stage.grant('apply')).toMatchObject({ exit: 0, err: '' });
    expect(await stage.grant('drift')).toMatchObject({ exit: 0 });
  });

  test('statements of another configuration are told, and left alone', async () => {
    stage.configure([{ ...BY_POLICY, name: 'old' }]);
    await stage.grant('apply');
    stage.configure([{ ...BY_POLICY, access: { write: ['in/*'] } }]);
    const { exit, out } = await stage.grant('apply');
    expect({ exit, out }).toEqual({
      exit: 0,
      out: expect.stringMatching(
        /the statement `CrossbucketOldObjectsX\w{16}` is of a grant that is not in this configuration/,
      ),
    });
    expect(await stage.bucketPolicy()).toContain('CrossbucketOldObjectsX');
  });

  test('only spelling is no drift', async () => {
    stage.configure([{ ...BY_POLICY, access: { read: ['a/*', 'b/*'] } }]);
    await stage.grant('apply');
    const { Statement } = JSON.parse((await stage.bucketPolicy())!) as {
      Statement: { Action: string; Resource: string[]; Principal: { AWS: string } }[];
    };
    const [foreign, own] = Statement as [object, (typeof Statement)[0]];
    const respelt = {
      ...own,
      Principal: { AWS: [own.Principal.AWS] },
      Action: [own.Action.toLowerCase()],
      Resource: own.Resource.toReversed(),
      Condition: { Bool: { 'AWS:securetransport': true } },
    };
    await setPolicy(respelt, foreign);
    expect(await stage.grant('drift')).toMatchObject({ exit: 0 });
    expect(await stage.grant('plan')).toMatchObject({ exit: 0 });
  });
});

describe('a specification that has changed', () => {
  test('principals, route and role name: what an earlier version made goes', async () => {
    await stage.makeService('second-service');
    const before = await stage.accounts();
    stage.configure([{ ...GRANT, principals: ['role/report-service', 'role/second-service'] }]);
    await stage.grant('apply');
    stage.configure([{ ...GRANT, role: { name: 'renamed' } }]);
    expect(await stage.grant('apply')).toMatchObject({ exit: 0, err: '' });
    expect(await stage.accounts()).not.toContain('"RoleName": "reader"');
    stage.configure([BY_POLICY]);
    expect(await stage.grant('apply')).toMatchObject({ exit: 0, err: '' });
    expect(await stage.accounts()).not.toContain('renamed');
    expect(await stage.grant('plan')).toMatchObject({ exit: 0 });
    expect(await stage.grant('revoke', 'reader')).toMatchObject({ exit: 0, err: '' });
    expect(await stage.accounts()).toBe(before);
  });
});

test('ownership, whole accounts and statements that already give more are told', async () => {
  await stage.s3(DATA).send(
    new PutBucketOwnershipControlsCommand({
      Bucket: BUCKET,
      OwnershipControls: { Rules: [{ ObjectOwnership: 'ObjectWriter' }] },
    }),
  );
  await setPolicy({ ...FOREIGN, Sid: 'Wide', Principal: { AWS: `arn:aws:iam::${APP}:root` } });
  stage.configure([{ ...BY_POLICY, principals: undefined, access: { write: ['in/*'] } }]);
  const { out } = await stage.grant('plan', '--json');
  const { problems } = JSON.parse(out) as { problems: { code: string; severity: string }[] };
  expect(problems.map(({ severity, code }) => [severity, code])).toEqual([
    ['warning', 'object-ownership'],
    ['warning', 'whole-account'],
    ['warning', 'wider-already'],
  ]);
});

test('somewhere without a terminal, only --yes is an answer', async () => {
  stage.configure([GRANT]);
  const config = join(stage.folder, 'crossbucket.yaml');
  const { exit, err } = await stage.crossbucket('grant', 'apply', '--config', config);
  expect({ exit, err }).toEqual({ exit: 2, err: expect.stringContaining('add `--yes`') });
});
