import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CreateRoleCommand } from '@aws-sdk/client-iam';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { hasCli } from '../interop/cli.ts';
import { APP, BUCKET, DATA, GrantStage, policy } from './stage.ts';

const require = createRequire(import.meta.url);
const { parseToObject } = require('hcl2-parser') as {
  parseToObject(text: string): [Record<string, unknown>, unknown];
};
const cfn = require('@aws-cdk/cfnspec') as {
  resourceSpecification(type: string): {
    Properties: Record<string, { Required: boolean; Type?: string; PrimitiveType?: string }>;
  };
};

const GRANTS = [
  {
    name: 'reports-reader',
    bucket: `data/${BUCKET}`,
    to: 'app',
    principals: ['role/report-service'],
    access: { read: ['reports/*'], list: ['reports/*'] },
    role: { externalId: 'acme-7f3a', maxSession: '2h', tags: { team: 'data platform' } },
  },
  {
    name: 'inbox',
    bucket: `data/${BUCKET}`,
    to: 'app',
    principals: ['role/report-service'],
    access: { write: ['in/*'] },
    route: 'bucket-policy',
    conditions: { sourceIp: ['127.0.0.0/8'] },
  },
];

let stage: GrantStage;
beforeEach(async () => {
  stage = await GrantStage.set();
  vi.stubEnv('AWS_CONFIG_FILE', stage.aws.profiles);
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', stage.aws.credentialsFile);
  await stage.encrypt({ delegated: false });
  stage.configure(GRANTS);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await stage.close();
});

