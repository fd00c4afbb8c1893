interface Wait {
  bytes: number;
  start: () => void;
}

/** Lets so many requests and so many bytes of memory be in use at a time, first come, first served. */
export class Flow {
  readonly #requests: number;
  readonly #bytes: number;
  #freeRequests: number;
  #freeBytes: number;
  readonly #waiting: Wait[] = [];

  constructor(requests: number, bytes = 0) {
    this.#requests = requests;
    this.#bytes = bytes;
    this.#freeRequests = requests;
    this.#freeBytes = bytes;
  }

  /** Runs `work` once there is room for it. More bytes than there are count as all of them. */
  async run<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    const leave = await this.enter(bytes);
    try {
      return await work();
    } finally {
      leave();
    }
  }

  /** Resolves once there is room, with what gives it back. */
  async enter(bytes = 0): Promise<() => void> {
    const taken = Math.min(bytes, this.#bytes);
    if (this.#waiting.length > 0 || !this.#fits(taken))
      await new Promise<void>((start) => this.#waiting.push({ bytes: taken, start }));
    else this.#take(taken);
    return () => this.#leave(taken);
  }

  /** Resolves once everything has been given back. */
  async settled(): Promise<void> {
    const leaves = [];
    for (let request = 0; request < this.#requests; request++) leaves.push(this.enter());
    for (const leave of await Promise.all(leaves)) leave();
  }

  #leave(bytes: number): void {
    this.#freeRequests++;
    this.#freeBytes += bytes;
    for (let next = this.#waiting[0]; next && this.#fits(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#take(next.bytes);
      next.start();
    }
  }

  #fits(bytes: number): boolean {
    return this.#freeRequests > 0 && bytes <= this.#freeBytes;
  }

  #take(bytes: number): void {
    this.#freeRequests--;
    this.#freeBytes -= bytes;
  }
}

/**
 * Starts `work` for each item, as many at a time as `width`, and takes no further item before one is done. The first
 * error stops it, once all that was started has ended.
 */
export async function forEachAtOnce<T>(
  items: Iterable<T> | AsyncIterable<T>,
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const places = new Flow(width);
  const failures: unknown[] = [];
  const fail = (error: unknown) => void failures.push(error);
  try {
    for await (const item of items) {
      const leave = await places.enter();
      if (failures.length > 0) {
        leave();
        break;
      }
      void work(item).catch(fail).finally(leave);
    }
  } catch (error) {
    fail(error);
  }
  await places.settled();
  if (failures.length > 0) throw failures[0];
}
