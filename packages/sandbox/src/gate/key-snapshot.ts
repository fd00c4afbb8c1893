import { statementsOf, type KeySnapshot, type PolicyDocument, type Statement } from '@crossbucket/policy';
import type { GrantRecord, KeyRecord } from '../store/records.ts';

/**
 * A key as the engine takes it. What its grants allow stands behind its policy's own statements, as statements: like
 * these they allow a principal something, and a Deny overrules them.
 * https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
 * @param retired The grant that the call is to retire.
 */
export function keySnapshot(
  { id, arn, managedBy, state, aliases, tags }: KeyRecord,
  grants: readonly GrantRecord[],
  policy: PolicyDocument,
  retired?: GrantRecord,
): KeySnapshot {
  const granted = [...grants.flatMap(whatItAllows), ...(retired ? whoMayRetire(retired) : [])];
  const document =
    granted.length === 0 ? policy : { ...policy, Statement: [...statementsOf(policy), ...granted] };
  return {
    arn,
    policy: { name: `key policy of ${id}`, document },
    managedBy,
    state,
    aliases,
    tags: Object.fromEntries(tags.map(({ TagKey, TagValue }) => [TagKey, TagValue])),
    spec: 'SYMMETRIC_DEFAULT',
    usage: 'ENCRYPT_DECRYPT',
    origin: 'AWS_KMS',
    multiRegion: false,
  };
}

const WITH_CONTEXT = [
  'Encrypt',
  'Decrypt',
  'ReEncryptFrom',
  'ReEncryptTo',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
];

/** Retiring is not among it: that is allowed of this one grant, and not of the key. */
function whatItAllows(grant: GrantRecord, index: number): Statement[] {
  const { operations, grantee } = grant;
  const allow = (sid: string, names: readonly string[], condition?: Statement['Condition']): Statement[] => {
    const actions = names.filter((name) => operations.includes(name)).map((name) => `kms:${name}`);
    if (actions.length === 0) return [];
    return [
      {
        Sid: `grant${index}${sid}`,
        Effect: 'Allow',
        Principal: { AWS: grantee },
        Action: actions,
        Resource: '*',
        ...(condition && { Condition: condition }),
      },
    ];
  };
  return [
    ...allow('Use', WITH_CONTEXT, contextCondition(grant)),
    ...allow('Describe', ['DescribeKey']),
    ...allow('Grant', ['CreateGrant'], childCondition(grant)),
  ];
}

/** The retiring principal, the grantee if the grant says so, and the account that made it. */
function whoMayRetire({ retiring, grantee, operations, issuer }: GrantRecord): Statement[] {
  const principals = [
    ...(retiring === undefined ? [] : [retiring]),
    ...(operations.includes('RetireGrant') ? [grantee] : []),
    `arn:aws:iam::${issuer}:root`,
  ];
  return [
    {
      Sid: 'retire',
      Effect: 'Allow',
      Principal: { AWS: principals },
      Action: 'kms:RetireGrant',
      Resource: '*',
    },
  ];
}

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html */
function contextCondition({ contextSubset, contextEquals }: GrantRecord): Statement['Condition'] {
  if (contextSubset) return { StringEquals: pairsOf(contextSubset) };
  if (!contextEquals) return undefined;
  const names = Object.keys(contextEquals);
  if (names.length === 0) return { Null: { 'kms:EncryptionContextKeys': 'true' } };
  return {
    StringEquals: pairsOf(contextEquals),
    'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': names.map(literal) },
  };
}

/** A grantee who makes grants cannot give away more than the grant has. */
function childCondition(grant: GrantRecord): Statement['Condition'] {
  const { operations, contextSubset, contextEquals } = grant;
  const pairs = contextSubset ?? contextEquals;
  return {
    'ForAllValues:StringEquals': { 'kms:GrantOperations': operations },
    ...(pairs && {
      StringEquals: {
        ...pairsOf(pairs),
        'kms:GrantConstraintType': contextEquals
          ? 'EncryptionContextEquals'
          : ['EncryptionContextSubset', 'EncryptionContextEquals'],
      },
    }),
  };
}

function pairsOf(context: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(context).map(([name, value]) => [`kms:EncryptionContext:${name}`, literal(value)]),
  );
}

/** A text that may look like a policy variable, and is none. */
const literal = (text: string): string => text.replaceAll('${', '${$}{');
