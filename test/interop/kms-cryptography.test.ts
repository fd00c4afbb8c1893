import {
  CreateAliasCommand,
  DecryptCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GenerateRandomCommand,
  PutKeyPolicyCommand,
  ReEncryptCommand,
  type DecryptCommandInput,
  type GenerateDataKeyCommandInput,
  type KMSClient,
} from '@aws-sdk/client-kms';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DESTINATION, documentOf, failureOf, SOURCE } from './clients.ts';
import { kmsOf, makeKey } from './kms-clients.ts';

let aws: Sandbox;
/** In the account of the keys; and somebody of another account who may do anything there. */
let kms: KMSClient;
let stranger: KMSClient;
let key: string;

beforeAll(async () => {
  aws = await startSandbox({ accounts: [SOURCE, DESTINATION] });
  kms = kmsOf(aws, aws.account(DESTINATION).root);
  stranger = kmsOf(aws, aws.account(SOURCE).root);
  key = await makeKey(kms);
});
afterAll(() => aws.close());

const encrypt = (text: string, EncryptionContext?: Record<string, string>, KeyId = key) =>
  kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from(text), EncryptionContext }));
const decrypt = async (input: DecryptCommandInput, by = kms) => {
  const { Plaintext, KeyId } = await by.send(new DecryptCommand(input));
  return { text: Buffer.from(Plaintext!).toString(), KeyId };
};

describe('encryption', () => {
  test('is undone without saying by which key: the ciphertext knows', async () => {
    const { CiphertextBlob, KeyId, EncryptionAlgorithm } = await encrypt('a secret');
    expect([KeyId, EncryptionAlgorithm]).toEqual([key, 'SYMMETRIC_DEFAULT']);
    expect(Buffer.from(CiphertextBlob!).includes('a secret')).toBe(false);
    expect(await decrypt({ CiphertextBlob })).toEqual({ text: 'a secret', KeyId: key });
    expect(await decrypt({ CiphertextBlob, KeyId: key })).toEqual({ text: 'a secret', KeyId: key });
    const again = await encrypt('a secret');
    expect(again.CiphertextBlob).not.toEqual(CiphertextBlob);
  });

  test('binds its context: the same pairs in any order, and no others', async () => {
    const { CiphertextBlob } = await encrypt('bound', { team: 'reports', stage: 'test' });
    const under = (EncryptionContext?: Record<string, string>) =>
      decrypt({ CiphertextBlob, EncryptionContext });
    expect((await under({ stage: 'test', team: 'reports' })).text).toBe('bound');
    const contexts: (Record<string, string> | undefined)[] = [
      undefined,
      { team: 'reports' },
      { team: 'reports', stage: 'live' },
      { team: 'Reports', stage: 'test' },
      { team: 'reports', stage: 'test', more: '' },
    ];
    for (const context of contexts)
      expect(await failureOf(under(context))).toMatchObject({
        code: 'InvalidCiphertextException',
        status: 400,
      });
  });

  test('notices every changed byte', async () => {
    const CiphertextBlob = Buffer.from((await encrypt('whole')).CiphertextBlob!);
    for (const at of [0, 1, 40, CiphertextBlob.length - 20, CiphertextBlob.length - 1]) {
      const changed = Buffer.from(CiphertextBlob);
      changed[at]! ^= 1;
      const { code } = await failureOf(decrypt({ CiphertextBlob: changed }));
      // A change of the key's ARN is a key that this caller may not use.
      expect(['InvalidCiphertextException', 'AccessDeniedException']).toContain(code);
    }
    for (const blob of [Buffer.from('x'), Buffer.alloc(300, 1), CiphertextBlob.subarray(0, 90)])
      expect(await failureOf(decrypt({ CiphertextBlob: blob }))).toMatchObject({
        code: 'InvalidCiphertextException',
      });
  });

  test('with another key than the one named is told', async () => {
    const { CiphertextBlob } = await encrypt('x');
    expect(await failureOf(decrypt({ CiphertextBlob, KeyId: await makeKey(kms) }))).toMatchObject({
      code: 'IncorrectKeyException',
    });
  });

  test('takes up to 4,096 bytes', async () => {
    const all = 'x'.repeat(4096);
    const { CiphertextBlob } = await encrypt(all);
    expect((await decrypt({ CiphertextBlob })).text).toBe(all);
    for (const text of ['', `${all}x`])
      expect(await failureOf(encrypt(text))).toMatchObject({ code: 'ValidationException' });
  });

  test('can be tried without being done', async () => {
    const input = { KeyId: key, Plaintext: Buffer.from('x'), DryRun: true };
    expect(await failureOf(kms.send(new EncryptCommand(input)))).toMatchObject({
      code: 'DryRunOperationException',
    });
    expect(await failureOf(stranger.send(new EncryptCommand(input)))).toMatchObject({
      code: 'AccessDeniedException',
    });
  });
});

