import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  GetKeyPolicyCommand,
  ListAliasesCommand,
  ListKeyPoliciesCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
  SignCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
  UpdateKeyDescriptionCommand,
  type KMSClient,
} from '@aws-sdk/client-kms';
import { SandboxClock, startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DESTINATION, documentOf, failureOf, SOURCE } from './clients.ts';
import { idOf, kmsOf, makeKey } from './kms-clients.ts';

const clock = new SandboxClock();
const DAY = 86_400_000;
let aws: Sandbox;
let kms: KMSClient;
let limited: KMSClient;
let stranger: KMSClient;

beforeAll(async () => {
  const all = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'kms:*', Resource: '*' }] };
  aws = await startSandbox({
    clock,
    accounts: [SOURCE, { id: DESTINATION, users: [{ name: 'keeper', policies: { all } }] }],
  });
  kms = kmsOf(aws, aws.account(DESTINATION).root);
  limited = kmsOf(aws, aws.account(DESTINATION).users['keeper']!);
  stranger = kmsOf(aws, aws.account(SOURCE).root);
});
afterAll(() => aws.close());

const encrypt = (KeyId: string, by = kms) =>
  by.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }));
const stateOf = async (KeyId: string) =>
  (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState;

describe('a key', () => {
  test('is made, described and listed', async () => {
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: 'for reports' }));
    expect(KeyMetadata).toMatchObject({
      AWSAccountId: DESTINATION,
      Arn: `arn:aws:kms:us-east-1:${DESTINATION}:key/${KeyMetadata!.KeyId}`,
      CreationDate: expect.any(Date),
      Description: 'for reports',
      Enabled: true,
      KeyManager: 'CUSTOMER',
      KeySpec: 'SYMMETRIC_DEFAULT',
      KeyState: 'Enabled',
      KeyUsage: 'ENCRYPT_DECRYPT',
      MultiRegion: false,
      Origin: 'AWS_KMS',
    });
    for (const KeyId of [KeyMetadata!.KeyId, KeyMetadata!.Arn])
      expect((await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata).toEqual(KeyMetadata);
    await kms.send(new UpdateKeyDescriptionCommand({ KeyId: KeyMetadata!.KeyId, Description: 'for all' }));
    const { KeyMetadata: later } = await kms.send(new DescribeKeyCommand({ KeyId: KeyMetadata!.KeyId }));
    expect(later?.Description).toBe('for all');
  });

  test('is listed page by page, and only in its account and region', async () => {
    const there = kmsOf(aws, aws.account(DESTINATION).root, 'eu-west-1');
    const arns = [await makeKey(there), await makeKey(there), await makeKey(there)];
    const first = await there.send(new ListKeysCommand({ Limit: 2 }));
    expect(first).toMatchObject({ Truncated: true, NextMarker: expect.any(String) });
    const rest = await there.send(new ListKeysCommand({ Limit: 2, Marker: first.NextMarker }));
    expect(rest).toMatchObject({ Truncated: false });
    const listed = [...first.Keys!, ...rest.Keys!].map(({ KeyArn }) => KeyArn);
    expect(listed.toSorted()).toEqual(arns.toSorted());
    expect((await stranger.send(new ListKeysCommand({}))).Keys).toEqual([]);
    expect(await failureOf(there.send(new ListKeysCommand({ Marker: 'no' })))).toMatchObject({
      code: 'InvalidMarkerException',
    });
    expect(await failureOf(there.send(new ListKeysCommand({ Limit: 1001 })))).toMatchObject({
      code: 'ValidationException',
    });
  });

  test('that is not there is not found; a bare id is looked up with the caller and in its region', async () => {
    const own = `arn:aws:kms:us-east-1:${DESTINATION}:key/00000000-0000-4000-8000-000000000000`;
    for (const KeyId of [own, idOf(own)])
      expect(await failureOf(encrypt(KeyId))).toEqual(
        expect.objectContaining({ code: 'NotFoundException', message: `Key '${own}' does not exist` }),
      );
    const arn = await makeKey(kms);
    const theirs = arn.replace(DESTINATION, SOURCE);
    expect(await failureOf(encrypt(idOf(arn), stranger))).toMatchObject({
      code: 'NotFoundException',
      message: `Key '${theirs}' does not exist`,
    });
    const elsewhere = kmsOf(aws, aws.account(DESTINATION).root, 'eu-west-1');
    expect(await failureOf(encrypt(arn, elsewhere))).toMatchObject({ code: 'NotFoundException' });
    expect(await failureOf(encrypt('not a key!'))).toMatchObject({ code: 'NotFoundException' });
  });

  test('of a kind that the sandbox does not make is refused', async () => {
    const refused = { code: 'UnsupportedOperationException', status: 400 };
    for (const input of [{ KeySpec: 'RSA_2048' }, { MultiRegion: true }, { Origin: 'EXTERNAL' }] as const)
      expect(await failureOf(kms.send(new CreateKeyCommand(input)))).toMatchObject(refused);
    const signing = kms.send(
      new SignCommand({
        KeyId: await makeKey(kms),
        Message: Buffer.from('m'),
        SigningAlgorithm: 'RSASSA_PSS_SHA_256',
      }),
    );
    expect(await failureOf(signing)).toMatchObject({ code: 'NotImplemented', status: 501 });
  });
});

