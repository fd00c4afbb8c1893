/** The things that were used last: at most so many, and of so much weight. */
export class Recent<V> {
  readonly #most: number;
  readonly #heaviest: number;
  readonly #things = new Map<string, { value: V; weight: number }>();
  #weight = 0;

  /** @param heaviest Of all together. */
  constructor(most: number, heaviest = Infinity) {
    this.#most = most;
    this.#heaviest = heaviest;
  }

  get(name: string): V | undefined {
    return this.#things.get(name)?.value;
  }

  /** Forgets the oldest where there are too many. */
  set(name: string, value: V, weight = 1): void {
    this.delete(name);
    this.#things.set(name, { value, weight });
    this.#weight += weight;
    for (const oldest of this.#things.keys()) {
      if (this.#things.size <= this.#most && this.#weight <= this.#heaviest) return;
      this.delete(oldest);
    }
  }

  delete(name: string): void {
    const thing = this.#things.get(name);
    if (!thing) return;
    this.#weight -= thing.weight;
    this.#things.delete(name);
  }
}
