import { generateKeyPairSync, sign, type JsonWebKey, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AddClientIDToOpenIDConnectProviderCommand,
  CreateOpenIDConnectProviderCommand,
  DeleteOpenIDConnectProviderCommand,
  GetOpenIDConnectProviderCommand,
  ListOpenIDConnectProvidersCommand,
  ListOpenIDConnectProviderTagsCommand,
  RemoveClientIDFromOpenIDConnectProviderCommand,
  TagOpenIDConnectProviderCommand,
  UpdateOpenIDConnectProviderThumbprintCommand,
} from '@aws-sdk/client-iam';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import {
  AssumeRoleWithSAMLCommand,
  AssumeRoleWithWebIdentityCommand,
  STSClient,
  type AssumeRoleWithWebIdentityCommandInput,
  type Credentials,
} from '@aws-sdk/client-sts';
import { SandboxClock, startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { cli, hasCli } from './cli.ts';
import { clientsOf, DESTINATION, failureOf, SOURCE, type Clients, type Statement } from './clients.ts';
import { makeRole } from './principals.ts';

const ISSUER = 'token.actions.example';
const SERVED = 'login.example/tenant';
const BUCKET = 'web-identities';

const clock = new SandboxClock();
let aws: Sandbox;
let owner: Clients;
let anyone: STSClient;
let keyServer: Server;
/** What the loopback server gives as the key set of `SERVED`; undefined while it is out of order. */
let served: JsonWebKey[] | undefined;
let requests = 0;

interface Signer {
  kid: string;
  alg: 'RS256' | 'ES256';
  privateKey: KeyObject;
  jwk: JsonWebKey;
}

function signerOf(kid: string, alg: Signer['alg']): Signer {
  const { publicKey, privateKey } =
    alg === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { kid, alg, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' } };
}

const rsa = signerOf('rsa-1', 'RS256');
const ec = signerOf('ec-1', 'ES256');
const stranger = signerOf('rsa-1', 'RS256');

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token as a provider makes it. */
function tokenOf(claims: Record<string, unknown> = {}, by = rsa, head: Record<string, unknown> = {}): string {
  const now = Math.floor(clock.now() / 1000);
  const whole = {
    iss: `https://${ISSUER}`,
    aud: 'sts.amazonaws.com',
    sub: 'repo:acme/reports:ref:refs/heads/main',
    iat: now,
    exp: now + 600,
    ...claims,
  };
  const signed = `${encode({ typ: 'JWT', alg: by.alg, kid: by.kid, ...head })}.${encode(whole)}`;
  const signature = sign('sha256', Buffer.from(signed), { key: by.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

beforeAll(async () => {
  keyServer = createServer((_, response) => {
    requests += 1;
    if (served) response.end(JSON.stringify({ keys: served }));
    else response.writeHead(503).end();
  });
  await new Promise<void>((resolve) => {
    keyServer.listen(0, '127.0.0.1', resolve);
  });
  const { port } = keyServer.address() as AddressInfo;
  aws = await startSandbox({
    clock,
    config: {
      accounts: [{ id: SOURCE }, { id: DESTINATION }],
      identityProviders: [
        { url: `https://${ISSUER}`, jwks: { keys: [rsa.jwk, ec.jwk] as never } },
        { url: `https://${SERVED}`, jwks: `http://127.0.0.1:${port}/keys` },
      ],
    },
  });
  owner = clientsOf(aws, aws.account(DESTINATION).root);
  // Nobody's credentials: the token is all there is.
  anyone = new STSClient({ region: 'us-east-1', endpoint: aws.endpoint, maxAttempts: 1 });
  await owner.s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  for (const Url of [`https://${ISSUER}`, `https://${SERVED}`])
    await owner.iam.send(
      new CreateOpenIDConnectProviderCommand({ Url, ClientIDList: ['sts.amazonaws.com', 'other-client'] }),
    );
});
afterAll(async () => {
  await aws.close();
  keyServer.close();
});
beforeEach(() => {
  served = [rsa.jwk];
});

const providerArn = (issuer: string, account = DESTINATION) =>
  `arn:aws:iam::${account}:oidc-provider/${issuer}`;

let roles = 0;
async function roleFor(condition?: Statement, more: Statement = {}, issuer = ISSUER): Promise<string> {
  const { arn } = await makeRole(
    owner,
    `web-${++roles}`,
    [
      {
        Principal: { Federated: providerArn(issuer) },
        Action: ['sts:AssumeRoleWithWebIdentity'],
        ...(condition && { Condition: condition }),
        ...more,
      },
    ],
    [{ Action: 's3:PutObject', Resource: `arn:aws:s3:::${BUCKET}/\${${ISSUER}:sub}/*` }],
  );
  return arn;
}

const ask = (
  RoleArn: string,
  WebIdentityToken: string,
  more: Partial<AssumeRoleWithWebIdentityCommandInput> = {},
) =>
  anyone.send(
    new AssumeRoleWithWebIdentityCommand({ RoleArn, RoleSessionName: 'build', WebIdentityToken, ...more }),
  );

const as = (credentials: Credentials | undefined): Clients =>
  clientsOf(aws, {
    accessKeyId: credentials!.AccessKeyId!,
    secretAccessKey: credentials!.SecretAccessKey!,
    sessionToken: credentials!.SessionToken!,
  });
const put = (clients: Clients, Key: string) =>
  clients.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'a' }));

const refused = {
  code: 'AccessDenied',
  status: 403,
  message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity',
};

describe('a token that its provider signed', () => {
  test.each([
    ['RS256', rsa],
    ['ES256', ec],
  ])('with %s gives a session of the role', async (_, signer) => {
    const arn = await roleFor({ StringEquals: { [`${ISSUER}:aud`]: 'sts.amazonaws.com' } });
    const answer = await ask(arn, tokenOf({ sub: 'worker' }, signer));
    expect(answer).toMatchObject({
      SubjectFromWebIdentityToken: 'worker',
      Audience: 'sts.amazonaws.com',
      Provider: providerArn(ISSUER),
      AssumedRoleUser: { Arn: expect.stringMatching(/:assumed-role\/web-\d+\/build$/) },
    });
    // The subject stays with the session, and its policies may speak of it.
    const session = as(answer.Credentials);
    await put(session, 'worker/a');
    expect((await failureOf(put(session, 'another/a'))).code).toBe('AccessDenied');
  });

  test.each<[string, Statement, boolean]>([
    ['its subject', { StringLike: { [`${ISSUER}:sub`]: 'repo:acme/*:ref:refs/heads/main' } }, true],
    ['another subject', { StringLike: { [`${ISSUER}:sub`]: 'repo:other/*' } }, false],
    ['another audience', { StringEquals: { [`${ISSUER}:aud`]: 'other-client' } }, false],
    ['a method', { 'ForAnyValue:StringEquals': { [`${ISSUER}:amr`]: 'authenticated' } }, true],
    ['a session name', { StringEquals: { 'sts:RoleSessionName': 'another' } }, false],
    ['the provider', { ArnEquals: { 'aws:FederatedProvider': providerArn(ISSUER) } }, true],
  ])('is held against %s', async (_, condition, allowed) => {
    const arn = await roleFor(condition);
    const call = ask(arn, tokenOf({ amr: ['authenticated'] }));
    if (allowed) await call;
    else expect(await failureOf(call)).toMatchObject(refused);
  });

  test('opens no role that trusts someone else, and says nothing of roles that are not there', async () => {
    const { arn } = await makeRole(owner, 'trusts-account', DESTINATION);
    expect(await failureOf(ask(arn, tokenOf()))).toMatchObject(refused);
    const other = await roleFor(undefined, {}, SERVED);
    expect(await failureOf(ask(other, tokenOf()))).toMatchObject(refused);
    const missing = `arn:aws:iam::${DESTINATION}:role/there-is-none`;
    expect(await failureOf(ask(missing, tokenOf()))).toMatchObject(refused);
  });

  test('is narrowed by session policies and the limit of the role', async () => {
    const arn = await roleFor();
    const PolicyArns = [{ arn: 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess' }];
    const narrow = as((await ask(arn, tokenOf({ sub: 'worker' }), { PolicyArns })).Credentials);
    expect((await failureOf(put(narrow, 'worker/a'))).code).toBe('AccessDenied');
    expect((await failureOf(ask(arn, tokenOf(), { DurationSeconds: 3601 }))).code).toBe('ValidationError');
  });

  test('brings tags and a source identity, where the trust policy lets it', async () => {
    const claims = {
      sub: 'tagged',
      'https://aws.amazon.com/tags': {
        principal_tags: { team: ['data'] },
        transitive_tag_keys: ['team'],
      },
      'https://aws.amazon.com/source_identity': 'alex',
    };
    const closed = await roleFor();
    expect((await failureOf(ask(closed, tokenOf(claims)))).code).toBe('AccessDenied');
    const open = await roleFor(undefined, {
      Action: ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession', 'sts:SetSourceIdentity'],
    });
    expect(await ask(open, tokenOf(claims))).toMatchObject({ SourceIdentity: 'alex' });
    const byTeam = await roleFor(
      { StringEquals: { 'aws:RequestTag/team': 'data' } },
      { Action: ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession', 'sts:SetSourceIdentity'] },
    );
    await ask(byTeam, tokenOf(claims));
  });
});

describe('a token that does not count', () => {
  const invalid = { code: 'InvalidIdentityTokenException', status: 400 };
  test.each<[string, () => string, object]>([
    ['is no token', () => 'abcd', invalid],
    ['has no claims', () => `${encode({ alg: 'RS256' })}.${encode([])}.aaaa`, invalid],
    ['is signed with a key that is not the provider’s', () => tokenOf({}, stranger), invalid],
    ['claims no algorithm', () => `${encode({ alg: 'none' })}.${tokenOf().split('.')[1]}.aaaa`, invalid],
    ['names an algorithm of secrets', () => tokenOf({}, rsa, { alg: 'HS256' }), invalid],
    ['names an algorithm that its key is not for', () => tokenOf({}, rsa, { alg: 'ES256' }), invalid],
    ['names a key that is not there', () => tokenOf({}, rsa, { kid: 'none' }), invalid],
    ['is for another audience', () => tokenOf({ aud: 'somebody-else' }), invalid],
    [
      'is of an issuer that the account does not know',
      () => tokenOf({ iss: 'https://evil.example' }),
      invalid,
    ],
    ['has no subject', () => tokenOf({ sub: undefined }), invalid],
    ['is not yet valid', () => tokenOf({ nbf: Math.floor(clock.now() / 1000) + 60 }), invalid],
    [
      'has expired',
      () => tokenOf({ exp: Math.floor(clock.now() / 1000) - 1 }),
      { code: 'ExpiredTokenException', status: 400 },
    ],
    ['was changed', () => changed(tokenOf()), invalid],
  ])('because it %s', async (_, token, failure) => {
    const arn = await roleFor();
    expect(await failureOf(ask(arn, token()))).toMatchObject(failure);
  });

  test('expires by the clock of the sandbox', async () => {
    const arn = await roleFor();
    const token = tokenOf();
    await ask(arn, token);
    clock.advance(601_000);
    expect((await failureOf(ask(arn, token))).code).toBe('ExpiredTokenException');
  });

  function changed(token: string): string {
    const [head, , signature] = token.split('.');
    const claims = { iss: `https://${ISSUER}`, aud: 'sts.amazonaws.com', sub: 'admin', exp: 9_999_999_999 };
    return `${head}.${encode(claims)}.${signature}`;
  }
});

describe('keys that the provider serves', () => {
  const claims = { iss: `https://${SERVED}` };

  test('are fetched once, and again when a token names one that is new', async () => {
    const arn = await roleFor(undefined, {}, SERVED);
    const before = requests;
    await ask(arn, tokenOf(claims));
    await ask(arn, tokenOf(claims));
    expect(requests - before).toBeLessThanOrEqual(1);
    served = [ec.jwk];
    await ask(arn, tokenOf(claims, ec));
    expect((await failureOf(ask(arn, tokenOf(claims)))).code).toBe('InvalidIdentityTokenException');
  });

  test.each<[string, typeof served]>([
    ['cannot be had', undefined],
    ['come with more than anybody needs', [{ ...rsa.jwk, x5c: ['x'.repeat(2_000_000)] }]],
  ])('that %s are the provider’s fault', async (_, keys) => {
    const arn = await roleFor(undefined, {}, SERVED);
    served = keys;
    expect(await failureOf(ask(arn, tokenOf(claims, signerOf('newest', 'ES256'))))).toMatchObject({
      code: 'IDPCommunicationErrorException',
      status: 400,
    });
  });
});

describe('an identity provider', () => {
  test('is made, read, changed, tagged, listed and deleted', async () => {
    const Tags = [{ Key: 'owner', Value: 'platform' }];
    const { OpenIDConnectProviderArn: arn } = await owner.iam.send(
      new CreateOpenIDConnectProviderCommand({
        Url: 'https://oidc.example/id/ABC',
        ClientIDList: ['one'],
        ThumbprintList: ['a'.repeat(40)],
        Tags,
      }),
    );
    expect(arn).toBe(providerArn('oidc.example/id/ABC'));
    const OpenIDConnectProviderArn = arn!;
    const get = () => owner.iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
    expect(await get()).toMatchObject({
      Url: 'oidc.example/id/ABC',
      ClientIDList: ['one'],
      ThumbprintList: ['a'.repeat(40)],
      Tags,
    });
    await owner.iam.send(
      new AddClientIDToOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, ClientID: 'two' }),
    );
    await owner.iam.send(
      new RemoveClientIDFromOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, ClientID: 'one' }),
    );
    const ThumbprintList = ['b'.repeat(40)];
    await owner.iam.send(
      new UpdateOpenIDConnectProviderThumbprintCommand({ OpenIDConnectProviderArn, ThumbprintList }),
    );
    await owner.iam.send(
      new TagOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, Tags: [{ Key: 'Owner', Value: 'x' }] }),
    );
    expect(await get()).toMatchObject({ ClientIDList: ['two'], ThumbprintList });
    const tags = await owner.iam.send(new ListOpenIDConnectProviderTagsCommand({ OpenIDConnectProviderArn }));
    expect(tags.Tags).toEqual([{ Key: 'Owner', Value: 'x' }]);
    const list = await owner.iam.send(new ListOpenIDConnectProvidersCommand({}));
    expect(list.OpenIDConnectProviderList?.map(({ Arn }) => Arn)).toContain(arn);
    await owner.iam.send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
    expect((await failureOf(get())).code).toBe('NoSuchEntityException');
  });

  test.each([
    ['http://oidc.example', 'ValidationError'],
    ['https://oidc.example:8443', 'ValidationError'],
    ['https://oidc.example/?a=b', 'ValidationError'],
    [`https://${ISSUER}`, 'EntityAlreadyExistsException'],
  ])('may not be at %s', async (Url, code) => {
    expect((await failureOf(owner.iam.send(new CreateOpenIDConnectProviderCommand({ Url })))).code).toBe(
      code,
    );
  });
});

