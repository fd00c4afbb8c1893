import { type Rule, type Subject, eachStatement, quoted } from '../check/rule.ts';
import { conditionsOf, isRecord, textsOf } from '../check/statement.ts';

const versionOf = ({ document }: Subject): unknown =>
  isRecord(document) && Object.hasOwn(document, 'Version') ? document['Version'] : undefined;

export const DOCUMENT_ADVICE: readonly Rule[] = [
  {
    code: 'missing-version',
    title: 'A policy without a version is of the old one',
    severity: 'note',
    help: 'Add `"Version": "2012-10-17"`.',
    *find(subject) {
      if (versionOf(subject) !== undefined) return;
      yield { path: [], message: 'without `Version`, the policy is of 2008-10-17, which knows no variables' };
    },
  },
  {
    code: 'variable-without-version',
    title: 'A policy variable in a version that takes it literally',
    severity: 'warning',
    help: 'Write `"Version": "2012-10-17"`.',
    find: eachStatement(function* (statement, subject) {
      if (versionOf(subject) === '2012-10-17') return;
      const texts = [
        ...textsOf(statement, 'Resource', 'NotResource'),
        ...conditionsOf(statement).flatMap(({ values }) => values),
      ];
      for (const { text, path } of texts) {
        const [variable] = /\$\{[^}]*\}/.exec(text) ?? [];
        if (variable !== undefined)
          yield { path, message: `${quoted(variable)} is taken literally in this version` };
      }
    }),
  },
];
