import type { Clock } from './clock.ts';
import { retryDelay } from './refresh-plan.ts';

/** Keeps a service that rejects whatever it is given from causing one fetch for each request. */
export class RejectionGuard {
  #count = 0;
  #until = 0;

  /** True if rejected credentials are worth replacing: they had worked, or the last replacement was long enough ago. */
  admit(proven: boolean, clock: Clock): boolean {
    const now = clock.now();
    if (proven) this.#count = 0;
    else if (now < this.#until) return false;
    this.#count += 1;
    this.#until = now + retryDelay('permanent', this.#count, clock.random());
    return true;
  }
}
