import { freshReaders, planGrants, type PlanOptions } from '../../grant/index.ts';
import { UsageError } from '../errors.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { planAndApply, type ApplyCommandOptions } from './apply.ts';
import { planExit } from './plan.ts';
import { planJson, planText } from './plan-view.ts';
import { openSession } from './session.ts';

export interface RevokeCommandOptions extends ApplyCommandOptions {
  all?: boolean;
  endSessions?: boolean;
  dryRun?: boolean;
}

export async function revoke(
  names: string[],
  options: RevokeCommandOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  if (names.length === 0 && options.all !== true)
    throw new UsageError('there is no grant to revoke', 'name the grants, or add `--all`');
  if (names.length > 0 && options.all === true)
    throw new UsageError('`--all` and names of grants go not together', 'leave one of them out');
  const session = await openSession(names, options);
  const planOptions: PlanOptions = {
    wish: 'revoked',
    side: session.side,
    removeStale: options.removeStale === true,
    ...(options.endSessions === true && { endSessions: new Date() }),
  };
  if (options.dryRun !== true) return planAndApply(session, planOptions, options, terminal);
  const { plan } = await planGrants(
    session.spec,
    session.grants,
    freshReaders(session.connections),
    planOptions,
  );
  terminal.out.write(options.json ? `${JSON.stringify(planJson(plan))}\n` : planText(plan, terminal.style));
  return planExit(plan);
}
