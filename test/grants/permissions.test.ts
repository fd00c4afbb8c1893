import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createProgram } from '../../packages/crossbucket/src/cli/main.ts';
import { openTerminal } from '../../packages/crossbucket/src/cli/terminal.ts';
import { COMMAND_NAMES, rowOf } from '../../packages/crossbucket/src/permissions/permissions.ts';
import { CASES } from './permissions/cases.ts';
import { PermissionStage } from './permissions/stage.ts';
import { attempt } from './permissions/try.ts';

// That nothing of it can be left out: test/long/permissions.test.ts.

let stage: PermissionStage;
beforeAll(async () => {
  stage = await PermissionStage.set();
});
afterAll(() => stage.close());

describe('with exactly what is printed', () => {
  test.each(CASES.map((one) => [one.command, one.whose, one] as const))(
    '%s (%s) does its work',
    async (_command, _whose, one) => {
      const { exits, answer } = await attempt(stage, one, 'as printed');
      const isRight = (exit: number) => (one.exits ?? [0]).includes(exit);
      expect(exits.every(isRight), answer).toBe(true);
      expect(answer).not.toMatch(/no permission|not looked at|no calls were made|left behind/);
    },
  );
});

/** Commands that call nobody, or nobody but a sandbox. */
const CALLS_NOBODY = new Set(['demo', 'evaluate', 'permissions', 'sandbox', 'sandbox export']);

/** What another service decides than those that are here. */
const NOT_HERE = new Set(['audit athena']);

test('every command has a row, and every row is tried', () => {
  const tried = new Set(CASES.map(({ command }) => command));
  expect(COMMAND_NAMES.filter((name) => !tried.has(name) && !NOT_HERE.has(name))).toEqual([]);
  const commands = commandNames(createProgram(openTerminal(), () => {}));
  expect(commands.filter((name) => !CALLS_NOBODY.has(name) && rowOf(name) === undefined)).toEqual([]);
});

interface Commands {
  name(): string;
  commands: readonly Commands[];
}

/** `audit access`, `ls`: what can be run. */
function commandNames({ commands }: Commands, above: string[] = []): string[] {
  return commands.flatMap((one) => {
    const words = [...above, one.name()];
    return one.commands.length > 0 ? commandNames(one, words) : [words.join(' ')];
  });
}

test('without a configuration, patterns stand for what it would name', async () => {
  const { exit, out } = await stage.crossbucket('permissions', 'explain');
  expect(exit).toBe(0);
  expect(out).toContain('crossbucket explain, in the source account');
  expect(out).toContain("the organization's management account");
  expect(out).not.toMatch(/"\w+:\*"/);
});

test('an unknown command names those that are known', async () => {
  expect(await stage.crossbucket('permissions', 'grant', 'aply')).toMatchObject({
    exit: 2,
    err: expect.stringContaining('the commands are grant plan, '),
  });
});
