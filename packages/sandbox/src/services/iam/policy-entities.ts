import type { GroupRecord, RoleRecord, UserRecord } from '../../store/records.ts';
import type { Call, HandlersOf } from '../service.ts';
import { arnOf, requirePolicy } from './managed-policies.ts';
import { pageOf } from './pages.ts';
import { holdersOf } from './policy-uses.ts';

type Holder = UserRecord | RoleRecord | GroupRecord;

export const policyEntityHandlers: HandlersOf<typeof import('@aws-sdk/client-iam')> = {
  ListEntitiesForPolicy(input, call) {
    const arn = arnOf(requirePolicy(input.PolicyArn!, call));
    const usage = input.PolicyUsageFilter;
    const isWanted = (holder: Holder): boolean =>
      (usage !== 'PermissionsBoundary' && holder.attached.includes(arn)) ||
      (usage !== 'PermissionsPolicy' && 'boundary' in holder && holder.boundary === arn);
    const entities = holdersOf(call)
      .filter(({ path }) => path.startsWith(input.PathPrefix ?? '/'))
      .filter((holder) => isWanted(holder))
      .filter((holder) => input.EntityFilter === undefined || input.EntityFilter === kindOf(holder));
    const { page, more } = pageOf(entities, input);
    const named = (kind: ReturnType<typeof kindOf>): Holder[] =>
      page.filter((holder) => kindOf(holder) === kind);
    return {
      PolicyUsers: named('User').map(({ name, id }) => ({ UserName: name, UserId: id })),
      PolicyRoles: named('Role').map(({ name, id }) => ({ RoleName: name, RoleId: id })),
      PolicyGroups: named('Group').map(({ name, id }) => ({ GroupName: name, GroupId: id })),
      ...more,
    };
  },
};

export function kindOf(holder: Holder): 'User' | 'Role' | 'Group' {
  if ('trust' in holder) return 'Role';
  return holder.id.startsWith('AGPA') ? 'Group' : 'User';
}

/** The managed policies that are attached to an entity. */
export function attachedPolicies({ attached }: Holder, { store }: Call) {
  return attached.flatMap((arn) => {
    const policy = store.findPolicy(arn);
    return policy ? [{ PolicyName: policy.name, PolicyArn: arn }] : [];
  });
}
