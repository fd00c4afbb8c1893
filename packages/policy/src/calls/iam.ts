import {
  arnIn,
  onAccessReport,
  onDelegationRequest,
  onGroup,
  onInstanceProfile,
  onNewDelegationRequest,
  onNewMfaDevice,
  onNewOidcProvider,
  onNewPolicy,
  onNewSamlProvider,
  onNewServiceLinkedRole,
  onRole,
  onRoleOfTask,
  onServerCertificate,
  onUser,
  underPath,
} from './iam-resources.ts';
import { has, members, requestTags, untaggedKeys, words } from './input.ts';
import { type KeySource, type Need, anything, table } from './need.ts';

const boundary = members({ 'iam:PermissionsBoundary': 'PermissionsBoundary' });
const policyArn = members({ 'iam:PolicyARN': 'PolicyArn' });
const credentialService = members({ 'iam:ServiceSpecificCredentialServiceName': 'ServiceName' });

const onPolicy = arnIn('PolicyArn');
const onMfaDevice = arnIn('SerialNumber');
const onOidcProvider = arnIn('OpenIDConnectProviderArn');
const onSamlProvider = arnIn('SAMLProviderArn');

/** Operations by the resource that they act on; the action has the operation's name. */
const BY_RESOURCE: readonly { on: Need['on']; operations: string; keys?: readonly KeySource[] }[] = [
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
    on: onUser,
    keys: [credentialService, members({ 'iam:ServiceSpecificCredentialAgeDays': 'CredentialAgeDays' })],
    operations: 'CreateServiceSpecificCredential',
  },
  {
    on: onUser,
    operations:
      'DeleteServiceSpecificCredential ResetServiceSpecificCredential UpdateServiceSpecificCredential',
  },
  {
    on: onRole,
    operations: `
      DeleteRole DeleteRolePermissionsBoundary DeleteRolePolicy DeleteServiceLinkedRole GetRole GetRolePolicy
      ListAttachedRolePolicies ListInstanceProfilesForRole ListRolePolicies ListRoleTags PutRolePolicy
      UpdateAssumeRolePolicy UpdateRole UpdateRoleDescription`,
  },
  { on: onRole, keys: [policyArn], operations: 'AttachRolePolicy DetachRolePolicy' },
  { on: onRole, keys: [boundary], operations: 'PutRolePermissionsBoundary' },
  { on: onRoleOfTask, operations: 'GetServiceLinkedRoleDeletionStatus' },
  {
    on: onGroup,
    operations: `
      AddUserToGroup CreateGroup DeleteGroup DeleteGroupPolicy GetGroup GetGroupPolicy ListAttachedGroupPolicies
      ListGroupPolicies PutGroupPolicy RemoveUserFromGroup UpdateGroup`,
  },
  { on: onGroup, keys: [policyArn], operations: 'AttachGroupPolicy DetachGroupPolicy' },
  {
    on: onPolicy,
    operations: `
      CreatePolicyVersion DeletePolicy DeletePolicyVersion GetPolicy GetPolicyVersion ListEntitiesForPolicy
      ListPolicyTags ListPolicyVersions SetDefaultPolicyVersion`,
  },
  {
    on: onInstanceProfile,
    operations:
      'DeleteInstanceProfile GetInstanceProfile ListInstanceProfileTags RemoveRoleFromInstanceProfile',
  },
  {
    on: onServerCertificate,
    operations:
      'DeleteServerCertificate GetServerCertificate ListServerCertificateTags UpdateServerCertificate',
  },
  { on: onMfaDevice, operations: 'DeleteVirtualMFADevice ListMFADeviceTags' },
  {
    on: onOidcProvider,
    operations: `
      AddClientIDToOpenIDConnectProvider DeleteOpenIDConnectProvider GetOpenIDConnectProvider
      ListOpenIDConnectProviderTags RemoveClientIDFromOpenIDConnectProvider UpdateOpenIDConnectProviderThumbprint`,
  },
  {
    on: onSamlProvider,
    operations: 'DeleteSAMLProvider GetSAMLProvider ListSAMLProviderTags UpdateSAMLProvider',
  },
  {
    on: onDelegationRequest,
    operations: `
      AcceptDelegationRequest AssociateDelegationRequest GetDelegationRequest
      RejectDelegationRequest SendDelegationToken UpdateDelegationRequest`,
  },
  { on: onNewDelegationRequest, operations: 'CreateDelegationRequest' },
  { on: arnIn('EntityArn'), operations: 'GetHumanReadableSummary' },
  { on: arnIn('TemplateArn'), operations: 'AcquireRole GetRoleTemplateVersion' },
  {
    on: arnIn('Arn'),
    operations: 'GenerateServiceLastAccessedDetails ListPoliciesGrantingServiceAccess',
  },
  { on: arnIn('PolicySourceArn'), operations: 'GetContextKeysForPrincipalPolicy SimulatePrincipalPolicy' },
  {
    on: onAccessReport,
    keys: [members({ 'iam:OrganizationsPolicyId': 'OrganizationsPolicyId' })],
    operations: 'GenerateOrganizationsAccessReport',
  },
  { on: underPath('user'), operations: 'ListUsers' },
  { on: underPath('role'), operations: 'ListRoles' },
  { on: underPath('group'), operations: 'ListGroups' },
  { on: underPath('policy'), operations: 'ListPolicies' },
  { on: underPath('instance-profile'), operations: 'ListInstanceProfiles' },
  { on: underPath('server-certificate'), operations: 'ListServerCertificates' },
  {
    on: anything,
    operations: `
      CreateAccountAlias DeleteAccountAlias DeleteAccountPasswordPolicy DisableOrganizationsRootCredentialsManagement
      DisableOrganizationsRootSessions DisableOutboundWebIdentityFederation
      EnableOrganizationsRootCredentialsManagement EnableOrganizationsRootSessions
      EnableOutboundWebIdentityFederation GenerateCredentialReport GetAccountAuthorizationDetails
      GetAccountPasswordPolicy GetAccountProperties GetAccountSummary GetContextKeysForCustomPolicy
      GetCredentialReport GetOrganizationsAccessReport GetOutboundWebIdentityFederationInfo
      GetServiceLastAccessedDetails GetServiceLastAccessedDetailsWithEntities ListAccountAliases
      ListOpenIDConnectProviders ListOrganizationsFeatures ListSAMLProviders ListVirtualMFADevices
      PutAccountProperties SetSecurityTokenServicePreferences SimulateCustomPolicy UpdateAccountPasswordPolicy`,
  },
  {
    on: anything,
    keys: [members({ 'iam:DelegationRequestOwner': 'OwnerId' })],
    operations: 'ListDelegationRequests',
  },
];

