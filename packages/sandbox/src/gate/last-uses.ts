import type { Caller } from './caller.ts';

export interface LastUse {
  /** Milliseconds since 1970. */
  time: number;
  region: string;
  service: string;
}

/** When each access key and role was last used, since the sandbox was started. */
export class LastUses {
  readonly #uses = new Map<string, LastUse>();

  /** @param id Access key id, or a role's unique id. */
  get(id: string): LastUse | undefined {
    return this.#uses.get(id);
  }

  note(caller: Caller, use: LastUse): void {
    const { session, accessKeyId } = caller;
    // A session's key is its own; its role is what AWS keeps track of.
    const id = session?.kind === 'role' ? session.roleId : session ? undefined : accessKeyId;
    if (id !== undefined) this.#uses.set(id, use);
  }
}
