import { findService, globalKeys } from '../catalog.ts';
import type { KeyInfo } from '../catalog/read.ts';
import { nearest } from '../nearest.ts';
import { rulesOf } from './kinds.ts';
import { OPERATOR_NAMES, type OperandType, readOperator } from './operators.ts';
import { type Finding, type Rule, eachStatement, quoted } from './rule.ts';
import { type StatementView, conditionsOf, isRecord } from './statement.ts';

function* operatorsOf(statement: StatementView): Generator<{ text: string; path: Finding['path'] }> {
  const block = statement.raw['Condition'];
  if (!isRecord(block)) return;
  for (const text of Object.keys(block)) yield { text, path: [...statement.path, 'Condition', text] };
}

const OPERATORS = OPERATOR_NAMES.flatMap((name) => (name === 'Null' ? [name] : [name, `${name}IfExists`]));

/** The operator that a misspelt one may mean, with its set. */
function operatorMeant(text: string): string | undefined {
  const [, set, name = ''] = /^(\w+:)?(.*)$/s.exec(text.replaceAll(/\s/g, '')) ?? [];
  const meant = nearest(name, OPERATORS);
  if (meant === undefined) return undefined;
  return `Write \`${set === undefined ? '' : (nearest(set, ['ForAllValues:', 'ForAnyValue:']) ?? '')}${meant}\`.`;
}

/** Looks a key up among those of every service and of the service that it names; families by their beginning. */
export function findKey(name: string): KeyInfo | undefined {
  const wanted = name.toLowerCase();
  const prefix = wanted.slice(0, Math.max(0, wanted.indexOf(':')));
  return [...globalKeys(), ...(findService(prefix)?.keys ?? [])].find((key) => isKey(key, wanted));
}

/** Whether a lower-case name is a key's, or one of a family's. */
export function isKey(key: KeyInfo, wanted: string): boolean {
  const known = key.name.toLowerCase();
  const star = known.indexOf('*');
  if (star < 0) return known === wanted;
  const [before, after] = [known.slice(0, star), known.slice(star + 1)];
  return wanted.length > before.length + after.length && wanted.startsWith(before) && wanted.endsWith(after);
}

function keyMeant(name: string): string | undefined {
  const prefix = name.slice(0, Math.max(0, name.indexOf(':')));
  const keys = [...globalKeys(), ...(findService(prefix)?.keys ?? [])].map((key) => key.name);
  const [family, rest] = name.split('/');
  if (rest !== undefined) {
    const families = keys.filter((key) => key.endsWith('/*')).map((key) => key.slice(0, -2));
    const near = nearest(family ?? '', families);
    return near && `Write \`${near}/${rest}\`.`;
  }
  const near = nearest(
    name,
    keys.filter((key) => !key.includes('*')),
  );
  return near && `Write \`${near}\`.`;
}

const FORMS: Readonly<Record<OperandType, { wanted: string; holds: (text: string) => boolean }>> = {
  string: { wanted: 'a text', holds: () => true },
  number: { wanted: 'a number', holds: (text) => /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text) },
  date: { wanted: 'a date like `2026-01-31T00:00:00Z`, or seconds since 1970', holds: isDate },
  boolean: { wanted: '`true` or `false`', holds: (text) => /^(true|false)$/i.test(text) },
  null: { wanted: '`true` or `false`', holds: (text) => /^(true|false)$/i.test(text) },
  binary: { wanted: 'base64', holds: (text) => /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0 },
  'ip-address': { wanted: 'an address or a range like `203.0.113.0/24`', holds: isIpRange },
  arn: { wanted: 'an ARN', holds: (text) => text.startsWith('arn:') || /^[*?]/.test(text) },
};

function isDate(text: string): boolean {
  return (
    /^\d+$/.test(text) ||
    (/^\d{4}-\d\d(-\d\d)?(T[\d:.]+(Z|[+-]\d\d:?\d\d)?)?$/.test(text) && !Number.isNaN(Date.parse(text)))
  );
}

function isIpRange(text: string): boolean {
  const [address = '', length, more] = text.split('/');
  const v4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address);
  const bits = length === undefined ? 0 : /^\d{1,3}$/.test(length) ? Number(length) : 999;
  if (more !== undefined) return false;
  if (v4) return v4.slice(1).every((part) => Number(part) < 256) && bits <= 32;
  return address.includes(':') && /^[\da-f:.]{2,45}$/i.test(address) && bits <= 128;
}

