import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseSpec } from './parse-spec.ts';
import { specJsonSchema } from './schema.ts';
import { SpecError } from './spec-error.ts';

const ACCOUNTS = `accounts:
  app:  { id: "111111111111", profile: app }
  data: { id: "222222222222", profile: data-owner, region: eu-west-1 }
`;

const GRANT = `${ACCOUNTS}grants:
  - name: reports-reader
    bucket: data/acme-reports
    to: app
    principals: [role/report-service]
    access: { read: ["reports/*"] }
    route: role
    role: { name: reports-reader, externalId: auto, maxSession: 1h }
`;

test('the example of the design', () => {
  expect(parseSpec(GRANT, 'crossbucket.yaml')).toEqual({
    accounts: {
      app: { id: '111111111111', profile: 'app' },
      data: { id: '222222222222', profile: 'data-owner', region: 'eu-west-1' },
    },
    grants: [
      {
        name: 'reports-reader',
        bucket: 'data/acme-reports',
        to: 'app',
        principals: ['role/report-service'],
        access: { read: ['reports/*'] },
        route: 'role',
        role: { name: 'reports-reader', externalId: 'auto', maxSession: '1h' },
      },
    ],
  });
});

describe('what is wrong is said at its line and column', () => {
  test.each<[string, string, string, string]>([
    ['an unknown key', 'route: role', 'ruote: role', '10:5: `grants[0].ruote`: there is no such key'],
    [
      'an unknown key deep down',
      'maxSession: 1h',
      'max: 1h',
      '11:53: `grants[0].role.max`: there is no such key',
    ],
    [
      'an id without quotes',
      '"111111111111"',
      '111111111111',
      '2:15: `accounts.app.id`: an account id is twelve digits, in quotes',
    ],
    [
      'a bucket of no account',
      'bucket: data/',
      'bucket: dta/',
      '6:13: `grants[0].bucket`: there is no account `dta`: the accounts are app, data',
    ],
    [
      'a source that is no account',
      'to: app',
      'to: ap',
      '7:9: `grants[0].to`: there is no account `ap`: the accounts are app, data',
    ],
    [
      'one account on both sides',
      'to: app',
      'to: data',
      '7:9: `grants[0].to`: source and destination are the same account: there is nothing to cross',
    ],
    [
      'a session that is too long',
      '1h }',
      '13h }',
      '11:65: `grants[0].role.maxSession`: `maxSession` is a time from 1h to 12h, such as `1h` or `90m`',
    ],
    [
      'no access',
      'read: ["reports/*"]',
      '',
      '9:13: `grants[0].access`: give at least one of read, write, delete, list and actions',
    ],
    [
      'a route that is none',
      'route: role',
      'route: rolle',
      '10:12: `grants[0].route`: a route is `role` or `bucket-policy`',
    ],
    [
      'a role on the other route',
      'route: role',
      'route: bucket-policy',
      '11:11: `grants[0].role`: route `bucket-policy` makes no role',
    ],
    [
      'a wildcard principal',
      'role/report-service',
      'role/*',
      '8:18: `grants[0].principals[0]`: a principal is written `role/NAME` or `user/NAME`, with its path where it has one',
    ],
    [
      'YAML that is none',
      'to: app',
      'to: [app',
      '8:5: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
  ])('%s', (_, from, to, message) => {
    const failure = catchError(() => parseSpec(GRANT.replace(from, to), 'crossbucket.yaml'));
    expect(failure).toBeInstanceOf(SpecError);
    expect(failure).toMatchObject({ code: 'invalid-spec', message: `crossbucket.yaml:${message}` });
  });

  test('two grants of one name, and two that would share a role', () => {
    const second = `  - { name: NAME, bucket: data/acme, to: app, access: { read: ["*"] }, role: { name: ROLE } }\n`;
    const again = (name: string, role: string) =>
      catchError(() => parseSpec(GRANT + second.replace('NAME', name).replace('ROLE', role), 'x.yaml'))
        .message;
    expect(again('reports-reader', 'other')).toBe(
      'x.yaml:12:13: `grants[1].name`: the grant `reports-reader` is there twice',
    );
    expect(again('other', 'Reports-Reader')).toContain(
      '`grants[1].role`: the grant `reports-reader` has a role of this name in the same account',
    );
  });

  test('an empty file', () => {
    expect(catchError(() => parseSpec('', 'x.yaml')).message).toBe('x.yaml: the file is empty');
  });
});

test('the schema file is that of the code', () => {
  const file = new URL('../../crossbucket.schema.json', import.meta.url);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(specJsonSchema())));
});

test('the schema for editors refuses unknown keys, and describes the rest', () => {
  const schema = specJsonSchema() as {
    additionalProperties: boolean;
    properties: Record<string, { description?: string }>;
  };
  expect(schema.additionalProperties).toBe(false);
  expect(schema.properties['grants']?.description).toBe('Who may do what to which bucket.');
});

function catchError(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('it did not fail');
}
