import { ACCOUNTS } from './cast.ts';
import type { Call } from './calls.ts';
import { layOut, type LayoutOptions, type LogFile } from './files.ts';
import { seededRandom } from './random.ts';
import { simulate, type SimulationOptions } from './simulate.ts';

export * from './calls.ts';
export * from './cast.ts';
export { textOf, writeLogs, type LogFile } from './files.ts';
export { principalId, recordOf } from './records.ts';
export { seededRandom, type Random } from './random.ts';
export { arnOf } from './simulate.ts';
export * from './truth.ts';

export interface GeneratorOptions extends SimulationOptions, LayoutOptions {
  seed: number;
}

/** Logs, and what really happened. */
export interface GeneratedLogs {
  calls: Call[];
  files: LogFile[];
}

/** Makes logs whose truth is known: the same for the same options, on every machine. */
export function generateLogs(options: Partial<GeneratorOptions> = {}): GeneratedLogs {
  const { seed, ...rest }: GeneratorOptions = {
    seed: 1,
    calls: 2000,
    from: '2026-08-01',
    days: 3,
    sessionCalls: 10,
    trails: ACCOUNTS,
    files: 20,
    ...options,
  };
  const random = seededRandom(seed);
  const calls = simulate(random, rest);
  return { calls, files: layOut(calls, random, rest) };
}
