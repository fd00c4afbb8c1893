import type { GroupRecord, RoleRecord, UserRecord } from '../../store/records.ts';
import type { Store } from '../../store/store.ts';
import type { Call } from '../service.ts';
import { entitiesOf } from './entities.ts';

/** How often each managed policy is used in an account, by its ARN; one that is not used is not there. */
export interface PolicyUses {
  attachments: ReadonlyMap<string, number>;
  boundaries: ReadonlyMap<string, number>;
}

interface Counted {
  revision: number;
  byAccount: Map<string, PolicyUses>;
}

const counted = new WeakMap<Store, Counted>();

/** Counted anew only when a user, role or group has changed. */
export function countUses(call: Call): PolicyUses {
  const { store, caller } = call;
  const revision = store.users.revision + store.roles.revision + store.groups.revision;
  let known = counted.get(store);
  if (known?.revision !== revision) counted.set(store, (known = { revision, byAccount: new Map() }));
  let uses = known.byAccount.get(caller.account);
  if (!uses) known.byAccount.set(caller.account, (uses = countIn(holdersOf(call))));
  return uses;
}

function countIn(holders: readonly (UserRecord | RoleRecord | GroupRecord)[]): PolicyUses {
  const attachments = new Map<string, number>();
  const boundaries = new Map<string, number>();
  for (const holder of holders) {
    for (const arn of holder.attached) attachments.set(arn, (attachments.get(arn) ?? 0) + 1);
    if (!('boundary' in holder) || holder.boundary === undefined) continue;
    boundaries.set(holder.boundary, (boundaries.get(holder.boundary) ?? 0) + 1);
  }
  return { attachments, boundaries };
}

/** Users, roles and groups of the caller's account. */
export function holdersOf({ store, caller }: Call): (UserRecord | RoleRecord | GroupRecord)[] {
  const { account } = caller;
  return [
    ...entitiesOf(store.users, account),
    ...entitiesOf(store.roles, account),
    ...entitiesOf(store.groups, account),
  ];
}
