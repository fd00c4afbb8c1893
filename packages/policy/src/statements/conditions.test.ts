import { expect, test } from 'vitest';
import { type ContextValue, type Statement, authorize } from '../index.ts';

type Condition = Statement['Condition'];

/** What an Allow with the condition comes to for a request with the context. */
function outcome(Condition: Condition, context: Record<string, ContextValue> = {}, Version = '2012-10-17') {
  const statement: Statement = { Effect: 'Allow', Action: '*', Resource: '*', Condition };
  return authorize(
    {
      principal: 'arn:aws:iam::111111111111:user/alice',
      action: 's3:GetObject',
      resource: 'arn:aws:s3:::b/k',
      context,
    },
    { identity: [{ Version, Statement: statement }] },
  ).outcome;
}

const MET = 'allow';
const NOT = 'deny';

test.each<[string, string | string[], ContextValue | undefined, string]>([
  ['StringEquals', 'a', 'a', MET],
  ['StringEquals', 'a', 'A', NOT],
  ['StringEquals', ['b', 'a'], 'a', MET],
  ['StringEquals', 'a*', 'ab', NOT],
  ['StringEquals', 'a', undefined, NOT],
  ['StringEqualsIfExists', 'a', undefined, MET],
  ['StringNotEquals', 'a', 'b', MET],
  ['StringNotEquals', ['a', 'b'], 'b', NOT],
  ['StringNotEquals', 'a', undefined, MET],
  ['StringEqualsIgnoreCase', 'AbC', 'aBc', MET],
  ['StringNotEqualsIgnoreCase', 'AbC', 'aBc', NOT],
  ['StringLike', 'a*c', 'abbbc', MET],
  ['StringLike', 'a?c', 'abbc', NOT],
  ['StringLike', 'a?c', 'a😀c', MET],
  ['StringNotLike', 'a*', 'abc', NOT],
  ['StringLike', '*a?', 'xab', MET],
  ['StringLike', '*', '', MET],
  ['NumericEquals', '10', 10, MET],
  ['NumericEquals', '10.0', '10', MET],
  ['NumericEquals', '10', 'ten', NOT],
  ['NumericNotEquals', '10', 'ten', MET],
  ['NumericLessThan', '10', 9.5, MET],
  ['NumericLessThan', '10', 10, NOT],
  ['NumericLessThanEquals', '10', 10, MET],
  ['NumericGreaterThan', '10', 11, MET],
  ['NumericGreaterThanEquals', '10', 10, MET],
  ['NumericEquals', 'ten', 10, NOT],
  ['NumericNotEquals', 'ten', 10, NOT],
  ['DateEquals', '2026-03-01T10:00:00Z', '2026-03-01T11:00:00+01:00', MET],
  ['DateEquals', '2026-03-01', '2026-03-01T00:00:00Z', MET],
  ['DateEquals', '2026', '2026-01-01', MET],
  ['DateEquals', '1772359200', '2026-03-01T10:00:00Z', MET],
  ['DateLessThan', '2026-03-01T10:00:00Z', 1772359199, MET],
  ['DateGreaterThan', '2026-03-01T10:00:00Z', '2026-03-01T10:00:00.001Z', MET],
  ['DateNotEquals', '2026-03-01', '2026-03-02', MET],
  ['DateGreaterThanEquals', '2026-02-30', '2026-03-05', NOT],
  ['Bool', 'true', true, MET],
  ['Bool', 'True', 'true', MET],
  ['Bool', 'false', true, NOT],
  ['Bool', 'maybe', 'maybe', NOT],
  ['BoolIfExists', 'true', undefined, MET],
  ['BinaryEquals', 'QUJD', 'QUJD', MET],
  ['BinaryEquals', 'QQ==', 'QQ', MET],
  ['BinaryEquals', 'QUJD', 'qujd', NOT],
  ['IpAddress', '203.0.113.0/24', '203.0.113.7', MET],
  ['IpAddress', '203.0.113.0/24', '203.0.114.7', NOT],
  ['IpAddress', '203.0.113.7', '203.0.113.7', MET],
  ['IpAddress', '0.0.0.0/0', '8.8.8.8', MET],
  ['IpAddress', '0.0.0.0/0', '::1', NOT],
  ['IpAddress', '2001:db8:1234:5678::/64', '2001:DB8:1234:5678:9::1', MET],
  ['IpAddress', '2001:db8::/33', '2001:db8:8000::1', NOT],
  ['NotIpAddress', '203.0.113.0/24', '198.51.100.1', MET],
  ['NotIpAddress', '203.0.113.0/24', undefined, MET],
  ['IpAddress', '203.0.113.0/33', '203.0.113.7', NOT],
  ['ArnEquals', 'arn:aws:sns:*:111111111111:topic', 'arn:aws:sns:us-east-1:111111111111:topic', MET],
  ['ArnLike', 'arn:aws:x:*:1:finance/*', 'arn:aws:x:us-east-2:9:store/abc:1:finance/d.txt', NOT],
  ['StringLike', 'arn:aws:x:*:1:finance/*', 'arn:aws:x:us-east-2:9:store/abc:1:finance/d.txt', MET],
  ['ArnLike', 'arn:aws:s3:::b/*', 'arn:aws:s3:::b/x:y/z', MET],
  ['ArnNotLike', 'arn:aws:s3:::b/*', 'arn:aws:s3:::c/x', MET],
  ['ArnLike', 'not an arn', 'not an arn', NOT],
  ['Null', 'true', undefined, MET],
  ['Null', 'true', 'a', NOT],
  ['Null', 'false', 'a', MET],
  ['Null', 'false', [], NOT],
  ['NullIfExists', 'true', undefined, NOT],
  ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'b'], MET],
  ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'c'], NOT],
  ['ForAllValues:StringEquals', 'a', undefined, MET],
  ['ForAllValues:StringEquals', 'a', [], MET],
  ['ForAllValues:StringEquals', 'a', '', MET],
  ['ForAllValues:StringNotEquals', 'a', ['b', 'c'], MET],
  ['ForAllValues:StringNotEquals', 'a', ['a', 'c'], NOT],
  ['ForAnyValue:StringEquals', ['a', 'b'], ['c', 'b'], MET],
  ['ForAnyValue:StringEquals', 'a', undefined, NOT],
  ['ForAnyValue:StringEquals', 'a', [], NOT],
  ['ForAnyValue:StringNotEquals', 'a', ['a', 'b'], MET],
  ['ForAnyValue:StringNotEquals', 'a', undefined, NOT],
  ['ForAnyValue:StringLikeIfExists', 'a*', undefined, MET],
  ['StringEquals', 'a', ['b', 'a'], MET],
  ['StringNotEquals', 'a', ['b', 'a'], NOT],
  ['StringSimilar', 'a', 'a', NOT],
  ['stringequals', 'a', 'a', NOT],
])('%s %j on %j: %s', (operator, wanted, actual, expected) => {
  expect(
    outcome({ [operator]: { 'app:key': wanted } }, actual === undefined ? {} : { 'app:key': actual }),
  ).toBe(expected);
});

