import type { IncomingMessage } from 'node:http';
import { AwsError } from './errors.ts';

/** In milliseconds. AWS's pages do not say how long it waits. */
export const LONGEST_PAUSE = 20_000;

/**
 * Ends the reading of a request whose client has stopped sending, with AWS's error, and its connection with the answer.
 * Call when reading begins; reading to the end takes it back.
 */
export function endWhenIdle(request: IncomingMessage, pause = LONGEST_PAUSE): void {
  if (request.complete) return;
  const { socket } = request;
  const onTimeout = (): void => {
    // Whoever reads is told, and answers, which `destroy` would not let it; if nobody does any more, there is no answer.
    if (request.listenerCount('error') > 0) request.emit('error', timedOut());
    else socket.destroy();
  };
  const done = (): void => {
    socket.setTimeout(0);
    request.off('timeout', onTimeout);
  };
  socket.setTimeout(pause);
  // Node ends the connection itself where the request has nobody that listens for this.
  request.once('timeout', onTimeout);
  request.once('end', done);
  request.once('close', done);
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const timedOut = (): AwsError =>
  new AwsError(
    'RequestTimeout',
    'Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed.',
    { status: 400, headers: { connection: 'close' } },
  );
