/** The latest names that were met, and no more than so many of them. */
export class RecentSet {
  readonly #names = new Set<string>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** False where the name is there already. */
  add(name: string): boolean {
    if (this.#names.has(name)) return false;
    if (this.#names.size >= this.#most) {
      const [oldest] = this.#names;
      if (oldest !== undefined) this.#names.delete(oldest);
    }
    this.#names.add(name);
    return true;
  }
}
