import { describe, expect, test } from 'vitest';
import type { GrantSpec } from '../../spec/index.ts';
import { editGrant } from './edit-grant.ts';

const ACCOUNTS = 'accounts: { app: { id: "111111111111" }, data: { id: "222222222222" } } # two\n';
const edited = (text: string, access: GrantSpec['access'], principals?: string[]) =>
  editGrant(`${ACCOUNTS}${text}`, {
    name: 'g',
    bucket: 'data/acme-reports',
    to: 'app',
    access,
    ...(principals && { principals }),
  }).slice(ACCOUNTS.length);

const OTHER = `  - { name: other, bucket: data/acme-raw, to: app, access: { read: ["*"] } } # mine\n`;

describe('only what changes is written anew', () => {
  test('in block style, with comments at each line', () => {
    const text = `grants:
${OTHER}  - name: g # this one
    bucket: data/acme-reports
    to: app
    principals:
      - role/a # first
      - role/b
    access:
      read: # much
        - "*"
      list: ["x/*"] # little
`;
    expect(edited(text, { read: ['a/*'], list: ['x/*'] }, ['role/a'])).toBe(`grants:
${OTHER}  - name: g # this one
    bucket: data/acme-reports
    to: app
    principals:
      [role/a]
    access:
      read: # much
        [a/*]
      list: ["x/*"] # little
`);
  });

  test('in one line, where a part goes', () => {
    const text = `grants:
  - { name: g, bucket: data/acme-reports, to: app, access: { read: ["*"], write: ["*"] } } # this one
${OTHER}`;
    expect(edited(text, { read: ['a/*', '*.csv'] })).toBe(`grants:
  - { name: g, bucket: data/acme-reports, to: app, access: {read: [a/*, "*.csv"]} } # this one
${OTHER}`);
  });

  test('nothing, where nothing changes', () => {
    const text = `grants:\n${OTHER}  - { name: g, bucket: data/acme-reports, to: app, access: { read: ["a/*" ] } }\n`;
    expect(edited(text, { read: ['a/*'] })).toBe(text);
  });
});
