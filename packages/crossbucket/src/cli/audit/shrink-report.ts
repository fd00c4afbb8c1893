import type { ShrunkGrant } from '@crossbucket/audit';
import type { StatementDiff } from '../../changes/statement-diff.ts';
import type { GrantSpec } from '../../spec/index.ts';

/** What a grant comes to. */
export interface ShrinkReport {
  grant: string;
  observed: {
    days: number;
    wanted: number;
    first: string | null;
    last: string | null;
    calls: number;
    /** Files that could not be read to their end, and may tell of other uses. */
    incomplete: number;
    /** Options that left calls out, which are uses, too. */
    limitedBy: string[];
  };
  /** Undefined where nothing of it was used. */
  access: GrantSpec['access'] | undefined;
  principals: string[];
  removed: ShrunkGrant['removed'];
  absent: string[];
  /** Why principals that never came stay. */
  kept?: string;
  /** Of crossbucket.yaml, as a unified diff; empty where nothing changes. */
  diff: string;
  diffs: DocumentDiff[];
  replay: { allowed: number; denied: DeniedUse[]; unclear: DeniedUse[] };
  /** Whether the file has been changed. */
  written: boolean;
}

/** Calls that were allowed, and that the grant would not allow. */
export interface DeniedUse extends Record<string, unknown> {
  reason: string;
  /** The grant as it is does not allow them either: something else does. */
  already?: boolean;
}

export interface DocumentDiff {
  document: string;
  diffs: StatementDiff[];
}

/** Nothing is to be taken away. */
export const isSame = ({ removed, access, absent, kept }: ShrinkReport): boolean =>
  access !== undefined && removed.length === 0 && (absent.length === 0 || kept !== undefined);

/** Enough was seen, and whole, and all of it is allowed as before. */
export const isProved = ({ observed, replay, access }: ShrinkReport): boolean =>
  access !== undefined &&
  observed.days >= observed.wanted &&
  observed.incomplete === 0 &&
  observed.limitedBy.length === 0 &&
  replay.unclear.length === 0 &&
  replay.denied.every(({ already }) => already === true);
