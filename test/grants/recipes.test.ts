import { generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateAccessKeyCommand,
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
  CreateUserCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { openBucket } from '@crossbucket/access';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { APP, BUCKET, GrantStage, policy } from './stage.ts';

const text = readFileSync(new URL('../../docs/recipes.md', import.meta.url), 'utf8');

interface Grant {
  name: string;
  principals: [string];
  access: { write?: string[] };
}

interface Recipe {
  grant: Grant;
  trust: string | undefined;
}

/** The recipes as the document has them. */
const recipes = new Map(
  text
    .split(/^## /m)
    .slice(1)
    .map((section): [string, Recipe] => {
      const { grants } = parse(/```yaml\n(.*?)```/s.exec(section)![1]!) as { grants: [Grant] };
      return [
        section.split('\n', 1)[0]!,
        { grant: grants[0], trust: /```json\n(.*?)```/s.exec(section)?.[1] },
      ];
    }),
);

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwks = {
  keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'ES256', use: 'sig', kty: 'EC' }],
};
const PROVIDERS = ['token.actions.githubusercontent.com', 'oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE'];

let stage: GrantStage;
beforeEach(async () => {
  stage = await GrantStage.set({
    identityProviders: PROVIDERS.map((host) => ({ url: `https://${host}`, jwks })),
  });
  vi.stubEnv('AWS_CONFIG_FILE', stage.aws.profiles);
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', stage.aws.credentialsFile);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await stage.close();
});

async function makeRole(principal: string, trust: string): Promise<void> {
  const [, RoleName] = /^role\/(?:.*\/)?([^/]+)$/.exec(principal)!;
  const path = principal.slice('role'.length, principal.length - RoleName!.length);
  await stage.iam(APP).send(new CreateRoleCommand({ RoleName, Path: path, AssumeRolePolicyDocument: trust }));
}

interface Applied {
  roleArn: string;
  externalId: string;
}

async function apply(grant: Grant): Promise<Applied> {
  stage.configure([grant]);
  const { exit, out, err } = await stage.grant('apply', '--json');
  expect(exit, err + out).toBe(0);
  expect(await stage.grant('verify', '--no-calls')).toMatchObject({ exit: 0 });
  expect(await stage.grant('plan')).toMatchObject({ exit: 0 });
  return (JSON.parse(out) as { grants: [Applied] }).grants[0];
}

test('there is one for each kind of principal', () => {
  expect([...recipes.keys()]).toEqual([
    'EC2',
    'Lambda',
    'EKS with IRSA',
    'EKS with Pod Identity',
    'SSO permission sets',
    'CI with OIDC',
    'An IAM user',
  ]);
});

describe('roles of services: by the documents, as nobody but the service becomes them', () => {
  test.each(['EC2', 'Lambda', 'EKS with Pod Identity'])('%s', async (name) => {
    const { grant, trust } = recipes.get(name)!;
    await makeRole(grant.principals[0], trust!);
    await apply(grant);
  });
});

describe('web identities: by calls, with a token of the provider', () => {
  test.each([
    ['EKS with IRSA', PROVIDERS[1]!, 'system:serviceaccount:reports:report-service'],
    ['CI with OIDC', PROVIDERS[0]!, 'repo:acme/reports:ref:refs/heads/main'],
  ])('%s', async (name, host, sub) => {
    const { grant, trust } = recipes.get(name)!;
    await stage.iam(APP).send(
      new CreateOpenIDConnectProviderCommand({
        Url: `https://${host}`,
        ClientIDList: ['sts.amazonaws.com'],
      }),
    );
    await makeRole(grant.principals[0], trust!);
    const { roleArn, externalId } = await apply(grant);
    const tokenFile = join(stage.folder, 'token');
    writeFileSync(tokenFile, tokenOf(`https://${host}`, sub));
    const clientConfig = { region: 'us-east-1', endpoint: stage.aws.endpoint };
    const bucket = openBucket({
      bucket: BUCKET,
      role: {
        roleArn,
        externalId,
        webIdentity: { tokenFile, roleArn: `arn:aws:iam::${APP}:${grant.principals[0]}` },
        clientConfig,
      },
      clientConfig,
    });
    if (grant.access.write) await bucket.put('reports/new.csv', 'new');
    else expect(await (await bucket.get('reports/q1.csv')).text()).toBe('reports/q1.csv');
  });
});

test('SSO permission sets: the document is for the permission set, and when it is there, all is well', async () => {
  const { grant } = recipes.get('SSO permission sets')!;
  await makeRole(
    grant.principals[0],
    policy({ Effect: 'Allow', Principal: { AWS: APP }, Action: 'sts:AssumeRole' }),
  );
  stage.configure([grant]);
  const applied = await stage.grant('apply');
  expect(applied).toMatchObject({ exit: 0, err: '' });
  const [, document] = /lets nobody add a policy to `[^`]+`: (\{.*\})$/m.exec(applied.out)!;
  expect(await stage.grant('verify', '--no-calls')).toMatchObject({ exit: 1 });
  // What Identity Center does with a permission set.
  const RoleName = grant.principals[0].split('/').at(-1)!;
  await stage
    .iam(APP)
    .send(
      new PutRolePolicyCommand({ RoleName, PolicyName: 'AwsSSOInlinePolicy', PolicyDocument: document! }),
    );
  const plan = await stage.grant('plan');
  expect(plan).toMatchObject({ exit: 0, out: expect.not.stringContaining('lets nobody') });
  expect(await stage.grant('verify', '--no-calls')).toMatchObject({ exit: 0 });
});

test('an IAM user, by calls with its keys', async () => {
  const { grant } = recipes.get('An IAM user')!;
  await stage.iam(APP).send(new CreateUserCommand({ UserName: 'report-service' }));
  const { AccessKey } = await stage.iam(APP).send(new CreateAccessKeyCommand({ UserName: 'report-service' }));
  await apply(grant);
  const config = join(stage.folder, 'config');
  const profile = [
    '[profile service]',
    'region = us-east-1',
    `endpoint_url = ${stage.aws.endpoint}`,
    `aws_access_key_id = ${AccessKey!.AccessKeyId!}`,
    `aws_secret_access_key = ${AccessKey!.SecretAccessKey!}`,
  ];
  writeFileSync(config, `${readFileSync(stage.aws.profiles, 'utf8')}\n${profile.join('\n')}\n`, {
    mode: 0o600,
  });
  vi.stubEnv('AWS_CONFIG_FILE', config);
  const verified = await stage.grant('verify', '--as', 'service');
  expect(verified).toMatchObject({
    exit: 0,
    err: '',
    out: expect.stringContaining(`by calls, as arn:aws:iam::${APP}:user/report-service`),
  });
});

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function tokenOf(iss: string, sub: string): string {
  const now = Math.floor(Date.now() / 1000);
  const signed = `${encode({ typ: 'JWT', alg: 'ES256', kid: 'k' })}.${encode({ iss, sub, aud: 'sts.amazonaws.com', iat: now, exp: now + 600 })}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}
