import { expect, test } from 'vitest';
import { evaluateEntries, isRefused } from './evaluate-entries.ts';

const request = {
  principal: 'arn:aws:iam::111111111111:role/reader',
  action: 's3:GetObject',
  resource: 'arn:aws:s3:::acme/a',
  resourceAccount: '111111111111',
};
const allow = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::acme/*' }],
};
const good = { request, policies: { identity: [allow] } };

const evaluate = (input: unknown) => [...evaluateEntries(input)];
const messages = (input: unknown) =>
  evaluate(input).map((entry) => (isRefused(entry) ? entry.error.message : entry.outcome));

test('one entry, or many, each with its index', () => {
  expect(evaluate(good)).toMatchObject([{ index: 0, outcome: 'allow', causes: [] }]);
  const denied = { request: { ...request, action: 's3:PutObject' }, policies: good.policies };
  expect(evaluate([good, denied])).toMatchObject([
    { index: 0, outcome: 'allow' },
    { index: 1, outcome: 'deny', causes: [{ code: 'identity-policy-missing-allow' }] },
  ]);
  expect(evaluate([])).toEqual([]);
});

test('a document may have a name', () => {
  const named = { request, policies: { identity: [{ name: 'reader', document: allow }] } };
  expect(evaluate(named)).toMatchObject([{ outcome: 'allow' }]);
});

test('an entry may carry notes, and nothing that may be a slip', () => {
  expect(messages({ ...good, name: 'reads', expect: 'allow' })).toEqual(['allow']);
  expect(messages({ request, policy: good.policies })).toEqual([expect.stringContaining('policy')]);
});

test('bad entries are reported while the good ones are answered', () => {
  const effect = { ...allow, Statement: { ...allow.Statement[0], Effect: 'allow' } };
  expect(
    messages([
      good,
      null,
      { policies: {} },
      { request: { ...request, resorce: 'x' } },
      { request, policies: { identities: [] } },
      { request, policies: { identity: [allow, effect] } },
      { request, policies: { resource: { Statement: ['x'] } } },
      { request: { ...request, action: '' } },
      good,
    ]),
  ).toEqual([
    'allow',
    expect.stringContaining('expected object'),
    expect.stringContaining('`request`'),
    expect.stringContaining('resorce'),
    expect.stringContaining('identities'),
    '`policies.identity.1.Statement.Effect`: `allow` is not an effect',
    '`policies.resource.Statement.0`: `x`, a string, stands where a statement should',
    expect.stringContaining('`request.action`'),
    'allow',
  ]);
});

test('hostile entries', () => {
  const entries = JSON.parse(
    '[{"__proto__": {"request": 1}}, {"request": {"__proto__": 1}}, 7, "x", [[]], {"constructor": {}}]',
  ) as unknown[];
  expect(evaluate(entries).every(isRefused)).toBe(true);
});
