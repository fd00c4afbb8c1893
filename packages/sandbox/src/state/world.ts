import type { World } from '@crossbucket/policy';
import type { SandboxState } from './import.ts';

/** The accounts and the organization of a state as data that can be decided on, without a sandbox to call. */
export async function worldOfState(state: SandboxState): Promise<World> {
  const [{ Store }, { importState }, { Worlds }] = await Promise.all([
    import('../store/store.ts'),
    import('./import.ts'),
    import('../gate/world.ts'),
  ]);
  const store = await Store.open();
  try {
    importState(state, store);
    return new Worlds(store).whole();
  } finally {
    await store.close();
  }
}
