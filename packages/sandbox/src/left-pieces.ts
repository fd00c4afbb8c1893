import { channel } from 'node:diagnostics_channel';

/** Gets `{ bytes }`, how long a piece of a large body was that is done with. */
const leftPieces = channel('crossbucket:sandbox:left-piece');

/** Says that a piece is done with: a process that does nothing else may want to take back its memory before V8 does. */
export function leave(bytes: number): void {
  if (leftPieces.hasSubscribers) leftPieces.publish({ bytes });
}
