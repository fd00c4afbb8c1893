import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { SessionTokens, type SessionClaims } from './session-token.ts';

const claims: SessionClaims = {
  kind: 'role',
  accessKeyId: 'ASIAEXAMPLE',
  account: '222222222222',
  issued: 0,
  expires: 3_600_000,
  roleId: 'AROAEXAMPLE',
  roleArn: 'arn:aws:iam::222222222222:role/reader',
  sessionName: 'é',
};
const tokens = new SessionTokens(randomBytes(32));
const long: SessionClaims = { ...claims, policy: randomBytes(900).toString('hex') };

test.each([
  ['short claims', claims, 0],
  ['short claims, in a long token', claims, 3000],
  ['claims that are deflated', long, 0],
  ['claims that are deflated, in a long token', long, 4000],
])('%s come out as they went in', (_, its, shortest) => {
  const token = tokens.seal(its, shortest);
  expect(token.length).toBeGreaterThanOrEqual(shortest);
  expect(new SessionTokens(randomBytes(32)).open(token)).toBeUndefined();
  expect(tokens.open(token)).toEqual(its);
});

test('a token of which any bit was changed is none', () => {
  const bytes = Buffer.from(tokens.seal(claims), 'base64');
  fc.assert(
    fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
      const changed = Buffer.from(bytes);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(tokens.open(changed.toString('base64'))).toBeUndefined();
    }),
  );
});

test('any other text is none', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(tokens.open(text)).toBeUndefined();
    }),
  );
  expect(tokens.open(Buffer.alloc(40, 4).toString('base64'))).toBeUndefined();
});
