import { iamArn } from '../../store/arns.ts';
import type { InstanceProfileRecord } from '../../store/records.ts';
import { entityKey } from '../../store/store.ts';
import type { Call, HandlersOf } from '../service.ts';
import { entitiesOf, underPath } from './entities.ts';
import { deleteConflict, entityExists, limitExceeded, noSuchEntity } from './errors.ts';
import { newId, requireName, requirePath } from './names.ts';
import { pageOf } from './pages.ts';
import { describeRole, requireRole } from './roles.ts';
import { readTags } from './tag-sets.ts';

export const instanceProfileHandlers: HandlersOf<typeof import('@aws-sdk/client-iam')> = {
  CreateInstanceProfile(input, call) {
    const name = input.InstanceProfileName!;
    requireName('instanceProfileName', name, 128);
    if (call.store.instanceProfiles.has(entityKey(call.caller.account, name)))
      throw entityExists(`Instance Profile ${name} already exists.`);
    const profile: InstanceProfileRecord = {
      account: call.caller.account,
      name,
      path: requirePath(input.Path),
      id: newId('AIPA'),
      created: call.clock.now(),
      tags: readTags(input.Tags),
    };
    saveInstanceProfile(profile, call);
    return { InstanceProfile: describeWhole(profile, call) };
  },

  GetInstanceProfile: (input, call) => ({
    InstanceProfile: describeWhole(requireInstanceProfile(input.InstanceProfileName!, call), call),
  }),

  ListInstanceProfiles(input, call) {
    const profiles = underPath(profilesOf(call), input.PathPrefix);
    const { page, more } = pageOf(profiles, input);
    return { InstanceProfiles: page.map((profile) => describe(profile, call)), ...more };
  },

  ListInstanceProfilesForRole(input, call) {
    const role = requireRole(input.RoleName!, call);
    const profiles = profilesOf(call).filter((profile) => profile.role === role.name);
    const { page, more } = pageOf(profiles, input);
    return { InstanceProfiles: page.map((profile) => describe(profile, call)), ...more };
  },

  AddRoleToInstanceProfile(input, call) {
    const profile = requireInstanceProfile(input.InstanceProfileName!, call);
    const role = requireRole(input.RoleName!, call);
    // A profile holds one role. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.md
    if (profile.role !== undefined)
      throw limitExceeded('Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1');
    saveInstanceProfile({ ...profile, role: role.name }, call);
    return {};
  },

  RemoveRoleFromInstanceProfile(input, call) {
    const { role, ...profile } = requireInstanceProfile(input.InstanceProfileName!, call);
    const { name } = requireRole(input.RoleName!, call);
    if (role !== name)
      throw noSuchEntity(`The role with name ${name} is not in the instance profile ${profile.name}.`);
    saveInstanceProfile(profile, call);
    return {};
  },

  DeleteInstanceProfile(input, call) {
    const profile = requireInstanceProfile(input.InstanceProfileName!, call);
    if (profile.role !== undefined)
      throw deleteConflict('Cannot delete entity, must remove roles from instance profile first.');
    call.store.instanceProfiles.delete(entityKey(profile.account, profile.name));
    return {};
  },
};

export function requireInstanceProfile(name: string, { store, caller }: Call): InstanceProfileRecord {
  const profile = store.instanceProfiles.get(entityKey(caller.account, name));
  if (profile) return profile;
  throw noSuchEntity(`Instance Profile ${name} cannot be found.`);
}

export function saveInstanceProfile(profile: InstanceProfileRecord, { store }: Call): void {
  store.instanceProfiles.set(entityKey(profile.account, profile.name), profile);
}

function profilesOf({ store, caller }: Call): readonly InstanceProfileRecord[] {
  return entitiesOf(store.instanceProfiles, caller.account);
}

export function describe(profile: InstanceProfileRecord, call: Call) {
  return {
    Path: profile.path,
    InstanceProfileName: profile.name,
    InstanceProfileId: profile.id,
    Arn: iamArn('instance-profile', profile.account, profile.path, profile.name),
    CreateDate: new Date(profile.created),
    Roles: profile.role === undefined ? [] : [describeRole(requireRole(profile.role, call), call)],
  };
}

function describeWhole(profile: InstanceProfileRecord, call: Call) {
  return { ...describe(profile, call), ...(profile.tags.length > 0 && { Tags: profile.tags }) };
}
