import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSandbox } from '../sandbox.ts';
import { parseState } from './import.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'state-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const account = 'state: 1\naccounts:\n  - id: "111111111111"\n    name: app\n';
const user = `${account}    users:\n      - name: me\n`;

describe('a state', () => {
  test.each([
    ['that is no YAML', 'state: [\n', 's.yaml:2:1: '],
    ['that is empty', '', 's.yaml: '],
    ['that is something else', 'colour: red\n', 's.yaml:1:1: this is no state of a sandbox'],
    ['of an older version', 'state: 0\naccounts: []\n', 's.yaml:1:8: `state`: this is a state of version 0'],
    ['of a newer version', 'state: 2\naccounts: []\n', 's.yaml:1:8: `state`: this is a state of version 2'],
    ['without accounts', 'state: 1\n', 's.yaml:1:1: there is no account in it'],
    ['with a section that is unknown', `${account}    colours: []\n`, '`accounts.0.colours`: there is no'],
    [
      'with a member that is unknown',
      `${user}        colour: red\n`,
      's.yaml:7:17: `accounts.0.users.0.colour`',
    ],
    ['with an account twice', `${account}  - { id: "111111111111", name: b }\n`, 's.yaml:5:11: '],
    ['with a user twice', `${user}      - name: me\n`, 's.yaml:7:9: `accounts.0.users.1`: '],
    [
      'with a secret that is masked',
      `${user}    accessKeys:\n      - { id: AKIAAPP0000000000001, user: me, secret: "********" }\n`,
      's.yaml:8:55: `accounts.0.accessKeys.0.secret`: this secret is masked',
    ],
    [
      'with a policy that is none',
      `${user}        policies: { all: [] }\n`,
      's.yaml:7:26: `accounts.0.users.0.policies.all`: ',
    ],
    [
      'with an object of no bucket',
      `${account}objects:\n  - { bucket: none, key: a, id: "null" }\n`,
      's.yaml:6:',
    ],
  ])('%s is refused at its place', (_, text, message) => {
    expect(() => parseState(text, 's.yaml')).toThrow(
      expect.objectContaining({ code: 'InvalidState', message: expect.stringContaining(message) }),
    );
  });

  test('is not imported into a folder that has accounts, which stays as it was', async () => {
    const data = join(folder, 'data');
    const first = await startSandbox({ data });
    const before = await first.exportState();
    await first.close();
    const state = parseState(account, 's.yaml');
    await expect(startSandbox({ data, state })).rejects.toMatchObject({ code: 'InvalidState' });
    const again = await startSandbox({ data });
    expect(await again.exportState()).toBe(before);
    await again.close();
  });

  test('that is not followed by a sandbox leaves no folder', async () => {
    const data = join(folder, 'never');
    const state = parseState(account, 's.yaml');
    const other = await startSandbox();
    const port = Number(new URL(other.endpoint).port);
    await expect(startSandbox({ data, state, port })).rejects.toMatchObject({ code: 'PortInUse' });
    await other.close();
    expect(existsSync(data)).toBe(false);
  });

  test('with the secret left out gets one that works', async () => {
    const text = `${user}    accessKeys:\n      - { id: AKIAAPP0000000000001, user: me }\n`;
    await using aws = await startSandbox({ state: parseState(text, 's.yaml') });
    const { root, users } = aws.account('111111111111');
    expect(users['me']).toEqual({
      accessKeyId: 'AKIAAPP0000000000001',
      secretAccessKey: expect.stringMatching(/^\S{40}$/),
    });
    expect(root.accessKeyId).toMatch(/^AKIA/);
  });
});
