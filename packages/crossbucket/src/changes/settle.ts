/** Times of waiting, in milliseconds; tests have shorter ones. */
export interface Pace {
  /** Until a document that others write is looked at once more. */
  secondLook: number;
  /** For how long a principal that was just made may be refused. */
  newPrincipal: number;
  /** The first pause before something is tried again; each further one is twice as long, up to 16 times. */
  retry: number;
}

export const PACE: Pace = { secondLook: 2000, newPrincipal: 60_000, retry: 500 };

/** Pauses that grow, each of a length by chance so that two who wait do not meet again; ends when the time is over. */
export async function* pauses(first: number, total: number): AsyncGenerator<void> {
  const end = Date.now() + total;
  for (let pause = first; ; pause = Math.min(pause * 2, first * 16)) {
    const length = pause * (0.5 + Math.random());
    if (Date.now() + length > end) return;
    await sleep(length);
    yield;
  }
}

export const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
