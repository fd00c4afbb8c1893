/** Makes changes of one thing wait for each other, so that what a change has checked still holds when it writes. */
export class Turns {
  /** The last change of each thing that is being changed. */
  readonly #changing = new Map<string, Promise<void>>();

  /** Runs a change once those of the same name that came before are done, whether they held or not. */
  async take(name: string, change: () => Promise<void>): Promise<void> {
    const before = this.#changing.get(name);
    const done = (before ?? Promise.resolve()).then(change);
    const quiet = done.catch(() => undefined);
    this.#changing.set(name, quiet);
    try {
      await done;
    } finally {
      if (this.#changing.get(name) === quiet) this.#changing.delete(name);
    }
  }

  /** Whether something is being changed, or about to be. */
  isTaken(name: string): boolean {
    return this.#changing.has(name);
  }

  /** Whether something whose name starts so is being changed. */
  hasAny(prefix: string): boolean {
    for (const name of this.#changing.keys()) if (name.startsWith(prefix)) return true;
    return false;
  }
}