test('assertions of SAML are not verified, and say so', async () => {
  const command = new AssumeRoleWithSAMLCommand({
    RoleArn: await roleFor(),
    PrincipalArn: `arn:aws:iam::${DESTINATION}:saml-provider/acme`,
    SAMLAssertion: 'assertion',
  });
  expect(await failureOf(anyone.send(command))).toMatchObject({ code: 'NotImplemented', status: 501 });
});

test('the trail shows the web identity, and not its token', async () => {
  const arn = await roleFor();
  const token = tokenOf({ sub: 'logged' });
  await ask(arn, token);
  const record = aws.records().findLast(({ eventName }) => eventName === 'AssumeRoleWithWebIdentity');
  expect(record).toMatchObject({
    recipientAccountId: DESTINATION,
    userIdentity: {
      type: 'WebIdentityUser',
      principalId: `${providerArn(ISSUER)}:sts.amazonaws.com:logged`,
      userName: 'logged',
      identityProvider: providerArn(ISSUER),
    },
  });
  expect(JSON.stringify(aws.records())).not.toContain(token);
});

test.skipIf(!hasCli)(
  'the AWS CLI brings a token, and no key (skipped where it is not installed)',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'crossbucket-web-'));
    writeFileSync(join(folder, 'token'), tokenOf());
    const assume = `sts assume-role-with-web-identity --role-arn ${await roleFor()} --role-session-name build`;
    const answer = await cli(aws, folder, SOURCE, assume, '--web-identity-token file://token --query', [
      '[Provider,SubjectFromWebIdentityToken]',
    ]);
    rmSync(folder, { recursive: true });
    expect(answer).toMatchObject({
      code: 0,
      out: `${providerArn(ISSUER)}\trepo:acme/reports:ref:refs/heads/main`,
    });
  },
  30_000,
);