describe('the state of a key', () => {
  test('disabled keeps it from use, and from nothing else', async () => {
    const KeyId = await makeKey(kms);
    await kms.send(new DisableKeyCommand({ KeyId }));
    const refused = await failureOf(encrypt(KeyId));
    expect(refused).toMatchObject({
      code: 'DisabledException',
      message: `${KeyId} is disabled.`,
      status: 400,
    });
    expect(aws.decision(refused.requestId!)?.causes[0]?.code).toBe('kms-key-unavailable');
    await kms.send(new UpdateKeyDescriptionCommand({ KeyId, Description: 'still here' }));
    await kms.send(new EnableKeyCommand({ KeyId }));
    await expect(encrypt(KeyId)).resolves.toBeDefined();
  });

  test('pending deletion keeps it from use and change, until it is cancelled or the key is gone', async () => {
    const KeyId = await makeKey(kms);
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/goes-too', TargetKeyId: KeyId }));
    const schedule = (PendingWindowInDays?: number) =>
      kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays }));
    expect(await failureOf(schedule(6))).toMatchObject({ code: 'ValidationException' });
    expect(await failureOf(kms.send(new CancelKeyDeletionCommand({ KeyId })))).toMatchObject({
      code: 'KMSInvalidStateException',
    });
    const scheduled = await schedule(7);
    expect(scheduled).toMatchObject({ KeyId, KeyState: 'PendingDeletion', PendingWindowInDays: 7 });
    const pending = { code: 'KMSInvalidStateException', message: `${KeyId} is pending deletion.` };
    expect(await failureOf(encrypt(KeyId))).toMatchObject(pending);
    expect(await failureOf(kms.send(new EnableKeyCommand({ KeyId })))).toMatchObject(pending);
    expect(await failureOf(schedule())).toMatchObject(pending);

    await kms.send(new CancelKeyDeletionCommand({ KeyId }));
    expect(await stateOf(KeyId)).toBe('Disabled');
    await schedule(7);
    clock.advance(7 * DAY - 60_000);
    expect(await stateOf(KeyId)).toBe('PendingDeletion');
    clock.advance(120_000);
    // Whether or not anybody has asked for it by name.
    const [keys, aliases] = [
      await kms.send(new ListKeysCommand({})),
      await kms.send(new ListAliasesCommand({})),
    ];
    expect(keys.Keys!.map(({ KeyArn }) => KeyArn)).not.toContain(KeyId);
    expect(aliases.Aliases!.map(({ AliasName }) => AliasName)).not.toContain('alias/goes-too');
    expect(await failureOf(stateOf(KeyId))).toMatchObject({ code: 'NotFoundException' });
    expect(await failureOf(stateOf('alias/goes-too'))).toMatchObject({ code: 'NotFoundException' });
  });
});

