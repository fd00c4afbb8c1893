import { describe, expect, test } from 'vitest';
import { codeAt, stepAt, toBase32 } from './totp.ts';

describe('one-time passwords', () => {
  // The vectors of RFC 6238's appendix B, of which AWS's devices show the last six digits.
  const seed = toBase32(Buffer.from('12345678901234567890'));

  test.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
    [20_000_000_000, '353130'],
  ])('at %i seconds', (seconds, code) => {
    expect(codeAt(seed, stepAt(seconds * 1000))).toBe(code);
  });

  test('a seed is base 32 without padding', () => {
    expect(seed).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
    expect(toBase32(Buffer.from('fooba'))).toBe('MZXW6YTB');
    expect(toBase32(Buffer.from('foob'))).toBe('MZXW6YQ');
  });
});
