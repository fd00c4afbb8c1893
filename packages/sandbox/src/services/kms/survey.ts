import type { GrantRecord, KeyRecord } from '../../store/records.ts';
import { AwsError } from '../../wire/errors.ts';
import type { LoadedService, Survey } from '../service.ts';
import { keyOf } from './ciphertext.ts';
import { accountOf, findKey, keyArnOf, lookUp, type KeyScope } from './find-key.ts';
import { aliasNotFound, validation } from './errors.ts';

/** A key that a call names: its ARN, and the key if it is there. */
interface Named {
  arn: string;
  key?: KeyRecord | undefined;
}

type Input = Record<string, unknown>;

/**
 * What another account's principals may do with a key at all. The rest is denied, whatever the key policy says.
 * https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
 */
const ACROSS_ACCOUNTS = new Set([
  'CreateGrant',
  'Decrypt',
  'DescribeKey',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'GetKeyRotationStatus',
  'ListGrants',
  'ReEncrypt',
  'RetireGrant',
  'RevokeGrant',
]);

const byMember =
  (...members: string[]) =>
  (input: Input, scope: KeyScope): Named[] =>
    members.flatMap((member) => {
      const text = input[member];
      return typeof text === 'string' ? [named(text, scope)] : [];
    });

/** The keys of operations that do not simply have a `KeyId`. */
const KEYS_OF: Readonly<Record<string, (input: Input, scope: KeyScope) => Named[]>> = {
  CreateKey: () => [],
  ListAliases: () => [],
  CreateAlias: (input, scope) => {
    requireAliasName(String(input['AliasName']));
    return byMember('TargetKeyId')(input, scope);
  },
  UpdateAlias: (input, scope) => [ofAlias(input, scope), ...byMember('TargetKeyId')(input, scope)],
  DeleteAlias: (input, scope) => [ofAlias(input, scope)],
  Decrypt: (input, scope) => [ofCiphertext(input, 'KeyId', scope)],
  ReEncrypt: (input, scope) => [
    ofCiphertext(input, 'SourceKeyId', scope),
    ...byMember('DestinationKeyId')(input, scope),
  ],
};

/** Finds the keys of a call. Those of the caller's own account must be there. */
export function survey(
  operation: string,
  input: Input,
  { store, clock, caller, region }: Parameters<LoadedService['survey']>[2],
): Survey {
  const scope: KeyScope = { store, account: caller.account, region, now: clock.now() };
  if (operation === 'RetireGrant') return ofGrant(input, scope);
  const names = (KEYS_OF[operation] ?? byMember('KeyId'))(input, scope);
  return ofKeys(
    names.map(({ arn, key }) => {
      const within = accountOf(arn) === caller.account || ACROSS_ACCOUNTS.has(operation);
      return { arn: key?.arn ?? arn, key: within ? key : undefined };
    }),
  );
}

function ofKeys(names: readonly Named[]): Survey {
  const [first] = names;
  if (!first) return {};
  return {
    keys: names.flatMap(({ key }) => key ?? []),
    facts: { resourceArns: [first.arn] },
    resources: names.map(({ arn }) => ({ type: 'AWS::KMS::Key', arn, account: accountOf(arn) })),
  };
}

function named(text: string, scope: KeyScope): Named {
  return { arn: keyArnOf(text, scope), key: lookUp(text, scope) };
}

function ofAlias(input: Input, scope: KeyScope): Named {
  const arn = keyArnOf(requireAliasName(String(input['AliasName'])), scope);
  const key = findKey(arn, scope);
  if (!key) throw aliasNotFound(arn);
  return { arn: key.arn, key };
}

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html */
function requireAliasName(name: string): string {
  if (!name.startsWith('alias/') || name.length > 256) throw validation('Invalid alias name.');
  if (!/^alias\/[a-zA-Z0-9/_-]+$/.test(name) || name.startsWith('alias/aws/'))
    throw new AwsError('InvalidAliasNameException', `The alias name ${name} is not valid.`);
  return name;
}

/** A ciphertext says which key it is under; whether that key is there, its caller learns only if allowed. */
function ofCiphertext(input: Input, member: string, scope: KeyScope): Named {
  const ciphertext = input['CiphertextBlob'];
  if (!(ciphertext instanceof Uint8Array)) throw validation('CiphertextBlob is required.');
  const arn = keyOf(ciphertext);
  if (arn === undefined) throw invalidCiphertext();
  const text = input[member];
  if (typeof text === 'string') return named(text, scope);
  return { arn, key: arn.split(':')[3] === scope.region ? findKey(arn, scope) : undefined };
}

export const invalidCiphertext = (): AwsError => new AwsError('InvalidCiphertextException', '');

/** A grant is named by its token, or by its id and its key. */
function ofGrant(input: Input, scope: KeyScope): Survey {
  const { GrantToken: token, KeyId: keyId, GrantId: id } = input;
  if (typeof token === 'string') {
    for (const key of scope.store.keys.values()) {
      const grant = key.grants.find((one) => one.token === token);
      if (grant) return withGrant(key, grant);
    }
    throw new AwsError('InvalidGrantTokenException', 'The grant token is not valid.');
  }
  if (typeof keyId !== 'string' || typeof id !== 'string')
    throw validation('Specify a grant token, or a grant ID and the ARN of its key.');
  const { arn, key } = named(keyId, scope);
  const grant = key?.grants.find((one) => one.id === id);
  if (!key || !grant) throw grantNotFound(id, arn);
  return withGrant(key, grant);
}

export const grantNotFound = (id: string, arn: string): AwsError =>
  new AwsError('NotFoundException', `Grant ID ${id} not found in keyArn ${arn}.`);

function withGrant(key: KeyRecord, grant: GrantRecord): Survey {
  return { ...ofKeys([{ arn: key.arn, key }]), grant };
}