describe('a key policy', () => {
  const policy = (Principal: unknown, Action: unknown = 'kms:*') =>
    documentOf({ Principal, Action, Resource: '*' });
  const read = (KeyId: string) => kms.send(new GetKeyPolicyCommand({ KeyId }));

  test('lets the account decide unless it says otherwise', async () => {
    const KeyId = await makeKey(kms);
    const { Policy, PolicyName } = await read(KeyId);
    expect(PolicyName).toBe('default');
    expect(JSON.parse(Policy!)).toMatchObject({
      Id: 'key-default-1',
      Statement: [{ Principal: { AWS: `arn:aws:iam::${DESTINATION}:root` }, Action: 'kms:*' }],
    });
    expect((await kms.send(new ListKeyPoliciesCommand({ KeyId }))).PolicyNames).toEqual(['default']);
    await expect(encrypt(KeyId, limited)).resolves.toBeDefined();
  });

  test('is replaced as a whole and read back as it was put', async () => {
    const KeyId = await makeKey(kms);
    const Policy = policy({ AWS: `arn:aws:iam::${DESTINATION}:root` }, ['kms:Put*', 'kms:Get*']);
    await kms.send(new PutKeyPolicyCommand({ KeyId, Policy }));
    expect((await read(KeyId)).Policy).toBe(Policy);
    const denied = await failureOf(encrypt(KeyId, limited));
    expect(denied).toMatchObject({
      code: 'AccessDeniedException',
      status: 400,
      message: expect.stringContaining('because no resource-based policy allows the kms:Encrypt action'),
    });
    expect(await failureOf(kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: 'other' })))).toMatchObject({
      code: 'NotFoundException',
    });
  });

  test('that would lock its maker out is refused, unless that is what they want', async () => {
    const keeper = `arn:aws:iam::${DESTINATION}:user/keeper`;
    const refused = {
      code: 'MalformedPolicyDocumentException',
      message: 'The new key policy will not allow you to update the key policy in the future.',
    };
    const alone = policy({ AWS: keeper });
    expect(await failureOf(kms.send(new CreateKeyCommand({ Policy: alone })))).toMatchObject(refused);
    const KeyId = await makeKey(limited, { Policy: alone });
    const useless = policy({ AWS: keeper }, 'kms:Encrypt');
    const put = (Policy: string, BypassPolicyLockoutSafetyCheck?: boolean) =>
      limited.send(new PutKeyPolicyCommand({ KeyId, Policy, BypassPolicyLockoutSafetyCheck }));
    expect(await failureOf(put(useless))).toMatchObject(refused);
    // Not even the account's root may do what a key policy does not let it.
    expect(await failureOf(encrypt(KeyId))).toMatchObject({ code: 'AccessDeniedException' });
    await put(useless, true);
    await expect(encrypt(KeyId, limited)).resolves.toBeDefined();
    expect(await failureOf(put(alone, true))).toMatchObject({ code: 'AccessDeniedException' });
  });

  test('that is malformed or names nobody is refused', async () => {
    const KeyId = await makeKey(kms);
    const put = (Policy: string) => kms.send(new PutKeyPolicyCommand({ KeyId, Policy }));
    const malformed = { code: 'MalformedPolicyDocumentException', status: 400 };
    expect(await failureOf(put('{'))).toMatchObject(malformed);
    expect(await failureOf(put(documentOf({ Action: 'kms:*', Resource: '*' })))).toMatchObject(malformed);
    expect(await failureOf(put(policy({ AWS: `arn:aws:iam::${DESTINATION}:user/nobody` })))).toMatchObject({
      ...malformed,
      message: 'Policy contains a statement with one or more invalid principals.',
    });
  });
});

