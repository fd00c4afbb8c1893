import type { CauseCode } from '@crossbucket/policy';
import type { Random } from '../random.ts';
import { ROUTES, type RouteKind, type Setup } from '../setup.ts';

export type Break = (setup: Setup, random: Random) => void;

/** One way to break the setup. */
export interface Way {
  name: string;
  cause: CauseCode;
  /** Routes that it breaks. Default: all. */
  on?: readonly RouteKind[];
  /** False where only an organization of both accounts has such a thing. */
  apart?: false;
  /** What of it another way must not touch as well, where two are tried at once. */
  part: string;
  /** Further such parts. */
  also?: readonly string[];
  breakIt: Break;
  /** What the failed call has to say where policies cannot show it. */
  evidence?: true;
  /** There is nothing that a person could change in a document or in the call. */
  unfixable?: true;
  /** The fix cannot be made in the running sandbox: the evaluation alone says that it works. */
  onPaper?: true;
}

/** Ways of one cause: each by its name. */
export const ways = (
  shared: Omit<Way, 'name' | 'breakIt'>,
  table: Readonly<Record<string, Break>>,
): readonly Way[] => Object.entries(table).map(([name, breakIt]) => ({ name, ...shared, breakIt }));

/** The routes that a way breaks. */
export const routesOf = ({ on }: Way): readonly RouteKind[] => on ?? ROUTES;

export const DIRECT = ['bucket-policy', 'access-point'] as const;
export const BY_ROLE = ['role', 'chain'] as const;
export const BY_BUCKET = ['bucket-policy'] as const;
export const BY_NO_POINT = ['bucket-policy', 'role', 'chain'] as const;
