import {
  CreateGrantCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  ListGrantsCommand,
  ListRetirableGrantsCommand,
  PutKeyPolicyCommand,
  RetireGrantCommand,
  RevokeGrantCommand,
  type CreateGrantCommandInput,
  type KMSClient,
} from '@aws-sdk/client-kms';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DESTINATION, documentOf, failureOf, SOURCE } from './clients.ts';
import { kmsOf, makeKey } from './kms-clients.ts';

const worker = `arn:aws:iam::${DESTINATION}:user/worker`;
const partner = `arn:aws:iam::${SOURCE}:user/partner`;
let aws: Sandbox;
/** Root of the keys' account; a user there without any policy; and one elsewhere who may do anything there. */
let owner: KMSClient;
let asWorker: KMSClient;
let asPartner: KMSClient;
let key: string;

beforeAll(async () => {
  const all = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'kms:*', Resource: '*' }] };
  aws = await startSandbox({
    accounts: [
      { id: DESTINATION, users: [{ name: 'worker' }] },
      { id: SOURCE, users: [{ name: 'partner', policies: { all } }] },
    ],
  });
  owner = kmsOf(aws, aws.account(DESTINATION).root);
  asWorker = kmsOf(aws, aws.account(DESTINATION).users['worker']!);
  asPartner = kmsOf(aws, aws.account(SOURCE).users['partner']!);
});
afterAll(() => aws.close());
beforeEach(async () => {
  key = await makeKey(owner);
});

const grant = (input: Partial<CreateGrantCommandInput>, by = owner) =>
  by.send(
    new CreateGrantCommand({
      KeyId: key,
      GranteePrincipal: worker,
      Operations: ['Encrypt', 'Decrypt'],
      ...input,
    }),
  );
const encrypt = (by: KMSClient, EncryptionContext?: Record<string, string>) =>
  by.send(new EncryptCommand({ KeyId: key, Plaintext: Buffer.from('x'), EncryptionContext }));
const denied = { code: 'AccessDeniedException', status: 400 };

describe('a grant', () => {
  test('allows its grantee its operations, and nobody else, and nothing else', async () => {
    expect(await failureOf(encrypt(asWorker))).toMatchObject(denied);
    const { GrantId, GrantToken } = await grant({ Name: 'for work' });
    expect(GrantId).toMatch(/^[0-9a-f]{64}$/);
    expect(GrantToken).toBeTruthy();
    const { CiphertextBlob, $metadata } = await encrypt(asWorker);
    const [first] = aws.decision($metadata.requestId!)!.authorizations;
    expect(JSON.stringify(first!.decision.layers)).toContain('"sid":"use of grant ');
    await expect(asWorker.send(new DecryptCommand({ CiphertextBlob }))).resolves.toBeDefined();
    const other = asWorker.send(new GenerateDataKeyCommand({ KeyId: key, KeySpec: 'AES_256' }));
    expect(await failureOf(other)).toMatchObject(denied);
    expect(await failureOf(asWorker.send(new DescribeKeyCommand({ KeyId: key })))).toMatchObject(denied);
    expect(await failureOf(encrypt(asPartner))).toMatchObject(denied);
  });

  test('gives way to a Deny of the key policy', async () => {
    await grant({});
    const deny = { Effect: 'Deny', Principal: { AWS: worker }, Action: 'kms:Encrypt', Resource: '*' };
    const all = { Principal: { AWS: DESTINATION }, Action: 'kms:*', Resource: '*' };
    await owner.send(new PutKeyPolicyCommand({ KeyId: key, Policy: documentOf(all, deny) }));
    expect(await failureOf(encrypt(asWorker))).toMatchObject(denied);
  });

  test('to another account’s principal counts beside what that account allows', async () => {
    await grant({ GranteePrincipal: partner });
    await expect(encrypt(asPartner)).resolves.toMatchObject({ KeyId: key });
  });

  test('holds only for the encryption contexts that it names', async () => {
    await grant({ Constraints: { EncryptionContextSubset: { team: 'reports' } } });
    await expect(encrypt(asWorker, { team: 'reports', more: '1' })).resolves.toBeDefined();
    const others: (Record<string, string> | undefined)[] = [undefined, { team: 'Reports' }, { more: '1' }];
    for (const context of others) expect(await failureOf(encrypt(asWorker, context))).toMatchObject(denied);
    key = await makeKey(owner);
    await grant({ Constraints: { EncryptionContextEquals: { team: '${aws:username}' } } });
    await expect(encrypt(asWorker, { team: '${aws:username}' })).resolves.toBeDefined();
    const similar: Record<string, string>[] = [{ team: '${aws:username}', more: '1' }, { team: 'worker' }];
    for (const context of similar) expect(await failureOf(encrypt(asWorker, context))).toMatchObject(denied);
  });

  test('may let its grantee make further ones that give no more', async () => {
    const Constraints = { EncryptionContextSubset: { team: 'reports' } };
    await grant({ Operations: ['Decrypt', 'CreateGrant'], Constraints });
    const further = (input: Partial<CreateGrantCommandInput>) =>
      grant({ GranteePrincipal: partner, ...input }, asWorker);
    expect(await failureOf(further({ Operations: ['Encrypt'], Constraints }))).toMatchObject(denied);
    expect(await failureOf(further({ Operations: ['Decrypt'] }))).toMatchObject(denied);
    await expect(further({ Operations: ['Decrypt'], Constraints })).resolves.toHaveProperty('GrantId');
  });

  test('with a name is made once', async () => {
    const first = await grant({ Name: 'once' });
    expect((await grant({ Name: 'once' })).GrantId).toBe(first.GrantId);
    expect((await grant({ Name: 'twice' })).GrantId).not.toBe(first.GrantId);
  });

  test('that makes no sense is refused', async () => {
    expect(await failureOf(grant({ Operations: ['Sign'] }))).toMatchObject({ code: 'ValidationException' });
    expect(await failureOf(grant({ Operations: [] }))).toMatchObject({ code: 'ValidationException' });
    const nobody = `arn:aws:iam::${DESTINATION}:user/nobody`;
    expect(await failureOf(grant({ GranteePrincipal: nobody }))).toMatchObject({
      code: 'InvalidArnException',
    });
    await owner.send(new DisableKeyCommand({ KeyId: key }));
    expect(await failureOf(grant({}))).toMatchObject({ code: 'DisabledException' });
  });
});