/** Types of keys that an operator's comparison makes no sense for. */
const MISMATCHES: Readonly<Record<OperandType, readonly KeyInfo['type'][]>> = {
  string: ['ip-address', 'number', 'date'],
  number: ['string', 'arn', 'boolean', 'ip-address', 'binary'],
  date: ['string', 'arn', 'boolean', 'ip-address', 'binary'],
  boolean: ['string', 'arn', 'number', 'date', 'ip-address', 'binary'],
  binary: ['arn', 'boolean', 'number', 'date', 'ip-address'],
  'ip-address': ['string', 'arn', 'boolean', 'number', 'date', 'binary'],
  arn: ['boolean', 'number', 'date', 'ip-address', 'binary'],
  null: [],
};

export const CONDITION_RULES: readonly Rule[] = [
  {
    code: 'unknown-operator',
    title: 'A condition operator that AWS does not have',
    severity: 'error',
    help: 'Operators are `StringEquals`, `StringLike`, `ArnLike`, `Bool`, `IpAddress`, `NumericLessThan`, `DateGreaterThan`, `Null` and their like.',
    find: eachStatement(function* (statement) {
      for (const { text, path } of operatorsOf(statement)) {
        if (readOperator(text)) continue;
        yield {
          path,
          part: 'key',
          message: `${quoted(text)} is not a condition operator`,
          help: operatorMeant(text),
        };
      }
    }),
  },
  {
    code: 'null-operator',
    title: 'Null with IfExists or with a set',
    severity: 'error',
    help: 'Write `Null` alone; it asks whether the key is there.',
    find: eachStatement(function* (statement) {
      for (const { text, path } of operatorsOf(statement)) {
        const operator = readOperator(text);
        if (operator?.compares !== 'null' || text === 'Null') continue;
        yield {
          path,
          part: 'key',
          message: `\`Null\` takes neither a set nor \`IfExists\`, as in ${quoted(text)}`,
        };
      }
    }),
  },
  {
    code: 'invalid-condition-key',
    title: 'A condition key that is not `prefix:name`',
    severity: 'error',
    help: 'Write `prefix:name`, such as `aws:SourceIp`.',
    find: eachStatement(function* (statement) {
      for (const { key, path } of conditionsOf(statement)) {
        if (/^[^\s:]+:\S(.*\S)?$/s.test(key)) continue;
        const squeezed = key.replaceAll(/\s/g, '');
        yield {
          path,
          part: 'key',
          message: `${quoted(key)} is not a condition key`,
          help: findKey(squeezed) ? `Write \`${squeezed}\`.` : undefined,
        };
      }
    }),
  },
  {
    code: 'unknown-condition-key',
    title: 'A condition key that no request has',
    severity: 'warning',
    help: 'Look the key up in the Service Authorization Reference.',
    find: eachStatement(function* (statement, { kind }) {
      for (const { key, path } of conditionsOf(statement)) {
        const prefix = key.slice(0, Math.max(0, key.indexOf(':'))).toLowerCase();
        const judged = prefix === 'aws' || findService(prefix) !== undefined;
        if (!judged || findKey(key)) continue;
        yield {
          path,
          part: 'key',
          message: `there is no condition key ${quoted(key)}`,
          help: keyMeant(key),
          severity: rulesOf(kind)?.strict ? 'error' : undefined,
        };
      }
    }),
  },
  {
    code: 'invalid-condition-value',
    title: 'A value that its operator cannot compare with',
    severity: 'error',
    help: 'Write a value of the type that the operator compares, or use another operator.',
    find: eachStatement(function* (statement) {
      for (const { operator: text, values } of conditionsOf(statement)) {
        const operator = readOperator(text);
        if (operator === undefined) continue;
        const { wanted, holds } = FORMS[operator.compares];
        for (const value of values) {
          if (value.text.includes('${') || holds(value.text)) continue;
          yield {
            path: value.path,
            message: `\`${operator.name}\` compares with ${wanted}, and ${quoted(value.text)} is none`,
          };
        }
      }
    }),
  },
  {
    code: 'operator-of-other-type',
    title: 'An operator that does not fit the type of its key',
    severity: 'warning',
    help: 'Use an operator of the type of the key.',
    find: eachStatement(function* (statement) {
      for (const { operator: text, key, path } of conditionsOf(statement)) {
        const operator = readOperator(text);
        const info = findKey(key);
        if (
          operator === undefined ||
          info === undefined ||
          !MISMATCHES[operator.compares].includes(info.type)
        )
          continue;
        yield {
          path,
          part: 'key',
          message: `${quoted(key)} is of type ${info.type}, which \`${operator.name}\` does not compare`,
        };
      }
    }),
  },
  {
    code: 'empty-condition',
    title: 'A condition without values, which nothing can meet',
    severity: 'warning',
    help: 'Name a value, or remove the condition.',
    find: eachStatement(function* (statement) {
      for (const { key, values, path } of conditionsOf(statement)) {
        if (values.length === 0) yield { path, message: `${quoted(key)} has no values` };
      }
    }),
  },
];