describe('data keys', () => {
  const generate = (input: Partial<GenerateDataKeyCommandInput>) =>
    kms.send(new GenerateDataKeyCommand({ KeyId: key, ...input }));

  test('come as plaintext and encrypted, in the size asked for', async () => {
    const EncryptionContext = { for: 'a file' };
    for (const [input, size] of [
      [{ KeySpec: 'AES_256' }, 32],
      [{ KeySpec: 'AES_128' }, 16],
      [{ NumberOfBytes: 100 }, 100],
    ] as const) {
      const made = await generate({ ...input, EncryptionContext });
      expect(made.Plaintext).toHaveLength(size);
      const { Plaintext } = await kms.send(
        new DecryptCommand({ CiphertextBlob: made.CiphertextBlob, EncryptionContext }),
      );
      expect(Plaintext).toEqual(made.Plaintext);
    }
    const blind = await kms.send(
      new GenerateDataKeyWithoutPlaintextCommand({ KeyId: key, KeySpec: 'AES_256' }),
    );
    expect(blind).not.toHaveProperty('Plaintext');
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob: blind.CiphertextBlob }));
    expect(opened.Plaintext).toHaveLength(32);
  });

  test('have one size, within limits', async () => {
    const wrong = { code: 'ValidationException', status: 400 };
    expect(await failureOf(generate({}))).toMatchObject(wrong);
    expect(await failureOf(generate({ KeySpec: 'AES_256', NumberOfBytes: 32 }))).toMatchObject(wrong);
    expect(await failureOf(generate({ NumberOfBytes: 1025 }))).toMatchObject(wrong);
    expect(await failureOf(generate({ NumberOfBytes: 0 }))).toMatchObject(wrong);
  });

  test('random bytes need no key', async () => {
    const { Plaintext } = await kms.send(new GenerateRandomCommand({ NumberOfBytes: 64 }));
    expect(Plaintext).toHaveLength(64);
    expect(await failureOf(kms.send(new GenerateRandomCommand({})))).toMatchObject({
      code: 'ValidationException',
    });
  });
});

describe('re-encryption', () => {
  test('moves a ciphertext under another key, named by an alias, and another context', async () => {
    const other = await makeKey(kms);
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/moved-to', TargetKeyId: other }));
    const { CiphertextBlob } = await encrypt('moved', { at: 'first' });
    const moved = await kms.send(
      new ReEncryptCommand({
        CiphertextBlob,
        SourceEncryptionContext: { at: 'first' },
        DestinationKeyId: 'alias/moved-to',
        DestinationEncryptionContext: { at: 'second' },
      }),
    );
    expect(moved).toMatchObject({ SourceKeyId: key, KeyId: other });
    expect(
      await decrypt({ CiphertextBlob: moved.CiphertextBlob, EncryptionContext: { at: 'second' } }),
    ).toEqual({ text: 'moved', KeyId: other });
    const { authorizations } = aws.decision(moved.$metadata.requestId!)!;
    expect(authorizations.map(({ request }) => [request.action, request.resource])).toEqual([
      ['kms:ReEncryptFrom', key],
      ['kms:ReEncryptTo', other],
    ]);
  });
});

describe('another account', () => {
  test('needs the key policy and its own, and learns of a key no more than that it cannot be used', async () => {
    const theirs = await makeKey(kms);
    const use = (KeyId: string) => stranger.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }));
    const discreet = `User: arn:aws:iam::${SOURCE}:root is not authorized to perform: kms:GenerateDataKey on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`;
    const nowhere = `arn:aws:kms:us-east-1:${DESTINATION}:key/00000000-0000-4000-8000-000000000000`;
    for (const KeyId of [theirs, nowhere])
      expect(await failureOf(use(KeyId))).toMatchObject({
        code: 'AccessDeniedException',
        status: 400,
        message: discreet,
      });
    const { CiphertextBlob } = await encrypt('for both', {}, theirs);
    expect(await failureOf(decrypt({ CiphertextBlob }, stranger))).toMatchObject({
      code: 'AccessDeniedException',
      message: expect.stringContaining('kms:Decrypt on the resource associated with this ciphertext because'),
    });
    await kms.send(
      new PutKeyPolicyCommand({
        KeyId: theirs,
        Policy: documentOf(
          { Principal: { AWS: DESTINATION }, Action: 'kms:*', Resource: '*' },
          {
            Principal: { AWS: SOURCE },
            Action: ['kms:Decrypt', 'kms:GenerateDataKey*', 'kms:PutKeyPolicy'],
            Resource: '*',
          },
        ),
      }),
    );
    expect((await use(theirs)).KeyId).toBe(theirs);
    expect(await decrypt({ CiphertextBlob }, stranger)).toEqual({ text: 'for both', KeyId: theirs });
    // What no other account may do with a key, no key policy gives it.
    const put = stranger.send(new PutKeyPolicyCommand({ KeyId: theirs, Policy: documentOf() }));
    expect(await failureOf(put)).toMatchObject({ code: 'AccessDeniedException' });
  });

  test('cannot use a key that AWS manages', async () => {
    const alias = `arn:aws:kms:us-east-1:${DESTINATION}:alias/aws/s3`;
    const denied = await failureOf(
      stranger.send(new GenerateDataKeyCommand({ KeyId: alias, KeySpec: 'AES_256' })),
    );
    expect(denied.code).toBe('AccessDeniedException');
    expect(aws.decision(denied.requestId!)?.causes[0]?.code).toBe('kms-managed-key');
  });
});

test('the trail of both accounts says who used which key, and nothing of what was encrypted', async () => {
  await encrypt('never to be logged', { in: 'the log' });
  const record = aws.records('management').findLast(({ eventName }) => eventName === 'Encrypt')!;
  expect(record).toMatchObject({
    eventSource: 'kms.amazonaws.com',
    readOnly: true,
    requestParameters: { keyId: key, encryptionContext: { in: 'the log' } },
    responseElements: null,
    resources: [{ ARN: key, accountId: DESTINATION }],
  });
  expect(record.requestParameters).not.toHaveProperty('plaintext');
  const shared = aws.records('management').filter(({ eventName }) => eventName === 'GenerateDataKey');
  expect(new Set(shared.map(({ recipientAccountId }) => recipientAccountId))).toEqual(
    new Set([SOURCE, DESTINATION]),
  );
  const all = JSON.stringify(aws.records('management'));
  expect(all).not.toMatch(/"(plaintext|ciphertextBlob)":/);
});
