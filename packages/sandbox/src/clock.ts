/** The sandbox's time in milliseconds since 1970: everything that expires follows it. */
export interface Clock {
  now(): number;
}

/** A clock that runs with real time and can be moved, so that a test need not wait for an expiry. */
export class SandboxClock implements Clock {
  #offset: number;

  /** @param start Where to begin; without it, now. */
  constructor(start?: Date) {
    this.#offset = start ? start.getTime() - Date.now() : 0;
  }

  now(): number {
    return Date.now() + this.#offset;
  }

  /** Moves the clock ahead (or, below zero, back) by milliseconds. */
  advance(milliseconds: number): void {
    this.#offset += milliseconds;
  }
}
