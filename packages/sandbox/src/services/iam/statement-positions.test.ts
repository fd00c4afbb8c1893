import { expect, test } from 'vitest';
import { statementSpans } from './statement-positions.ts';

/** The text of each statement, by its positions. */
function statementsAt(text: string): string[] {
  const lines = text.split('\n');
  const offset = ({ Line, Column }: { Line: number; Column: number }): number =>
    lines.slice(0, Line - 1).reduce((sum, line) => sum + line.length + 1, 0) + Column - 1;
  return statementSpans(text).map(({ start, end }) =>
    text.slice(offset(start), offset(end)).replace(/^,/, ''),
  );
}

test('a list of statements over several lines', () => {
  const text = `{
  "Version": "2012-10-17",
  "Statement": [
    { "Sid": "One", "Effect": "Allow",
      "Condition": { "StringEquals": { "aws:PrincipalTag/a": ["{", "]"] } } },
    { "Sid": "Two \\" }" }
  ],
  "Id": "Statement"
}`;
  expect(statementsAt(text).map((statement) => JSON.parse(statement).Sid)).toEqual(['One', 'Two " }']);
  expect(statementSpans(text)[0]!.start).toEqual({ Line: 3, Column: 17 });
  expect(statementSpans(text)[1]!.start).toEqual(statementSpans(text)[0]!.end);
});

test('one statement without a list', () => {
  const text =
    '{"Id":"Statement","Statement":{"Effect":"Allow","Condition":{"Bool":{"a":"b"}}},"Version":"x"}';
  expect(statementsAt(text)).toEqual(['"Effect":"Allow","Condition":{"Bool":{"a":"b"}}}']);
});

test('a text without statements', () => {
  expect(statementSpans('{"Version":"2012-10-17","Statement":[]}')).toEqual([]);
});