/** An older form of the role, so that the script has to change it. */
async function makeRole(): Promise<void> {
  const trust = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${APP}:root` }, Action: 'sts:AssumeRole' };
  await stage
    .iam(DATA)
    .send(new CreateRoleCommand({ RoleName: 'reports-reader', AssumeRolePolicyDocument: policy(trust) }));
}

/** Documents of both accounts as `grant apply` makes them, by what they are. */
async function applied(): Promise<Record<string, unknown>> {
  const { out } = await stage.grant('export', '--format', 'json');
  const { documents } = JSON.parse(out) as {
    documents: { title: string; document?: unknown; state?: { trust: unknown } }[];
  };
  return Object.fromEntries(documents.map(({ title, document, state }) => [title, document ?? state?.trust]));
}

test('terraform: HCL that its own parser reads, with the same documents', async () => {
  const { exit, out, err } = await stage.grant('export', '--format', 'terraform');
  expect({ exit, err }).toEqual({ exit: 0, err: expect.not.stringContaining('error') });
  const [parsed, problem] = parseToObject(out);
  expect(problem).toBeNull();
  const { resource, provider } = parsed as {
    resource: Record<string, Record<string, Record<string, unknown>[]>>;
    provider: { aws: { alias: string; allowed_account_ids: string[] }[] };
  };
  expect(provider.aws.map(({ alias, allowed_account_ids: ids }) => [alias, ids])).toEqual([
    [`account_${DATA}`, [DATA]],
    [`account_${APP}`, [APP]],
  ]);
  expect(Object.entries(resource).map(([type, all]) => [type, Object.keys(all).length])).toEqual([
    ['aws_iam_role', 1],
    ['aws_iam_role_policy', 3],
    ['aws_kms_key_policy', 1],
    ['aws_s3_bucket_policy', 1],
  ]);
  const documents = await applied();
  const bucket = resource['aws_s3_bucket_policy']![BUCKET]![0]!;
  expect(fromHcl(bucket['policy'])).toEqual(documents[`bucket policy of ${BUCKET}`]);
  const role = resource['aws_iam_role']!['reports-reader']![0]!;
  expect(fromHcl(role['assume_role_policy'])).toEqual(documents['role reports-reader']);
  expect(role).toMatchObject({
    name: 'reports-reader',
    max_session_duration: 7200,
    tags: { team: 'data platform' },
  });
});

/** The parser gives an expression as `${jsonencode({...})}`, with its object in HCL. */
function fromHcl(expression: unknown): unknown {
  const [, object] = /^\$\{jsonencode\((.*)\)\}$/s.exec(String(expression))!;
  const [parsed] = parseToObject(`value = ${object}`);
  return parsed['value'];
}

test('cloudformation: templates whose resources and properties AWS knows', async () => {
  const { exit, out } = await stage.grant('export', '--format', 'cloudformation');
  expect(exit).toBe(0);
  const templates = parseAllDocuments(out).map(
    (document) =>
      document.toJS() as {
        Resources: Record<
          string,
          { Type: string; Properties: Record<string, unknown>; DependsOn?: string[] }
        >;
        Metadata?: { ByHand: { document: string }[] };
      },
  );
  expect(templates).toHaveLength(2);
  for (const { Resources } of templates)
    for (const { Type, Properties, DependsOn = [] } of Object.values(Resources)) {
      const known = cfn.resourceSpecification(Type).Properties;
      expect(Object.keys(known)).toEqual(expect.arrayContaining(Object.keys(Properties)));
      const required = Object.entries(known)
        .filter(([, { Required }]) => Required)
        .map(([name]) => name);
      expect(Object.keys(Properties)).toEqual(expect.arrayContaining(required));
      for (const [name, value] of Object.entries(Properties))
        expect([name, shapeOf(value)]).toEqual([name, expect.stringMatching(shapes(known[name]!))]);
      expect(Object.keys(Resources)).toEqual(expect.arrayContaining(DependsOn));
    }
  // CloudFormation changes no policy of a key that it did not make.
  expect(templates[0]!.Metadata?.ByHand).toEqual([
    expect.objectContaining({ document: expect.stringContaining('key policy') }),
  ]);
});

const shapeOf = (value: unknown): string =>
  Array.isArray(value)
    ? 'List'
    : typeof value === 'object'
      ? 'Json'
      : typeof value === 'number'
        ? 'Integer'
        : 'String';
const shapes = ({ Type, PrimitiveType }: { Type?: string; PrimitiveType?: string }): RegExp =>
  new RegExp(`^${Type ?? PrimitiveType}$`);

describe.skipIf(!hasCli)('aws-cli', () => {
  test(
    'the script runs over what is there, and leaves what an apply would',
    { timeout: 60_000 },
    async () => {
      const { exit, out } = await stage.grant('export', '--format', 'aws-cli');
      await makeRole();
      expect(exit).toBe(0);
      const script = join(stage.folder, 'grant.sh');
      writeFileSync(script, out);
      await promisify(execFile)('/bin/sh', [script], {
        timeout: 50_000,
        env: { ...process.env, AWS: `/usr/bin/aws --endpoint-url ${stage.aws.endpoint}`, AWS_PAGER: '' },
      });
      expect(await stage.grant('plan')).toMatchObject({ exit: 0 });
      const keys = await stage.assume(
        await stage.service(),
        `arn:aws:iam::${DATA}:role/reports-reader`,
        'acme-7f3a',
      );
      await stage.s3As(keys).send(new GetObjectCommand({ Bucket: BUCKET, Key: 'reports/q1.csv' }));
    },
  );
});

test('steps: every document filled in, and what the source has to know', async () => {
  const { exit, out } = await stage.grant('export', '--format', 'steps');
  expect(exit).toBe(0);
  const blocks = [...out.matchAll(/```json\n(.*?)\n```/gs)].map(([, text]) => JSON.parse(text!) as unknown);
  expect(blocks).toEqual(Object.values(await applied()));
  expect(out).toContain(`## In account ${DATA}`);
  expect(out).toContain(`## In account ${APP}`);
  expect(out).toContain('with the external id `acme-7f3a`');
  expect(out).toContain('2 hours');
  expect(out).not.toMatch(/\$\{|undefined|YOUR_|TODO/);
});

test('one side alone', async () => {
  const { out } = await stage.grant('export', '--format', 'json', '--side', 'source');
  const { documents } = JSON.parse(out) as { documents: { account: string }[] };
  expect(documents.map(({ account }) => account)).toEqual([APP, APP]);
});
