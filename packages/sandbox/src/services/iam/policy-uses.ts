import type { GroupRecord, RoleRecord, UserRecord } from '../../store/records.ts';
import type { Call } from '../service.ts';

/** How often each managed policy is used in an account, by its ARN; one that is not used is not there. */
export interface PolicyUses {
  attachments: ReadonlyMap<string, number>;
  boundaries: ReadonlyMap<string, number>;
}

export function countUses(call: Call): PolicyUses {
  const attachments = new Map<string, number>();
  const boundaries = new Map<string, number>();
  for (const holder of holdersOf(call)) {
    for (const arn of holder.attached) attachments.set(arn, (attachments.get(arn) ?? 0) + 1);
    if (!('boundary' in holder) || holder.boundary === undefined) continue;
    boundaries.set(holder.boundary, (boundaries.get(holder.boundary) ?? 0) + 1);
  }
  return { attachments, boundaries };
}

/** Users, roles and groups of the caller's account. */
export function holdersOf({ store, caller }: Call): (UserRecord | RoleRecord | GroupRecord)[] {
  const all = [...store.users.values(), ...store.roles.values(), ...store.groups.values()];
  return all.filter(({ account }) => account === caller.account);
}
