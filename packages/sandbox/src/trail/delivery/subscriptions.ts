import type { TrailRecord } from '../../store/records.ts';
import type { Store } from '../../store/store.ts';
import { compileSelectors, type Selects } from '../selectors/compile.ts';
import { eventFacts } from '../selectors/event-facts.ts';
import type { TrailEntry } from '../trail.ts';

interface Subscription {
  trail: TrailRecord;
  selects: Selects;
}

/** Services without regions, whose events a trail may leave out. */
const GLOBAL: ReadonlySet<string> = new Set(['iam', 'sts', 'organizations']);

/** Which trails take which calls; the selectors are compiled once, until a trail or the organization changes. */
export class Subscriptions {
  readonly #store: Store;
  #revision = '';
  /** By account: those of its own, and those of its organization. */
  #byAccount = new Map<string, Subscription[]>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** The trails that a recipient's copy of a call is delivered by. */
  trailsFor(entry: TrailEntry, recipient: string): TrailRecord[] {
    const all = this.#current().get(recipient);
    if (!all) return [];
    const candidates = all.filter(({ trail }) => isCovered(trail, entry));
    if (candidates.length === 0) return [];
    const facts = eventFacts(entry, recipient);
    return candidates.flatMap(({ trail, selects }) => (selects(facts) ? trail : []));
  }

  #current(): Map<string, Subscription[]> {
    const { trails, organization, organizationMembers } = this.#store;
    const revision = `${trails.revision} ${organization.revision} ${organizationMembers.revision}`;
    if (revision === this.#revision) return this.#byAccount;
    this.#revision = revision;
    this.#byAccount = new Map();
    for (const trail of trails.values()) {
      const subscription = { trail, selects: compileSelectors(trail) };
      const members = trail.organization
        ? [...organizationMembers.values()].map(({ account }) => account)
        : [];
      for (const account of new Set([trail.account, ...members])) {
        const known = this.#byAccount.get(account);
        if (known) known.push(subscription);
        else this.#byAccount.set(account, [subscription]);
      }
    }
    return this.#byAccount;
  }
}

/** Whether a trail logs at all what was called when and where it was. */
function isCovered(trail: TrailRecord, { time, region, service, requestId, caller }: TrailEntry): boolean {
  // The call that stops a trail is the last that it records.
  if (!trail.logging && requestId !== trail.stoppedBy) return false;
  if (trail.started === undefined || time < trail.started) return false;
  if (!trail.multiRegion && region !== trail.region) return false;
  if (!trail.globalEvents && GLOBAL.has(service)) return false;
  return trail.recursive || caller.kind !== 'service';
}