describe('grants', () => {
  test('are listed with all that they say, page by page', async () => {
    const Constraints = { EncryptionContextSubset: { team: 'reports' } };
    const { GrantId } = await grant({ Constraints, RetiringPrincipal: partner, Name: 'n' });
    await grant({ GranteePrincipal: partner });
    const list = async (filter: object = {}) =>
      (await owner.send(new ListGrantsCommand({ KeyId: key, ...filter }))).Grants!;
    expect(await list()).toHaveLength(2);
    expect(await list({ GranteePrincipal: worker })).toEqual([
      {
        KeyId: key,
        GrantId,
        Name: 'n',
        CreationDate: expect.any(Date),
        GranteePrincipal: worker,
        RetiringPrincipal: partner,
        IssuingAccount: `arn:aws:iam::${DESTINATION}:root`,
        Operations: ['Encrypt', 'Decrypt'],
        Constraints,
      },
    ]);
    const first = await owner.send(new ListGrantsCommand({ KeyId: key, Limit: 1 }));
    expect(first).toMatchObject({ Truncated: true, Grants: [{ GrantId }] });
    const retirable = await asPartner.send(new ListRetirableGrantsCommand({ RetiringPrincipal: partner }));
    expect(retirable.Grants).toEqual([expect.objectContaining({ GrantId, KeyId: key })]);
  });

  test('end when they are revoked', async () => {
    const { GrantId } = await grant({});
    const revoke = (id: string, by = owner) => by.send(new RevokeGrantCommand({ KeyId: key, GrantId: id }));
    expect(await failureOf(revoke(GrantId!, asWorker))).toMatchObject(denied);
    await revoke(GrantId!);
    expect(await failureOf(encrypt(asWorker))).toMatchObject(denied);
    expect(await failureOf(revoke(GrantId!))).toMatchObject({ code: 'NotFoundException' });
  });

  test('end when whom they name retires them', async () => {
    const { GrantId, GrantToken } = await grant({ RetiringPrincipal: partner });
    const byToken = (by: KMSClient, token = GrantToken) =>
      by.send(new RetireGrantCommand({ GrantToken: token }));
    expect(await failureOf(byToken(asWorker))).toMatchObject(denied);
    await byToken(asPartner);
    expect(await failureOf(encrypt(asWorker))).toMatchObject(denied);
    expect(await failureOf(byToken(asPartner))).toMatchObject({ code: 'InvalidGrantTokenException' });

    const own = await grant({ Operations: ['Encrypt', 'RetireGrant'] });
    const kept = await grant({ Name: 'kept' });
    const byId = (id: string) => asWorker.send(new RetireGrantCommand({ KeyId: key, GrantId: id }));
    expect(await failureOf(byId(kept.GrantId!))).toMatchObject(denied);
    await byId(own.GrantId!);
    expect(await failureOf(byId(GrantId!))).toMatchObject({ code: 'NotFoundException' });
    const left = await owner.send(new ListGrantsCommand({ KeyId: key }));
    expect(left.Grants!.map((one) => one.GrantId)).toEqual([kept.GrantId]);
    // The account that made a grant may retire it as well.
    await expect(byToken(owner, kept.GrantToken)).resolves.toBeDefined();
  });
});