describe('an alias', () => {
  test('stands for a key, is moved and deleted', async () => {
    const [one, two] = [await makeKey(kms), await makeKey(kms)];
    const AliasName = 'alias/reports';
    const target = async () =>
      (await kms.send(new DescribeKeyCommand({ KeyId: AliasName }))).KeyMetadata?.Arn;
    await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: one }));
    expect(await target()).toBe(one);
    expect((await encrypt(`arn:aws:kms:us-east-1:${DESTINATION}:${AliasName}`)).KeyId).toBe(one);
    expect(await failureOf(kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: two })))).toMatchObject({
      code: 'AlreadyExistsException',
    });
    await kms.send(new UpdateAliasCommand({ AliasName, TargetKeyId: idOf(two) }));
    expect(await target()).toBe(two);
    expect((await kms.send(new ListAliasesCommand({ KeyId: one }))).Aliases).toEqual([]);
    expect((await kms.send(new ListAliasesCommand({ KeyId: two }))).Aliases).toEqual([
      expect.objectContaining({ AliasName, TargetKeyId: idOf(two) }),
    ]);
    await kms.send(new DeleteAliasCommand({ AliasName }));
    expect(await failureOf(target())).toMatchObject({
      code: 'NotFoundException',
      message: `Alias arn:aws:kms:us-east-1:${DESTINATION}:${AliasName} is not found.`,
    });
    expect(await failureOf(kms.send(new DeleteAliasCommand({ AliasName })))).toMatchObject({
      code: 'NotFoundException',
    });
  });

  test('has a name of its own kind, and no alias behind it', async () => {
    const TargetKeyId = await makeKey(kms);
    const make = (AliasName: string, target = TargetKeyId) =>
      kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: target }));
    expect(await failureOf(make('reports-2'))).toMatchObject({ code: 'ValidationException' });
    expect(await failureOf(make('alias/a b'))).toMatchObject({ code: 'InvalidAliasNameException' });
    expect(await failureOf(make('alias/aws/mine'))).toMatchObject({ code: 'InvalidAliasNameException' });
    await make('alias/first');
    expect(await failureOf(make('alias/second', 'alias/first'))).toMatchObject({
      code: 'ValidationException',
    });
  });
});

describe('tags', () => {
  test('are set, listed, removed, and decide', async () => {
    const KeyId = await makeKey(kms, { Tags: [{ TagKey: 'team', TagValue: 'reports' }] });
    const tags = async () => (await kms.send(new ListResourceTagsCommand({ KeyId }))).Tags;
    await kms.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: 'stage', TagValue: 'test' }] }));
    expect(await tags()).toEqual([
      { TagKey: 'team', TagValue: 'reports' },
      { TagKey: 'stage', TagValue: 'test' },
    ]);
    await kms.send(
      new PutKeyPolicyCommand({
        KeyId,
        Policy: documentOf(
          { Principal: { AWS: DESTINATION }, Action: 'kms:*', Resource: '*' },
          {
            Effect: 'Deny',
            Principal: '*',
            Action: 'kms:Encrypt',
            Resource: '*',
            Condition: { StringEquals: { 'aws:ResourceTag/stage': 'test' } },
          },
        ),
      }),
    );
    expect(await failureOf(encrypt(KeyId))).toMatchObject({
      code: 'AccessDeniedException',
      message: expect.stringContaining('with an explicit deny in a resource-based policy'),
    });
    await kms.send(new UntagResourceCommand({ KeyId, TagKeys: ['stage'] }));
    await expect(encrypt(KeyId)).resolves.toBeDefined();
    const reserved = kms.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: 'aws:x', TagValue: '' }] }));
    expect(await failureOf(reserved)).toMatchObject({ code: 'TagException' });
  });
});

test('the key that AWS manages for S3 is there once it is asked for, and cannot be changed', async () => {
  const KeyId = 'alias/aws/s3';
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }));
  expect(KeyMetadata).toMatchObject({ AWSAccountId: DESTINATION, KeyManager: 'AWS', KeyState: 'Enabled' });
  const { Aliases } = await kms.send(new ListAliasesCommand({}));
  expect(Aliases).toContainEqual(
    expect.objectContaining({ AliasName: KeyId, TargetKeyId: KeyMetadata!.KeyId }),
  );
  const denied = { code: 'AccessDeniedException' };
  expect(await failureOf(encrypt(KeyId))).toMatchObject(denied);
  expect(await failureOf(kms.send(new DisableKeyCommand({ KeyId: KeyMetadata!.KeyId })))).toMatchObject(
    denied,
  );
  expect(
    await failureOf(kms.send(new ScheduleKeyDeletionCommand({ KeyId: KeyMetadata!.KeyId }))),
  ).toMatchObject(denied);
});
