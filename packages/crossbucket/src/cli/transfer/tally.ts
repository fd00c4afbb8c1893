import type { TransferEvent } from '@crossbucket/access';

/** How far a command is, from the events so far. */
export interface Tally {
  /** Bytes that have arrived, in this process. */
  moved: number;
  /** Bytes that an earlier process had moved. */
  resumed: number;
  /** Of all that is to be moved, where that is known. */
  total: number | undefined;
  finished: number;
  deleted: number;
  unchanged: number;
  skipped: number;
  failed: number;
  planned: number;
  plannedBytes: number;
}

export const emptyTally = (): Tally => ({
  moved: 0,
  resumed: 0,
  total: undefined,
  finished: 0,
  deleted: 0,
  unchanged: 0,
  skipped: 0,
  failed: 0,
  planned: 0,
  plannedBytes: 0,
});

export function addEvent(tally: Tally, event: TransferEvent): void {
  switch (event.type) {
    case 'moved':
      tally.moved += event.bytes;
      break;
    case 'resumed':
      tally.resumed += event.bytes;
      break;
    case 'planned':
      tally.planned++;
      tally.plannedBytes += event.size ?? 0;
      break;
    case 'finished':
    case 'deleted':
    case 'unchanged':
    case 'skipped':
    case 'failed':
      tally[event.type]++;
      break;
    case 'started':
      break;
  }
}
