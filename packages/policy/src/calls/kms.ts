import type { ApiCall } from '../snapshot.ts';
import { keyArn } from './encryption.ts';
import {
  booleanAt,
  has,
  isRecord,
  listAt,
  members,
  recordAt,
  requestTags,
  textAt,
  untaggedKeys,
  words,
} from './input.ts';
import { type Keys, type KeySource, type Need, anything, table } from './need.ts';

// The SDK's documentation of each operation says what it needs on which key, and in which policy.

/** The key that the maker of the call knows to be meant. */
const knownKey: Need['on'] = ({ resourceArns }) => resourceArns?.find((arn) => arn.includes(':key/'));

/** The key that a member names; an alias stands for the known key. */
const keyIn =
  (member: string): Need['on'] =>
  (call) => {
    const named = textAt(call.input, member);
    const known = knownKey(call);
    if (named === undefined) return known ?? '*';
    return isAlias(named) && known !== undefined ? known : keyArn(call, named);
  };

const isAlias = (key: string): boolean => /(^|:)alias\//.test(key);

const onKey = keyIn('KeyId');

const onAlias: Need['on'] = (call) => keyArn(call, textAt(call.input, 'AliasName') ?? 'alias/');

const requestAlias =
  (member = 'KeyId'): KeySource =>
  ({ input }) => {
    const named = textAt(input, member) ?? '';
    return { 'kms:RequestAlias': isAlias(named) ? named.slice(named.indexOf('alias/')) : undefined };
  };

const encryptionContext =
  (member = 'EncryptionContext'): KeySource =>
  ({ input }) =>
    contextKeys(recordAt(input, member));

function contextKeys(pairs: Readonly<Record<string, unknown>>): Keys {
  const context: Keys = {};
  for (const name of Object.keys(pairs)) context[`kms:EncryptionContext:${name}`] = textAt(pairs, name);
  const names = Object.keys(pairs);
  return names.length === 0 ? {} : { ...context, 'kms:EncryptionContextKeys': names };
}

/** A key, and what it has where the input does not say. */
const byDefault =
  (key: string, member: string, otherwise: string): KeySource =>
  ({ input }) => ({ [key]: textAt(input, member) ?? otherwise });

const algorithm = byDefault('kms:EncryptionAlgorithm', 'EncryptionAlgorithm', 'SYMMETRIC_DEFAULT');

const bypass = members({ 'kms:BypassPolicyLockoutSafetyCheck': 'BypassPolicyLockoutSafetyCheck' });

const encrypting = [requestAlias(), encryptionContext(), algorithm];

/** Operations on one key whose action has their name, with the condition keys that their input gives. */
const ON_KEY: readonly { operations: string; keys?: readonly KeySource[] }[] = [
  {
    operations: `
      CancelKeyDeletion DeleteImportedKeyMaterial DisableKey DisableKeyRotation EnableKey GetKeyLastUsage
      GetKeyPolicy GetKeyRotationStatus ListGrants ListKeyPolicies ListKeyRotations ListResourceTags RevokeGrant
      RotateKeyOnDemand UpdateKeyDescription Encapsulate Decapsulate`,
  },
  { operations: 'DescribeKey GetPublicKey', keys: [requestAlias()] },
  { operations: 'Encrypt Decrypt GenerateDataKey GenerateDataKeyWithoutPlaintext', keys: encrypting },
  {
    operations: 'GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext',
    keys: [...encrypting, members({ 'kms:DataKeyPairSpec': 'KeyPairSpec' })],
  },
  {
    operations: 'GenerateMac VerifyMac',
    keys: [requestAlias(), members({ 'kms:MacAlgorithm': 'MacAlgorithm' })],
  },
  {
    operations: 'Sign Verify',
    keys: [
      requestAlias(),
      members({ 'kms:SigningAlgorithm': 'SigningAlgorithm' }),
      byDefault('kms:MessageType', 'MessageType', 'RAW'),
    ],
  },
  {
    operations: 'DeriveSharedSecret',
    keys: [requestAlias(), members({ 'kms:KeyAgreementAlgorithm': 'KeyAgreementAlgorithm' })],
  },
  {
    operations: 'EnableKeyRotation',
    keys: [members({ 'kms:RotationPeriodInDays': 'RotationPeriodInDays' })],
  },
  {
    operations: 'GetParametersForImport',
    keys: [
      members({ 'kms:WrappingAlgorithm': 'WrappingAlgorithm', 'kms:WrappingKeySpec': 'WrappingKeySpec' }),
    ],
  },
  {
    operations: 'ImportKeyMaterial',
    keys: [members({ 'kms:ExpirationModel': 'ExpirationModel', 'kms:ValidTo': 'ValidTo' })],
  },
  { operations: 'PutKeyPolicy', keys: [bypass] },
  {
    operations: 'ScheduleKeyDeletion',
    keys: [byDefault('kms:ScheduleKeyDeletionPendingWindowInDays', 'PendingWindowInDays', '30')],
  },
  { operations: 'TagResource', keys: [requestTags()] },
  { operations: 'UntagResource', keys: [untaggedKeys] },
  { operations: 'UpdatePrimaryRegion', keys: [members({ 'kms:PrimaryRegion': 'PrimaryRegion' })] },
];

