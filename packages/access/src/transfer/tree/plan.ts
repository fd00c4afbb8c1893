import type { AccessError } from '../../errors.ts';
import { compareEntries, type Comparison, type Direction } from './compare.ts';
import { isSkipped, isTrouble, type Entry } from './entry.ts';
import type { Pair } from './join-sides.ts';

/** What is to be done about one name. */
export type Step =
  | { do: 'transfer'; name: string; source: Entry }
  /** Only if a closer look finds a difference. */
  | { do: 'look'; name: string; source: Entry; target: Entry }
  | { do: 'delete'; name: string; target: Entry }
  | { do: 'nothing'; name: string }
  | { do: 'skip'; name: string; reason: string }
  | { do: 'fail'; name: string; error: AccessError };

export interface PlanRules {
  direction: Direction;
  comparison: Comparison;
  delete: boolean;
  takes: (name: string) => boolean;
}

/** Pure: the same listings give the same steps. Undefined for what is nobody's concern. */
export function planStep({ source, target }: Pair, rules: PlanRules): Step | undefined {
  const { name } = (source ?? target)!;
  if (!rules.takes(name)) return undefined;
  if (source && isTrouble(source)) return { do: 'fail', name, error: source.error };
  if (source && isSkipped(source)) return { do: 'skip', name, reason: source.skipped };
  const there = target && !isTrouble(target) && !isSkipped(target) ? target : undefined;
  if (!source) return rules.delete && there ? { do: 'delete', name, target: there } : undefined;
  const verdict = there ? compareEntries(source, there, rules.comparison, rules.direction) : 'different';
  if (verdict === 'different') return { do: 'transfer', name, source };
  return verdict === 'same' ? { do: 'nothing', name } : { do: 'look', name, source, target: there! };
}
