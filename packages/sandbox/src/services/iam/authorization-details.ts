import type { EntityType } from '@aws-sdk/client-iam';
import type { GroupRecord, ManagedPolicyRecord, RoleRecord, UserRecord } from '../../store/records.ts';
import { encodePercent } from '../../wire/message.ts';
import type { Call, HandlersOf } from '../service.ts';
import { entitiesOf } from './entities.ts';
import { describeGroup } from './groups.ts';
import { describe as describeProfile } from './instance-profiles.ts';
import { arnOf, describeBoundary, describePolicy, describeVersion } from './managed-policies.ts';
import { byName, pageOf } from './pages.ts';
import { attachedPolicies, kindOf } from './policy-entities.ts';
import { countUses, holdersOf, type PolicyUses } from './policy-uses.ts';
import { describeWholeRole } from './roles.ts';
import { describeUser } from './users.ts';

type Entity = UserRecord | RoleRecord | GroupRecord | ManagedPolicyRecord;

export const authorizationDetailsHandlers: HandlersOf<typeof import('@aws-sdk/client-iam')> = {
  GetAccountAuthorizationDetails(input, call) {
    const uses = countUses(call);
    const wanted = input.Filter ?? [];
    const entities = everythingIn(uses, call).filter(
      (entity) => wanted.length === 0 || wanted.includes(typeOf(entity)),
    );
    const { page, more } = pageOf(entities, input);
    const users: UserRecord[] = [];
    const roles: RoleRecord[] = [];
    const groups: GroupRecord[] = [];
    const policies: ManagedPolicyRecord[] = [];
    for (const entity of page) {
      if ('versions' in entity) policies.push(entity);
      else if ('trust' in entity) roles.push(entity);
      else if ('tags' in entity) users.push(entity);
      else groups.push(entity);
    }
    return {
      UserDetailList: users.map((user) => userDetail(user, call)),
      GroupDetailList: groups.map((group) => groupDetail(group, call)),
      RoleDetailList: roles.map((role) => roleDetail(role, call)),
      Policies: policies.map((policy) => policyDetail(policy, uses)),
      ...more,
    };
  },
};

/** All of an account's entities, and of AWS's policies those that it uses. */
function everythingIn({ attachments, boundaries }: PolicyUses, call: Call): Entity[] {
  const used = new Set([...attachments.keys(), ...boundaries.keys()]);
  const local = entitiesOf(call.store.managedPolicies, call.caller.account);
  const ofAws = [...used].flatMap((arn) => {
    const policy = call.store.findPolicy(arn);
    return policy?.account === 'aws' ? [policy] : [];
  });
  return [...holdersOf(call).toSorted(byName), ...local, ...ofAws.toSorted(byName)];
}

function typeOf(entity: Entity): EntityType {
  if (!('versions' in entity)) return kindOf(entity);
  return entity.account === 'aws' ? 'AWSManagedPolicy' : 'LocalManagedPolicy';
}

function userDetail(user: UserRecord, call: Call) {
  return {
    ...describeUser(user),
    UserPolicyList: inlinePolicies(user),
    GroupList: (user.groups ?? []).flatMap((id) => call.store.groups.byId(id)?.name ?? []),
    AttachedManagedPolicies: attachedPolicies(user, call),
    ...describeBoundary(user),
    Tags: user.tags,
  };
}

function groupDetail(group: GroupRecord, call: Call) {
  return {
    ...describeGroup(group),
    GroupPolicyList: inlinePolicies(group),
    AttachedManagedPolicies: attachedPolicies(group, call),
  };
}

function roleDetail(role: RoleRecord, call: Call) {
  const {
    MaxSessionDuration: _duration,
    Description: _description,
    ...described
  } = describeWholeRole(role, call);
  const profiles = entitiesOf(call.store.instanceProfiles, role.account).filter(
    (profile) => profile.role === role.name,
  );
  return {
    ...described,
    InstanceProfileList: profiles.map((profile) => describeProfile(profile, call)),
    RolePolicyList: inlinePolicies(role),
    AttachedManagedPolicies: attachedPolicies(role, call),
    Tags: role.tags,
  };
}

function policyDetail(policy: ManagedPolicyRecord, uses: PolicyUses) {
  return {
    ...describePolicy(policy, uses),
    Arn: arnOf(policy),
    ...(policy.description !== undefined && { Description: policy.description }),
    PolicyVersionList: policy.versions.toReversed().map((version) => describeVersion(policy, version, true)),
  };
}

function inlinePolicies({ inline }: UserRecord | RoleRecord | GroupRecord) {
  return Object.entries(inline).map(([name, text]) => ({
    PolicyName: name,
    PolicyDocument: encodePercent(text),
  }));
}
