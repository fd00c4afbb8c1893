import { actionsMatching, findService } from '../catalog.ts';
import type { ActionInfo } from '../catalog/read.ts';
import { findKey, isKey } from '../check/condition-rules.ts';
import { type Operator, readOperator } from '../check/operators.ts';
import { type Finding, type Rule, eachStatement, quoted } from '../check/rule.ts';
import { type ConditionAt, type StatementView, conditionsOf, effectOf, textsOf } from '../check/statement.ts';

type Known = ConditionAt & { known: Operator };

/** The conditions of a statement whose operators AWS has. */
const conditions = (statement: StatementView): Known[] =>
  conditionsOf(statement).flatMap((condition) => {
    const known = readOperator(condition.operator);
    return known === undefined ? [] : Object.assign(condition, { known });
  });

/** Whether the statement asks that a key be there. */
const asksFor = (statement: StatementView, key: string): boolean =>
  conditions(statement).some(
    (other) =>
      other.key.toLowerCase() === key.toLowerCase() &&
      other.known.compares === 'null' &&
      other.values.every(({ text }) => text.toLowerCase() === 'false'),
  );

/** Keys that many requests do not have. */
const OFTEN_ABSENT: ReadonlyMap<string, string> = new Map([
  ['aws:sourcevpce', 'from outside of a VPC endpoint'],
  ['aws:sourcevpc', 'from outside of a VPC endpoint'],
  ['aws:sourceip', 'through a VPC endpoint'],
  ['aws:vpcsourceip', 'from outside of a VPC endpoint'],
  ['aws:sourcearn', 'that no service makes'],
  ['aws:sourceaccount', 'that no service makes'],
  ['aws:principalorgid', 'of services and anonymous callers'],
  ['s3:x-amz-server-side-encryption', "that leave encryption to the bucket's default"],
  ['s3:x-amz-server-side-encryption-aws-kms-key-id', "that leave encryption to the bucket's default"],
  ['s3:x-amz-acl', 'that set no ACL'],
]);

/** Condition keys that hold a `*` of their own. */
const STAR_VALUES = new Set(['s3:if-none-match', 's3:if-match', 's3:delimiter', 's3:prefix']);

const knowsKey = (action: ActionInfo, key: string): boolean => action.keys.some((info) => isKey(info, key));

/** Texts of a statement's actions that the catalog knows, with what they stand for. */
function actionsOf(statement: StatementView): { text: string; actions: ActionInfo[] }[] {
  return textsOf(statement, 'Action').flatMap(({ text }) => {
    const actions = text.startsWith('*') ? [] : actionsMatching(text);
    return actions.length === 0 ? [] : { text, actions };
  });
}

function* foreignKeys(statement: StatementView): Generator<Finding> {
  const named = actionsOf(statement);
  if (named.length === 0 || named.length < textsOf(statement, 'Action').length) return;
  for (const { key, path, known } of conditions(statement)) {
    const wanted = key.toLowerCase();
    const prefix = wanted.slice(0, Math.max(0, wanted.indexOf(':')));
    // Keys of every service, and of services that the catalog leaves out, are not judged.
    if (!findService(prefix) || !findKey(key) || known.compares === 'null') continue;
    const without = named.filter(({ actions }) => !actions.some((action) => knowsKey(action, wanted)));
    if (without.length === 0) continue;
    const texts = without.slice(0, 3).map(({ text }) => quoted(text));
    const more = without.length > 3 ? ` and ${without.length - 3} more` : '';
    const always = known.negated || known.ifExists || known.set === 'ForAllValues';
    yield {
      path,
      part: 'key',
      message: `requests of ${texts.join(', ')}${more} never have ${quoted(key)}, so the condition ${always ? 'always' : 'never'} holds for them`,
    };
  }
}

export const CONDITION_ADVICE: readonly Rule[] = [
  {
    code: 'key-of-other-action',
    title: 'A condition key that the actions of the statement do not know',
    severity: 'warning',
    help: 'Put actions that know the key into a statement of their own.',
    find: eachStatement(foreignKeys),
  },
  {
    code: 'for-all-values-without-null',
    title: 'ForAllValues in an Allow, which also holds where the key is missing',
    severity: 'warning',
    help: 'Add `"Null": {"KEY": "false"}`, or use `ForAnyValue`.',
    find: eachStatement(function* (statement) {
      if (effectOf(statement) !== 'Allow') return;
      for (const { key, path, known } of conditions(statement)) {
        if (known.set !== 'ForAllValues' || asksFor(statement, key)) continue;
        yield {
          path,
          part: 'key',
          message: `\`ForAllValues\` holds where ${quoted(key)} is missing, so the statement allows such requests`,
          help: `Add \`"Null": {"${key.slice(0, 100)}": "false"}\`, or use \`ForAnyValue\`.`,
        };
      }
    }),
  },
  {
    code: 'set-of-single-value',
    title: 'A set operator on a key that has one value',
    severity: 'warning',
    help: 'Leave `ForAllValues:` or `ForAnyValue:` out.',
    find: eachStatement(function* (statement) {
      for (const { key, path, known } of conditions(statement)) {
        if (known.set === undefined || findKey(key)?.multivalued !== false) continue;
        yield {
          path,
          part: 'key',
          message: `${quoted(key)} has one value, so \`${known.set}\` means something else than it seems to`,
        };
      }
    }),
  },
  {
    code: 'multivalued-without-set',
    title: 'A key that has several values, without a set operator',
    severity: 'warning',
    help: 'Write `ForAnyValue:` or `ForAllValues:` in front of the operator.',
    find: eachStatement(function* (statement) {
      for (const { key, path, known } of conditions(statement)) {
        if (known.set !== undefined || known.compares === 'null' || findKey(key)?.multivalued !== true)
          continue;
        yield {
          path,
          part: 'key',
          message: `${quoted(key)} may have several values, and \`${known.name}\` compares one`,
        };
      }
    }),
  },
  {
    code: 'literal-wildcard',
    title: 'A wildcard that the operator takes literally',
    severity: 'warning',
    help: 'Use `StringLike` or `StringNotLike`.',
    find: eachStatement(function* (statement) {
      for (const { key, values, known } of conditions(statement)) {
        if (!/^String(Not)?Equals/.test(known.name) || STAR_VALUES.has(key.toLowerCase())) continue;
        for (const { text, path } of values) {
          if (!/[*?]/.test(text.replaceAll(/\$\{[^}]*\}/g, ''))) continue;
          yield {
            path,
            message: `\`${known.name}\` compares ${quoted(text)} letter by letter, with its wildcard`,
          };
        }
      }
    }),
  },
  {
    code: 'deny-without-key',
    title: 'A Deny that also reaches requests that do not have the key',
    severity: 'note',
    help: 'Where that is not meant, add `"Null": {"KEY": "false"}`.',
    find: eachStatement(function* (statement) {
      if (effectOf(statement) !== 'Deny') return;
      for (const { key, path, known } of conditions(statement)) {
        const whose = OFTEN_ABSENT.get(key.toLowerCase());
        // With `IfExists` the author thought of it.
        if (whose === undefined || !known.negated || known.ifExists || asksFor(statement, key)) continue;
        yield {
          path,
          part: 'key',
          message: `the statement also denies requests ${whose}, which have no ${quoted(key)}`,
          help: `Where that is not meant, add \`"Null": {"${key}": "false"}\`.`,
        };
      }
    }),
  },
];
