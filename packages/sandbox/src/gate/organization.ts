import type { OrganizationSnapshot } from '@crossbucket/policy';
import { readTree } from '../services/organizations/state.ts';
import { snapshotOf } from '../services/organizations/tree.ts';
import type { Store } from '../store/store.ts';

/** The organization as the engine reads it, made anew when something of it has changed. */
export class OrganizationReader {
  readonly #store: Store;
  #revision = -1;
  #snapshot: OrganizationSnapshot | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  read(): OrganizationSnapshot | undefined {
    const { organization, organizationUnits, organizationMembers, organizationPolicies } = this.#store;
    const revision =
      organization.revision +
      organizationUnits.revision +
      organizationMembers.revision +
      organizationPolicies.revision;
    if (revision === this.#revision) return this.#snapshot;
    this.#revision = revision;
    const tree = readTree(this.#store);
    this.#snapshot = tree && snapshotOf(tree);
    return this.#snapshot;
  }
}
