import type { Scope } from '../../sources/key-layout.ts';
import type { Engine } from '../engine.ts';
import { toParameter } from './parameter.ts';
import { athenaQuestion } from './query.ts';
import { defineTable, type AthenaTable } from './table.ts';

/** What Athena would be asked to run. */
export interface DryRun {
  create: string;
  queries: { sql: string; parameters: string[] }[];
}

/** Notes what it is asked, finds nothing and calls nobody. */
export function openDry(
  table: AthenaTable,
  scope?: Pick<Scope, 'since' | 'until'>,
): Engine & { run: DryRun } {
  const { qualified, create } = defineTable(table);
  const run: DryRun = { create, queries: [] };
  return {
    run,
    async ask(sql, parameters = []) {
      run.queries.push({
        sql: athenaQuestion(sql, qualified, scope),
        parameters: parameters.map(toParameter),
      });
      return { columns: [], rows: [] };
    },
    close: async () => undefined,
  };
}
