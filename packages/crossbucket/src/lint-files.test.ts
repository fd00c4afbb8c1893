import { expect, test } from 'vitest';
import { kindOf, lintFile, summarize, toSarif } from './lint-files.ts';

const document = (statement: string) =>
  `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", ${statement}}}`;
const role = '"Principal": {"AWS": "arn:aws:iam::111111111111:role/r"}';

test.each([
  ['identity', '"Action": "s3:GetObject", "Resource": "*"'],
  ['trust', `${role}, "Action": "sts:AssumeRole"`],
  ['bucket', `${role}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme/*"`],
  [
    'access-point',
    `${role}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:eu-west-1:111111111111:accesspoint/a/object/*"`,
  ],
  ['key', `${role}, "Action": "kms:Decrypt", "Resource": "*"`],
  [undefined, '"Action": "s3:GetObject", '],
] as const)('a policy of kind %s is recognized', (kind, statement) => {
  expect(kindOf(document(statement))).toBe(kind);
});

test('problems of the text and advice come together, in the order of the text, each once', () => {
  const text = `{"Version": "2012-10-17",
 "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
  {"Effect": "Allow", "Action": "s3:GetObjcet", "Resource": "*"}]}`;
  const linted = lintFile('p.json', text);
  expect(linted.problems.map(({ code, line, column }) => `${line}:${column} ${code}`)).toEqual([
    '2:46 wildcard-action',
    '3:3 redundant-statement',
    '3:33 unknown-action',
  ]);
  expect(summarize([linted, linted])).toEqual({ error: 0, warning: 4, note: 2 });
});

test('the kind that is given counts, and a broken document gives what is known of it', () => {
  const text = document('"Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme/*"');
  expect(lintFile('p.json', text).problems).toEqual([]);
  expect(lintFile('p.json', text, { kind: 'bucket' }).problems.map(({ code }) => code)).toEqual([
    'required-element',
  ]);
  expect(lintFile('p.json', '{').problems.map(({ code }) => code)).toEqual(['json-syntax']);
});

test('SARIF names rule, level and place', () => {
  const linted = lintFile('policies\\my file#1.json', '{\n"Version": "2012 - 10 - 17", "Statement": []}');
  const { runs, version } = toSarif([linted], '1.2.3');
  expect(version).toBe('2.1.0');
  const { tool, results } = runs[0]!;
  expect(tool.driver).toMatchObject({ name: 'crossbucket', version: '1.2.3' });
  const [result] = results;
  expect(result).toMatchObject({
    ruleId: 'invalid-version',
    level: 'error',
    message: { text: expect.stringContaining('Write `2012-10-17`, without spaces.') },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: 'policies/my%20file%231.json' },
          region: { startLine: 2, startColumn: 12 },
        },
      },
    ],
  });
  expect(tool.driver.rules[result!.ruleIndex!]?.id).toBe('invalid-version');
});
