/** Milliseconds that a call to a file system may take on average while everything else waits for it. */
const QUICK = 1;
/** Weight of the last call in the average: one that was held up says little. */
const WEIGHT = 0.1;
/** Calls by the thread pool before it is tried again. */
const LONG_WAY = 256;

/**
 * Whether a file system answers at once. Where it does (from memory, mostly), a trip through the thread pool costs several
 * times what it is for; where it does not (over a network), the pool lets several calls wait at a time.
 */
export class FilePace {
  #average = 0;
  #longWay = 0;

  /** Runs `work` now; undefined, and not run, where the file system has been slow of late. */
  atOnce<T>(work: () => T): T | undefined {
    if (this.#longWay > 0) {
      this.#longWay--;
      return undefined;
    }
    const started = performance.now();
    try {
      return work();
    } finally {
      this.#average += (performance.now() - started - this.#average) * WEIGHT;
      if (this.#average > QUICK) {
        this.#average = QUICK / 2;
        this.#longWay = LONG_WAY;
      }
    }
  }
}
