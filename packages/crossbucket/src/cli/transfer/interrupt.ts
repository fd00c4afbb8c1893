/** Somebody wants the command to end. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** A signal that the first Ctrl-C aborts; the second ends the process as it would without us. */
export function onInterrupt(): { signal: AbortSignal; done: () => void } {
  const abort = new AbortController();
  const stop = () => {
    done();
    abort.abort(new Interrupted('interrupted'));
  };
  const done = () => {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return { signal: abort.signal, done };
}