test('keys match in any case, tag keys too', () => {
  const context = { 'AWS:requesttag/TEAM': 'blue' };
  expect(outcome({ StringEquals: { 'aws:RequestTag/team': 'blue' } }, context)).toBe(MET);
});

test('every key and every operator must hold', () => {
  const both = { StringEquals: { 'app:a': '1', 'app:b': '2' }, Bool: { 'app:c': 'true' } };
  expect(outcome(both, { 'app:a': '1', 'app:b': '2', 'app:c': true })).toBe(MET);
  expect(outcome(both, { 'app:a': '1', 'app:b': '2', 'app:c': false })).toBe(NOT);
  expect(outcome(both, { 'app:a': '1', 'app:c': true })).toBe(NOT);
});

test.each<[string, string, string, string]>([
  ['StringEquals', '${aws:username}', 'alice', MET],
  ['StringEquals', '${AWS:UserName}', 'alice', MET],
  ['StringLike', 'home/${aws:username}/*', 'home/alice/x', MET],
  ['StringEquals', '${aws:PrincipalTag/none}', 'x', NOT],
  ['StringEquals', "${aws:PrincipalTag/none, 'x'}", 'x', MET],
  ['StringEquals', "${aws:username, 'x'}", 'x', NOT],
  ['StringNotEquals', '${aws:PrincipalTag/none}', 'x', NOT],
  ['StringLike', 'a${*}c', 'a*c', MET],
  ['StringLike', 'a${*}c', 'abc', NOT],
  ['StringLike', '${$}{x}', '${x}', MET],
  ['StringLike', '${app:stars}', '**', MET],
  ['StringLike', '${app:stars}', 'anything', NOT],
  ['ArnEquals', 'arn:aws:s3:::b/${aws:username}', 'arn:aws:s3:::b/alice', MET],
  ['NumericEquals', '${app:ten}', '10', NOT],
  ['StringEquals', '${unclosed', '${unclosed', MET],
])('%s takes %s for %s: %s', (operator, wanted, actual, expected) => {
  const context = { 'app:key': actual, 'app:stars': '**', 'app:ten': '10' };
  expect(outcome({ [operator]: { 'app:key': wanted } }, context)).toBe(expected);
});

test('variables are text in older versions', () => {
  const condition = { StringEquals: { 'app:key': '${aws:username}' } };
  expect(outcome(condition, { 'app:key': '${aws:username}' }, '2008-10-17')).toBe(MET);
  expect(outcome(condition, { 'app:key': 'alice' }, '2008-10-17')).toBe(NOT);
});

test('what cannot be read is met in a Deny', () => {
  const deny = (Condition: unknown) => {
    const statements = [
      { Effect: 'Allow', Action: '*', Resource: '*' },
      { Effect: 'Deny', Action: '*', Resource: '*', Condition },
    ] as Statement[];
    return authorize(
      {
        principal: 'arn:aws:iam::111111111111:user/alice',
        action: 's3:GetObject',
        resource: 'arn:aws:s3:::b/k',
      },
      { identity: [{ Version: '2012-10-17', Statement: statements }] },
    ).outcome;
  };
  expect(deny({ StringSimilar: { 'app:key': 'a' } })).toBe('deny');
  expect(deny({ NumericEquals: { 'app:key': 'ten' } })).toBe('deny');
  expect(deny({ StringEquals: { 'app:key': null } })).toBe('deny');
  expect(deny([])).toBe('deny');
  expect(deny({ StringEquals: { 'app:key': 'a' } })).toBe('allow');
});

test('names of Object.prototype are keys like others', () => {
  const hostile = JSON.parse('{"StringEquals":{"__proto__":"a","constructor":"b"}}') as Condition;
  expect(outcome(hostile)).toBe(NOT);
  const context = JSON.parse('{"__proto__":"a","constructor":"b"}') as Record<string, string>;
  expect(outcome(hostile, context)).toBe(MET);
  expect(outcome({ constructor: { 'app:key': 'a' } }, { 'app:key': 'a' })).toBe(NOT);
});
