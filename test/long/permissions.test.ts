import { afterAll, beforeAll, expect, test } from 'vitest';
import { CASES } from '../grants/permissions/cases.ts';
import { PermissionStage, type Printed } from '../grants/permissions/stage.ts';
import { attempt, lessBy } from '../grants/permissions/try.ts';

let stage: PermissionStage;
beforeAll(async () => {
  stage = await PermissionStage.set();
});
afterAll(() => stage.close());

test.each(CASES.map((one) => [one.command, one.whose, one] as const))(
  '%s (%s): without any one action or resource of what is printed, it fails or says what it lacks',
  { timeout: 900_000 },
  async (command, _, one) => {
    await one.before?.(stage);
    const printed = await stage.printed(command);
    const whole = await attempt(stage, one, printed);
    const others = await Promise.all((one.together ?? []).map((other) => stage.printed(other)));
    const elsewhere = new Set(others.flat().flatMap(actionsOf));
    const needless: string[] = [];
    for (const { without, action, policies } of lessBy(printed)) {
      if (elsewhere.has(action) || (one.elsewhere && Object.hasOwn(one.elsewhere, action))) continue;
      const { answer } = await attempt(stage, one, policies);
      if (answer === whole.answer) needless.push(without);
    }
    expect(needless).toEqual([]);
  },
);

const actionsOf = ({ policy }: Printed): string[] =>
  policy.Statement.flatMap(({ Action, Resource }) => [...Action, ...[Resource].flat()]);
