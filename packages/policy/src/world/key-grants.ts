import type { NamedPolicy, PolicyDocument, Statement } from '../document.ts';
import { statementsOf } from '../document.ts';
import type { KeyGrant, KeySnapshot } from '../snapshot.ts';

const known = new WeakMap<KeySnapshot, NamedPolicy>();

/**
 * A key's policy with what its grants allow, as statements behind its own: like these they allow a principal something, and a Deny
 * overrules them. They have no place in the document itself.
 * https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
 */
export function policyWithGrants(key: KeySnapshot): NamedPolicy {
  const { policy, grants = [] } = key;
  if (grants.length === 0) return policy;
  let whole = known.get(key);
  if (whole === undefined) {
    const document: PolicyDocument = {
      ...policy.document,
      Statement: [...statementsOf(policy.document), ...grants.flatMap(whatItAllows)],
    };
    whole = { ...policy, document };
    known.set(key, whole);
  }
  return whole;
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
function whatItAllows(grant: KeyGrant): Statement[] {
  const { operations, grantee } = grant;
  const allow = (sid: string, names: readonly string[], condition?: Statement['Condition']): Statement[] => {
    const actions = names.filter((name) => operations.includes(name)).map((name) => `kms:${name}`);
    if (actions.length === 0) return [];
    return [
      {
        Sid: `${sid} of grant ${grant.id}`,
        Effect: 'Allow',
        Principal: { AWS: grantee },
        Action: actions,
        Resource: '*',
        ...(condition && { Condition: condition }),
      },
    ];
  };
  return [
    ...allow('use', WITH_CONTEXT, contextCondition(grant)),
    ...allow('description', ['DescribeKey']),
    ...allow('grants', ['CreateGrant'], childCondition(grant)),
  ];
}

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html */
function contextCondition({ contextSubset, contextEquals }: KeyGrant): Statement['Condition'] {
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
function childCondition(grant: KeyGrant): Statement['Condition'] {
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