/** What can be tagged: when it is made, and after. */
const TAGGED: readonly {
  kind: string;
  on: Need['on'];
  create: string;
  onNew?: Need['on'];
  keys?: KeySource[];
}[] = [
  { kind: 'User', create: 'CreateUser', on: onUser, keys: [boundary] },
  { kind: 'Role', create: 'CreateRole', on: onRole, keys: [boundary] },
  { kind: 'Policy', create: 'CreatePolicy', on: onPolicy, onNew: onNewPolicy },
  { kind: 'InstanceProfile', create: 'CreateInstanceProfile', on: onInstanceProfile },
  { kind: 'ServerCertificate', create: 'UploadServerCertificate', on: onServerCertificate },
  { kind: 'MFADevice', create: 'CreateVirtualMFADevice', on: onMfaDevice, onNew: onNewMfaDevice },
  {
    kind: 'OpenIDConnectProvider',
    create: 'CreateOpenIDConnectProvider',
    on: onOidcProvider,
    onNew: onNewOidcProvider,
  },
  { kind: 'SAMLProvider', create: 'CreateSAMLProvider', on: onSamlProvider, onNew: onNewSamlProvider },
];

/** A new entity with tags must also be allowed to be tagged. https://github.com/openshift/installer/issues/1073 */
function taggedRows({
  kind,
  on,
  create,
  onNew = on,
  keys = [],
}: (typeof TAGGED)[number]): [string, Need[]][] {
  const tags = requestTags();
  const tag = `iam:Tag${kind}`;
  return [
    [
      create,
      [
        { action: `iam:${create}`, on: onNew, keys: [tags, ...keys] },
        { action: tag, on: onNew, keys: [tags], when: has('Tags') },
      ],
    ],
    [`Tag${kind}`, [{ action: tag, on, keys: [tags] }]],
    [`Untag${kind}`, [{ action: `iam:Untag${kind}`, on, keys: [untaggedKeys] }]],
  ];
}

/** The role goes to EC2 with the profile. */
const passesRole: Need = {
  action: 'iam:PassRole',
  on: onRole,
  keys: [() => ({ 'iam:PassedToService': 'ec2.amazonaws.com' })],
};

export const IAM = table(() => ({
  ...Object.fromEntries(
    BY_RESOURCE.flatMap(({ on, keys = [], operations }) =>
      words(operations).map((operation): [string, Need[]] => [
        operation,
        [{ action: `iam:${operation}`, on, keys }],
      ]),
    ),
  ),
  ...Object.fromEntries(TAGGED.flatMap(taggedRows)),
  AddRoleToInstanceProfile: [{ action: 'iam:AddRoleToInstanceProfile', on: onInstanceProfile }, passesRole],
  CreateServiceLinkedRole: [
    {
      action: 'iam:CreateServiceLinkedRole',
      on: onNewServiceLinkedRole,
      keys: [members({ 'iam:AWSServiceName': 'AWSServiceName' })],
    },
  ],
}));