const grantKeys: KeySource = ({ input }) => {
  const constraints = recordAt(input, 'Constraints');
  const operations = listAt(input, 'Operations').filter((name) => typeof name === 'string');
  const kinds = ['EncryptionContextEquals', 'EncryptionContextSubset'];
  const constraint = kinds.find((kind) => isRecord(constraints[kind]));
  return {
    'kms:GrantOperations': operations.length === 0 ? undefined : operations,
    'kms:GrantConstraintType': constraint,
    ...(constraint !== undefined && contextKeys(recordAt(constraints, constraint))),
  };
};

const grantees = members({
  'kms:GranteePrincipal': 'GranteePrincipal',
  'kms:RetiringPrincipal': 'RetiringPrincipal',
  'kms:GranteeServicePrincipal': 'GranteeServicePrincipal',
  'kms:RetiringServicePrincipal': 'RetiringServicePrincipal',
  'kms:GrantConstraintSourceArn': 'Constraints.SourceArn',
});

const newKey: readonly KeySource[] = [
  byDefault('kms:KeyUsage', 'KeyUsage', 'ENCRYPT_DECRYPT'),
  byDefault('kms:KeyOrigin', 'Origin', 'AWS_KMS'),
  byDefault('kms:MultiRegion', 'MultiRegion', 'false'),
  ({ input }) => ({
    'kms:KeySpec': textAt(input, 'KeySpec') ?? textAt(input, 'CustomerMasterKeySpec') ?? 'SYMMETRIC_DEFAULT',
    'kms:MultiRegionKeyType': booleanAt(input, 'MultiRegion') ? 'PRIMARY' : undefined,
  }),
  bypass,
  requestTags(),
];

const tagsNewKey: Need = {
  action: 'kms:TagResource',
  on: anything,
  keys: [requestTags()],
  when: has('Tags'),
};

/** Of two keys the known one is the source; an alias of the other stays an alias, which a `World` resolves. */
const oneOfTwo =
  (member: string): Need['on'] =>
  (call) => {
    const named = textAt(call.input, member);
    return named === undefined ? (knownKey(call) ?? '*') : keyArn(call, named);
  };

/** Both keys of a re-encryption, told apart by what the input calls them. */
const reencryption = (action: string, member: string, context: string, algorithmMember: string): Need => ({
  action,
  on: oneOfTwo(member),
  keys: [
    requestAlias(member),
    encryptionContext(context),
    byDefault('kms:EncryptionAlgorithm', algorithmMember, 'SYMMETRIC_DEFAULT'),
    (call) => ({ 'kms:ReEncryptOnSameKey': onSameKey(call) }),
  ],
});

const onSameKey = (call: ApiCall): boolean => {
  const source = oneOfTwo('SourceKeyId')(call);
  return source !== '*' && source === oneOfTwo('DestinationKeyId')(call);
};

const ACCOUNT_WIDE = `
  ConnectCustomKeyStore CreateCustomKeyStore DeleteCustomKeyStore DescribeCustomKeyStores DisconnectCustomKeyStore
  GenerateRandom ListAliases ListKeys UpdateCustomKeyStore`;

export const KMS = table(() => ({
  ...Object.fromEntries(
    ON_KEY.flatMap(({ operations, keys = [] }) =>
      words(operations).map((operation) => [operation, [{ action: `kms:${operation}`, on: onKey, keys }]]),
    ),
  ),
  ...Object.fromEntries(
    words(ACCOUNT_WIDE).map((operation) => [operation, [{ action: `kms:${operation}`, on: anything }]]),
  ),
  CreateAlias: [
    { action: 'kms:CreateAlias', on: onAlias },
    { action: 'kms:CreateAlias', on: keyIn('TargetKeyId') },
  ],
  // The known key is the one that the alias stands for now.
  UpdateAlias: [
    { action: 'kms:UpdateAlias', on: onAlias },
    { action: 'kms:UpdateAlias', on: knownKey },
    { action: 'kms:UpdateAlias', on: keyIn('TargetKeyId') },
  ],
  DeleteAlias: [
    { action: 'kms:DeleteAlias', on: onAlias },
    { action: 'kms:DeleteAlias', on: knownKey },
  ],
  CreateGrant: [{ action: 'kms:CreateGrant', on: onKey, keys: [grantKeys, grantees] }],
  // Who holds the grant's token may retire it; a policy can allow it besides.
  RetireGrant: [{ action: 'kms:RetireGrant', on: onKey }],
  ListRetirableGrants: [
    {
      action: 'kms:ListRetirableGrants',
      on: ({ input }) => textAt(input, 'RetiringPrincipal') ?? '*',
    },
  ],
  CreateKey: [{ action: 'kms:CreateKey', on: anything, keys: newKey }, tagsNewKey],
  ReplicateKey: [
    { action: 'kms:ReplicateKey', on: onKey, keys: [members({ 'kms:ReplicaRegion': 'ReplicaRegion' })] },
    { action: 'kms:CreateKey', on: anything, keys: [bypass, requestTags()] },
    tagsNewKey,
  ],
  ReEncrypt: [
    reencryption('kms:ReEncryptFrom', 'SourceKeyId', 'SourceEncryptionContext', 'SourceEncryptionAlgorithm'),
    reencryption(
      'kms:ReEncryptTo',
      'DestinationKeyId',
      'DestinationEncryptionContext',
      'DestinationEncryptionAlgorithm',
    ),
  ],
}));
