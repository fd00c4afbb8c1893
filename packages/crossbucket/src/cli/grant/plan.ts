import { freshReaders, planGrants, writePlan, type GrantPlan } from '../../grant/index.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { planJson, planText } from './plan-view.ts';
import { openSession, type GrantOptions } from './session.ts';

export interface PlanCommandOptions extends GrantOptions {
  out?: string;
  removeStale?: boolean;
}

export async function plan(
  names: string[],
  options: PlanCommandOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { spec, grants, connections, side } = await openSession(names, options);
  const { plan: made } = await planGrants(spec, grants, freshReaders(connections), {
    side,
    removeStale: options.removeStale === true,
  });
  terminal.out.write(options.json ? `${JSON.stringify(planJson(made))}\n` : planText(made, terminal.style));
  if (options.out !== undefined) {
    await writePlan(options.out, made);
    terminal.err.write(
      `The plan is in ${options.out}. Apply it with: crossbucket grant apply ${options.out}\n`,
    );
  }
  return planExit(made);
}

export function planExit({ problems, changes }: GrantPlan): ExitCode {
  if (problems.some(({ severity }) => severity === 'error')) return EXIT.usage;
  return changes.length === 0 ? EXIT.done : EXIT.no;
}
