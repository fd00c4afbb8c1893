import type { TagRecord } from '../../store/records.ts';
import type { Call, HandlersOf } from '../service.ts';
import { requireInstanceProfile, saveInstanceProfile } from './instance-profiles.ts';
import { requireOwnPolicy, requirePolicy, save as savePolicy } from './managed-policies.ts';
import { requireDevice, saveMfaDevice } from './mfa-devices.ts';
import { requireProvider, saveProvider } from './oidc-providers.ts';
import { pageOf, type PageInput } from './pages.ts';
import { requireModifiableRole, requireRole, saveRole } from './roles.ts';
import { readTags, withoutTags, withTags } from './tag-sets.ts';
import { requireUser, saveUser } from './users.ts';

/** Tags of whatever IAM tags: the same for all. */
export const tagHandlers: HandlersOf<typeof import('@aws-sdk/client-iam')> = {
  TagUser: ({ UserName, Tags }, call) => tag(requireUser(UserName!, call), Tags, saveUser, call),
  UntagUser: ({ UserName, TagKeys }, call) => untag(requireUser(UserName!, call), TagKeys, saveUser, call),
  ListUserTags: (input, call) => listTags(requireUser(input.UserName!, call), input),

  TagRole: ({ RoleName, Tags }, call) => tag(requireModifiableRole(RoleName!, call), Tags, saveRole, call),
  UntagRole: ({ RoleName, TagKeys }, call) =>
    untag(requireModifiableRole(RoleName!, call), TagKeys, saveRole, call),
  ListRoleTags: (input, call) => listTags(requireRole(input.RoleName!, call), input),

  TagPolicy: ({ PolicyArn, Tags }, call) => tag(requireOwnPolicy(PolicyArn!, call), Tags, savePolicy, call),
  UntagPolicy: ({ PolicyArn, TagKeys }, call) =>
    untag(requireOwnPolicy(PolicyArn!, call), TagKeys, savePolicy, call),
  ListPolicyTags: (input, call) => listTags(requirePolicy(input.PolicyArn!, call), input),

  TagMFADevice: ({ SerialNumber, Tags }, call) =>
    tag(requireDevice(SerialNumber!, call), Tags, saveMfaDevice, call),
  UntagMFADevice: ({ SerialNumber, TagKeys }, call) =>
    untag(requireDevice(SerialNumber!, call), TagKeys, saveMfaDevice, call),
  ListMFADeviceTags: (input, call) => listTags(requireDevice(input.SerialNumber!, call), input),

  TagOpenIDConnectProvider: ({ OpenIDConnectProviderArn: arn, Tags }, call) =>
    tag(requireProvider(arn!, call), Tags, saveProvider, call),
  UntagOpenIDConnectProvider: ({ OpenIDConnectProviderArn: arn, TagKeys }, call) =>
    untag(requireProvider(arn!, call), TagKeys, saveProvider, call),
  ListOpenIDConnectProviderTags: (input, call) =>
    listTags(requireProvider(input.OpenIDConnectProviderArn!, call), input),

  TagInstanceProfile: ({ InstanceProfileName: name, Tags }, call) =>
    tag(requireInstanceProfile(name!, call), Tags, saveInstanceProfile, call),
  UntagInstanceProfile: ({ InstanceProfileName: name, TagKeys }, call) =>
    untag(requireInstanceProfile(name!, call), TagKeys, saveInstanceProfile, call),
  ListInstanceProfileTags: (input, call) =>
    listTags(requireInstanceProfile(input.InstanceProfileName!, call), input),
};

interface Tagged {
  tags: TagRecord[];
}

type Save<T> = (record: T, call: Call) => void;

function tag<T extends Tagged>(
  record: T,
  tags: Parameters<typeof readTags>[0],
  save: Save<T>,
  call: Call,
): Record<string, never> {
  save({ ...record, tags: withTags(record.tags, readTags(tags)) }, call);
  return {};
}

function untag<T extends Tagged>(
  record: T,
  keys: string[] = [],
  save: Save<T>,
  call: Call,
): Record<string, never> {
  save({ ...record, tags: withoutTags(record.tags, keys) }, call);
  return {};
}

function listTags({ tags }: Tagged, input: PageInput) {
  const { page, more } = pageOf(tags, input);
  return { Tags: page, ...more };
}
