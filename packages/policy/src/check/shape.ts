import { nearest } from '../nearest.ts';
import type { Path } from '../problem.ts';
import { type Finding, type Rule, eachStatement, quoted } from './rule.ts';
import { has, isRecord, itemsOf } from './statement.ts';

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html

const DOCUMENT_ELEMENTS = ['Version', 'Id', 'Statement'];

const STATEMENT_ELEMENTS = [
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
];

/** What stands where an element should. */
type Fault = { path: Path; message: string; help: string };

const isText = (value: unknown): boolean => typeof value === 'string';
const isPlain = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);

function text(value: unknown, path: Path): Fault[] {
  return isText(value) ? [] : [fault(path, value, 'a text', 'Write a text in double quotes.')];
}

function texts(value: unknown, path: Path): Fault[] {
  return itemsOf(value, path)
    .filter((item) => !isText(item.value))
    .map((item) => fault(item.path, item.value, 'a text', 'Write a text, or a list of texts.'));
}

function principal(value: unknown, path: Path): Fault[] {
  if (isText(value)) return [];
  if (!isRecord(value)) {
    return [
      fault(path, value, '`"*"` or an object', 'Write `{"AWS": "arn:..."}`, `{"Service": "..."}` or `"*"`.'),
    ];
  }
  return Object.entries(value).flatMap(([type, named]) => texts(named, [...path, type]));
}

function condition(value: unknown, path: Path): Fault[] {
  const help = 'Write `{"OPERATOR": {"KEY": "VALUE"}}`.';
  if (!isRecord(value)) return [fault(path, value, 'an object', help)];
  return Object.entries(value).flatMap(([operator, keys]) => {
    const at = [...path, operator];
    if (!isRecord(keys)) return [fault(at, keys, 'an object of keys and values', help)];
    return Object.entries(keys).flatMap(([key, values]) =>
      itemsOf(values, [...at, key])
        .filter((item) => !isPlain(item.value))
        .map((item) => fault(item.path, item.value, 'a text', 'Write a text, or a list of texts.')),
    );
  });
}

function fault(path: Path, value: unknown, wanted: string, help: string): Fault {
  return { path, message: `${typeName(value)} stands where ${wanted} should`, help };
}

function typeName(value: unknown): string {
  if (value === null) return '`null`';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `${quoted(value)}, a ${typeof value},`;
}

const TYPES: Readonly<Record<string, (value: unknown, path: Path) => Fault[]>> = {
  Version: text,
  Id: text,
  Sid: text,
  Effect: text,
  Principal: principal,
  NotPrincipal: principal,
  Action: texts,
  NotAction: texts,
  Resource: texts,
  NotResource: texts,
  Condition: condition,
};

function* unknownElements(record: object, known: readonly string[], path: Path): Generator<Finding> {
  for (const name of Object.keys(record)) {
    if (known.includes(name)) continue;
    const meant = nearest(name.replaceAll(/\s/g, ''), known);
    yield {
      path: [...path, name],
      part: 'key',
      message: `${quoted(name)} is not an element of a ${path.length === 0 ? 'policy' : 'statement'}`,
      help: meant === undefined ? undefined : `Write \`${meant}\`.`,
    };
  }
}

const PAIRS = [
  ['Action', 'NotAction'],
  ['Resource', 'NotResource'],
  ['Principal', 'NotPrincipal'],
] as const;

/** What a document must be before anything else can be said of it. */
export const SHAPE_RULES: readonly Rule[] = [
  {
    code: 'wrong-type',
    title: 'An element has a value of another type than it takes',
    severity: 'error',
    help: 'A policy is a JSON object with a `Version` and a `Statement`.',
    *find({ document, statements }) {
      if (!isRecord(document)) {
        yield { path: [], message: `${typeName(document)} stands where a policy should` };
        return;
      }
      if (Object.hasOwn(document, 'Statement')) {
        for (const { value, path } of itemsOf(document['Statement'], ['Statement'])) {
          if (!isRecord(value)) yield fault(path, value, 'a statement', 'A statement is an object.');
        }
      }
      const records = [{ raw: document, path: [] as Path }, ...statements];
      for (const { raw, path } of records) {
        const known = path.length === 0 ? DOCUMENT_ELEMENTS : STATEMENT_ELEMENTS;
        for (const [name, value] of Object.entries(raw)) {
          if (known.includes(name)) yield* TYPES[name]?.(value, [...path, name]) ?? [];
        }
      }
    },
  },
  {
    code: 'unknown-element',
    title: 'A policy or statement has an element that the language does not know',
    severity: 'error',
    help: `A statement may have ${STATEMENT_ELEMENTS.map((name) => `\`${name}\``).join(', ')}.`,
    *find({ document, statements }) {
      if (isRecord(document)) yield* unknownElements(document, DOCUMENT_ELEMENTS, []);
      for (const { raw, path } of statements) yield* unknownElements(raw, STATEMENT_ELEMENTS, path);
    },
  },
  {
    code: 'missing-element',
    title: 'An element that must be there is missing',
    severity: 'error',
    help: 'Add it.',
    *find({ document, statements }) {
      if (isRecord(document) && !Object.hasOwn(document, 'Statement')) {
        yield { path: [], message: 'the policy has no `Statement`' };
      }
      for (const statement of statements) {
        if (!has(statement, 'Effect')) {
          yield {
            path: statement.path,
            message: 'the statement has no `Effect`',
            help: 'Add `"Effect": "Allow"` or `"Effect": "Deny"`.',
          };
        }
        if (!has(statement, 'Action') && !has(statement, 'NotAction')) {
          yield { path: statement.path, message: 'the statement has no `Action`' };
        }
      }
    },
  },
  {
    code: 'conflicting-elements',
    title: 'A statement has an element and its opposite',
    severity: 'error',
    help: 'Keep one of the two; make two statements where both are meant.',
    find: eachStatement(function* (statement) {
      for (const [element, opposite] of PAIRS) {
        if (has(statement, element) && has(statement, opposite)) {
          const message = `the statement has both \`${element}\` and \`${opposite}\``;
          yield { path: [...statement.path, opposite], part: 'key', message };
        }
      }
    }),
  },
  {
    code: 'empty-element',
    title: 'A list or object that should name something is empty',
    severity: 'warning',
    help: 'Name something, or remove the statement.',
    *find({ document, statements }) {
      if (isRecord(document) && isEmpty(document['Statement'])) {
        yield { path: ['Statement'], message: '`Statement` has no statements' };
      }
      for (const { raw, path } of statements) {
        for (const [name, value] of Object.entries(raw)) {
          if (name !== 'Condition' && STATEMENT_ELEMENTS.includes(name) && isEmpty(value)) {
            yield {
              path: [...path, name],
              message: `\`${name}\` is empty, so the statement matches nothing`,
            };
          }
        }
      }
    },
  },
];

const isEmpty = (value: unknown): boolean =>
  value === '' ||
  (Array.isArray(value) && value.length === 0) ||
  (isRecord(value) && Object.keys(value).length === 0);
