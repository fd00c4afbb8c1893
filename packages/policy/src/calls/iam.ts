import type { ApiCall } from '../snapshot.ts';
import { has, members, requestTags, untaggedKeys } from './input.ts';
import {
  arnIn,
  onGroup,
  onInstanceProfile,
  onNewPolicy,
  onRole,
  onServerCertificate,
  onUser,
  underPath,
} from './iam-resources.ts';
import { type CallTable, type KeySource, type Need, anything } from './need.ts';

const boundary = members({ 'iam:PermissionsBoundary': 'PermissionsBoundary' });
const policyArn = members({ 'iam:PolicyARN': 'PolicyArn' });

/** Operations by the resource that they act on; the action has the operation's name. */
const BY_RESOURCE: readonly { on: Need['on']; keys?: readonly KeySource[]; operations: string }[] = [
  {
    on: onUser,
    operations: `
      ChangePassword CreateAccessKey CreateLoginProfile DeactivateMFADevice DeleteAccessKey DeleteLoginProfile
      DeleteSigningCertificate DeleteSSHPublicKey DeleteUser DeleteUserPermissionsBoundary DeleteUserPolicy
      EnableMFADevice GetAccessKeyLastUsed GetLoginProfile GetMFADevice GetSSHPublicKey GetUser GetUserPolicy
      ListAccessKeys ListAttachedUserPolicies ListGroupsForUser ListMFADevices ListServiceSpecificCredentials
      ListSigningCertificates ListSSHPublicKeys ListUserPolicies ListUserTags PutUserPolicy ResyncMFADevice
      UpdateAccessKey UpdateLoginProfile UpdateSigningCertificate UpdateSSHPublicKey UpdateUser
      UploadSigningCertificate UploadSSHPublicKey`,
  },
  { on: onUser, keys: [policyArn], operations: 'AttachUserPolicy DetachUserPolicy' },
  { on: onUser, keys: [boundary], operations: 'PutUserPermissionsBoundary' },
  {
    on: onRole,
    operations: `
      DeleteRole DeleteRolePermissionsBoundary DeleteRolePolicy DeleteServiceLinkedRole GetRole GetRolePolicy
      ListAttachedRolePolicies ListInstanceProfilesForRole ListRolePolicies ListRoleTags PutRolePolicy
      UpdateAssumeRolePolicy UpdateRole UpdateRoleDescription`,
  },
  { on: onRole, keys: [policyArn], operations: 'AttachRolePolicy DetachRolePolicy' },
  { on: onRole, keys: [boundary], operations: 'PutRolePermissionsBoundary' },
  {
    on: onGroup,
    operations: `
      AddUserToGroup CreateGroup DeleteGroup DeleteGroupPolicy GetGroup GetGroupPolicy ListAttachedGroupPolicies
      ListGroupPolicies PutGroupPolicy RemoveUserFromGroup UpdateGroup`,
  },
  { on: onGroup, keys: [policyArn], operations: 'AttachGroupPolicy DetachGroupPolicy' },
  {
    on: arnIn('PolicyArn'),
    operations: `
      CreatePolicyVersion DeletePolicy DeletePolicyVersion GetPolicy GetPolicyVersion ListEntitiesForPolicy
      ListPolicyTags ListPolicyVersions SetDefaultPolicyVersion`,
  },
  { on: onUser, keys: [requestTags()], operations: 'TagUser' },
  { on: onRole, keys: [requestTags()], operations: 'TagRole' },
  { on: arnIn('PolicyArn'), keys: [requestTags()], operations: 'TagPolicy' },
  { on: onUser, keys: [untaggedKeys], operations: 'UntagUser' },
  { on: onRole, keys: [untaggedKeys], operations: 'UntagRole' },
  { on: arnIn('PolicyArn'), keys: [untaggedKeys], operations: 'UntagPolicy' },
  { on: underPath('user'), operations: 'ListUsers' },
  { on: underPath('role'), operations: 'ListRoles' },
  { on: underPath('group'), operations: 'ListGroups' },
  { on: underPath('instance-profile'), operations: 'ListInstanceProfiles' },
  {
    on: onInstanceProfile,
    operations:
      'DeleteInstanceProfile GetInstanceProfile RemoveRoleFromInstanceProfile ListInstanceProfileTags',
  },
  {
    on: onServerCertificate,
    operations:
      'DeleteServerCertificate GetServerCertificate ListServerCertificateTags UpdateServerCertificate',
  },
  {
    on: anything,
    operations: `
      GenerateCredentialReport GetAccountAuthorizationDetails GetAccountPasswordPolicy GetAccountSummary
      GetCredentialReport ListAccountAliases ListPolicies ListSAMLProviders ListOpenIDConnectProviders
      ListVirtualMFADevices SimulateCustomPolicy`,
  },
];

/** A new entity with tags must also be allowed to be tagged. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html */
function creates(kind: 'User' | 'Role' | 'Policy', on: Need['on'], ...keys: KeySource[]): readonly Need[] {
  const tags = requestTags();
  return [
    { action: `iam:Create${kind}`, on, keys: [tags, ...keys] },
    { action: `iam:Tag${kind}`, on, keys: [tags], when: has('Tags') },
  ];
}

/** The role goes to EC2 with the profile. */
const passesRole: Need = {
  action: 'iam:PassRole',
  on: onRole,
  keys: [() => ({ 'iam:PassedToService': 'ec2.amazonaws.com' })],
};

export const IAM: CallTable = {
  ...Object.fromEntries(
    BY_RESOURCE.flatMap(({ on, keys = [], operations }) =>
      operations
        .trim()
        .split(/\s+/)
        .map((operation): [string, Need[]] => [operation, [{ action: `iam:${operation}`, on, keys }]]),
    ),
  ),
  CreateUser: creates('User', onUser, boundary),
  CreateRole: creates('Role', onRole, boundary),
  CreatePolicy: creates('Policy', onNewPolicy),
  AddRoleToInstanceProfile: [{ action: 'iam:AddRoleToInstanceProfile', on: onInstanceProfile }, passesRole],
  CreateServiceLinkedRole: [
    {
      action: 'iam:CreateServiceLinkedRole',
      on: (call: ApiCall) => onRole(call),
      keys: [members({ 'iam:AWSServiceName': 'AWSServiceName' })],
    },
  ],
};
