import { describe, expect, test } from 'vitest';
import { parseConfig } from './config.ts';
import { isKnown, settingsOf } from './settings.ts';

const parse = (text: string) => parseConfig(text, 'config.yaml');

describe('what a config says of identities', () => {
  const config = parse(`
accounts: [{ id: "111111111111", disabledRegions: [ap-east-1, us-gov-west-1] }]
consistency: { delay: 0.5 }
identityProviders:
  - { url: https://token.example.com/tenant, jwks: http://127.0.0.1:8080/keys }
  - { url: https://login.example.com, jwks: { keys: [{ kty: RSA, n: x, e: AQAB }] } }
`);

  test('becomes settings', () => {
    const settings = settingsOf(config);
    expect(settings.consistencyDelay).toBe(500);
    expect(settings.identityKeys.get('token.example.com/tenant')).toBe('http://127.0.0.1:8080/keys');
    expect(settings.identityKeys.get('login.example.com')).toMatchObject({ keys: [{ kty: 'RSA' }] });
    const at = (now: number) => isKnown({ created: 1000 }, { clock: { now: () => now }, settings });
    expect([at(1000), at(1499), at(1500)]).toEqual([false, false, true]);
  });

  test('is nothing where it says nothing', () => {
    const settings = settingsOf(parse('accounts: [{ id: "111111111111" }]'));
    expect(settings).toMatchObject({ consistencyDelay: 0, plainIsSecure: true, identityKeys: new Map() });
  });

  test.each([
    ['consistency: { delay: -1 }', '`consistency.delay`'],
    ['consistency: { delay: soon }', '`consistency.delay`'],
    ['consistency: { wait: 1 }', '`consistency.delay`'],
    [
      'identityProviders: [{ url: http://token.example.com, jwks: { keys: [] } }]',
      '`identityProviders.0.url`',
    ],
    ['identityProviders: [{ url: https://token.example.com, jwks: ftp://x }]', '`identityProviders.0.jwks`'],
    ['identityProviders: [{ url: https://token.example.com }]', '`identityProviders.0.jwks`'],
  ])('is refused as %s', (text, place) => {
    const whole = `accounts: [{ id: "111111111111" }]\n${text}\n`;
    expect(() => parse(whole)).toThrow(
      expect.objectContaining({
        code: 'InvalidConfig',
        message: expect.stringMatching(new RegExp(`^config.yaml:2:\\d+: ${place}`)),
        help: expect.stringContaining('docs/sandbox.md'),
      }),
    );
  });

  test('is refused where a region is none', () => {
    const text = 'accounts: [{ id: "111111111111", disabledRegions: [Frankfurt] }]';
    expect(() => parse(text)).toThrow(/`accounts.0.disabledRegions.0`: a region is a name such as ap-east-1/);
  });
});
