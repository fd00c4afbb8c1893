// Written by scripts/generate-catalog.mjs. Do not edit.
import type { ServiceText } from './read.ts';

export const IAM: ServiceText = {
  keys: `
S aws:RequestTag/*
S aws:ResourceTag/*
S* aws:TagKeys
S* iam:AccountPropertyNamespaces
A iam:AssociatedResourceArn
S iam:AWSServiceName
S iam:DelegationDuration
A iam:DelegationRequestOwner
S iam:FIDO-certification
S iam:FIDO-FIPS-140-2-certification
S iam:FIDO-FIPS-140-3-certification
S iam:NotificationChannel
S iam:OrganizationsPolicyId
S iam:PassedToService
A iam:PermissionsBoundary
A iam:PolicyARN
S iam:RegisterSecurityKey
S iam:ResourceTag/*
A iam:RoleTemplateARN
N iam:ServiceSpecificCredentialAgeDays
S iam:ServiceSpecificCredentialServiceName
A iam:TemplateArn
`,
  resources: `
access-report arn:{Partition}:iam::{Account}:access-report/{EntityPath+} -
assumed-role arn:{Partition}:iam::{Account}:assumed-role/{RoleName}/{RoleSessionName} -
delegation-request arn:{Partition}:iam::{Account}:delegation-request/{DelegationRequestId} 7
federated-user arn:{Partition}:iam::{Account}:federated-user/{UserName} -
group arn:{Partition}:iam::{Account}:group/{GroupNameWithPath+} -
instance-profile arn:{Partition}:iam::{Account}:instance-profile/{InstanceProfileNameWithPath+} 1
mfa arn:{Partition}:iam::{Account}:mfa/{MfaTokenIdWithPath+} 1
oidc-provider arn:{Partition}:iam::{Account}:oidc-provider/{OidcProviderName+} 1
policy arn:{Partition}:iam::{Account}:policy/{PolicyNameWithPath+} 1
role arn:{Partition}:iam::{Account}:role/{RoleNameWithPath+} 1,17
role-template arn:{Partition}:iam::aws:role-template/{AWSServicePrincipal}/{RoleTemplateName}:{RoleTemplateMajorVersion} -
saml-provider arn:{Partition}:iam::{Account}:saml-provider/{SamlProviderName} 1
server-certificate arn:{Partition}:iam::{Account}:server-certificate/{CertificateNameWithPath+} 1
sms-mfa arn:{Partition}:iam::{Account}:sms-mfa/{MfaTokenIdWithPath+} -
user arn:{Partition}:iam::{Account}:user/{UserNameWithPath+} 1,17
`,
  keySets: `
-
15
14,15,18
14,15
6,11,21
0,2
0,2,14,18
5
19,20
0,2,14
14
20
8,9,10,16
12
3
14,18
7
4,13
0,2,18
2
`,
  actions: `
AcceptDelegationRequest W delegation-request! 0
AddClientIDToOpenIDConnectProvider W oidc-provider! 0
AddRoleToInstanceProfile W instance-profile! 0
AddUserToGroup W group! 0
AssociateDelegationRequest W delegation-request! 0
AttachGroupPolicy P group! 1
AttachRolePolicy P role! 2
AttachUserPolicy P user! 3
ChangePassword W user! 0
CreateAccessKey W user! 0
CreateAccountAlias W - 0
CreateDelegationRequest W delegation-request! 4
CreateGroup W group! 0
CreateInstanceProfile W instance-profile! 5
CreateLoginProfile W user! 0
CreateOpenIDConnectProvider W oidc-provider! 5
CreatePolicy P policy! 5
CreatePolicyVersion P policy! 0
CreateRole W role! 6
CreateSAMLProvider W saml-provider! 5
CreateServiceLinkedRole W role! 7
CreateServiceSpecificCredential W user! 8
CreateUser W user! 9
CreateVirtualMFADevice W mfa! 5
DeactivateMFADevice W user! 0
DeleteAccessKey W user! 0
DeleteAccountAlias W - 0
DeleteAccountPasswordPolicy P - 0
DeleteCloudFrontPublicKey W - 0
DeleteGroup W group! 0
DeleteGroupPolicy P group! 0
DeleteInstanceProfile W instance-profile! 0
DeleteLoginProfile W user! 0
DeleteOpenIDConnectProvider W oidc-provider! 0
DeletePolicy P policy! 0
DeletePolicyVersion P policy! 0
DeleteRole W role! 10
DeleteRolePermissionsBoundary P role! 10
DeleteRolePolicy P role! 10
DeleteSAMLProvider W saml-provider! 0
DeleteServerCertificate W server-certificate! 0
DeleteServiceLinkedRole W role! 0
DeleteServiceSpecificCredential W user! 11
DeleteSigningCertificate W user! 0
DeleteSSHPublicKey W user! 0
DeleteUser W user! 0
DeleteUserPermissionsBoundary P user! 10
DeleteUserPolicy P user! 10
DeleteVirtualMFADevice W mfa,sms-mfa 0
DetachGroupPolicy P group! 1
DetachRolePolicy P role! 3
DetachUserPolicy P user! 3
DisableOrganizationsRootCredentialsManagement W - 0
DisableOrganizationsRootSessions W - 0
DisableOutboundWebIdentityFederation W - 0
EnableMFADevice W user! 12
EnableOrganizationsRootCredentialsManagement W - 0
EnableOrganizationsRootSessions W - 0
EnableOutboundWebIdentityFederation W - 0
GenerateCredentialReport R - 0
GenerateOrganizationsAccessReport R access-report! 13
GenerateServiceLastAccessedDetails R group!,policy!,role!,user! 0
GetAccessKeyLastUsed R user! 0
GetAccountAuthorizationDetails R - 0
GetAccountEmailAddress R - 0
GetAccountName R - 0
GetAccountPasswordPolicy R - 0
GetAccountProperties R - 14
GetAccountSummary L - 0
GetCloudFrontPublicKey R - 0
GetContextKeysForCustomPolicy R - 0
GetContextKeysForPrincipalPolicy R group,role,user 0
GetCredentialReport R - 0
GetDelegationRequest R delegation-request! 0
GetGroup R group! 0
GetGroupPolicy R group! 0
GetHumanReadableSummary R delegation-request! 0
GetInstanceProfile R instance-profile! 0
GetLoginProfile L user! 0
GetMFADevice R user! 0
GetOpenIDConnectProvider R oidc-provider! 0
GetOrganizationsAccessReport R - 0
GetOutboundWebIdentityFederationInfo R - 0
GetPolicy R policy! 0
GetPolicyVersion R policy! 0
GetRole R role! 15
GetRolePolicy R role! 0
GetRoleTemplateVersion R role-template! 0
GetSAMLProvider R saml-provider! 0
GetServerCertificate R server-certificate! 0
GetServiceLastAccessedDetails R - 0
GetServiceLastAccessedDetailsWithEntities R - 0
GetServiceLinkedRoleDeletionStatus R role! 0
GetSSHPublicKey R user! 0
GetUser R user! 0
GetUserPolicy R user! 0
ListAccessKeys L user! 0
ListAccountAliases L - 0
ListAttachedGroupPolicies L group! 0
ListAttachedRolePolicies L role! 0
ListAttachedUserPolicies L user! 0
ListCloudFrontPublicKeys L - 0
ListDelegationRequests L - 16
ListEntitiesForPolicy L policy! 0
ListGroupPolicies L group! 0
ListGroups L - 0
ListGroupsForUser L user! 0
ListInstanceProfiles L - 0
ListInstanceProfilesForRole L role! 0
ListInstanceProfileTags L instance-profile! 0
ListMFADevices L user 0
ListMFADeviceTags L mfa! 0
ListOpenIDConnectProviders L - 0
ListOpenIDConnectProviderTags L oidc-provider! 0
ListOrganizationsFeatures L - 0
ListPolicies L - 0
ListPoliciesGrantingServiceAccess L group!,role!,user! 0
ListPolicyTags L policy! 0
ListPolicyVersions L policy! 0
ListRolePolicies L role! 0
ListRoles L - 0
ListRoleTags L role! 0
ListSAMLProviders L - 0
ListSAMLProviderTags L saml-provider! 0
ListServerCertificates L - 0
ListServerCertificateTags L server-certificate! 0
ListServiceSpecificCredentials L user! 0
ListSigningCertificates L user! 0
ListSSHPublicKeys L user! 0
ListSTSRegionalEndpointsStatus L - 0
ListUserPolicies L user! 0
ListUsers L - 0
ListUserTags L user! 0
ListVirtualMFADevices L - 0
PassRole W role! 17
PutAccountProperties W - 14
PutGroupPolicy P group! 0
PutRolePermissionsBoundary P role! 15
PutRolePolicy P role! 15
PutUserPermissionsBoundary P user! 10
PutUserPolicy P user! 10
RejectDelegationRequest W delegation-request! 0
RemoveClientIDFromOpenIDConnectProvider W oidc-provider! 0
RemoveRoleFromInstanceProfile W instance-profile! 0
RemoveUserFromGroup W group! 0
ResetServiceSpecificCredential W user! 11
ResyncMFADevice W user! 0
SendDelegationToken W delegation-request! 0
SetDefaultPolicyVersion P policy! 0
SetSecurityTokenServicePreferences W - 0
SetSTSRegionalEndpointStatus W - 0
SimulateCustomPolicy R - 0
SimulatePrincipalPolicy R group,role,user 0
TagInstanceProfile T instance-profile! 5
TagMFADevice T mfa! 5
TagOpenIDConnectProvider T oidc-provider! 5
TagPolicy T policy! 5
TagRole T role! 18
TagSAMLProvider T saml-provider! 5
TagServerCertificate T server-certificate! 5
TagUser T user! 5
UntagInstanceProfile T instance-profile! 19
UntagMFADevice T mfa! 19
UntagOpenIDConnectProvider T oidc-provider! 19
UntagPolicy T policy! 19
UntagRole T role! 19
UntagSAMLProvider T saml-provider! 19
UntagServerCertificate T server-certificate! 19
UntagUser T user! 19
UpdateAccessKey W user! 0
UpdateAccountEmailAddress W - 0
UpdateAccountName W - 0
UpdateAccountPasswordPolicy W - 0
UpdateAssumeRolePolicy P role! 10
UpdateCloudFrontPublicKey W - 0
UpdateGroup W group! 0
UpdateLoginProfile W user! 0
UpdateOpenIDConnectProviderThumbprint W oidc-provider! 0
UpdateRole W role! 10
UpdateRoleDescription W role! 10
UpdateSAMLProvider W saml-provider! 0
UpdateServerCertificate W server-certificate! 0
UpdateServiceSpecificCredential W user! 11
UpdateSigningCertificate W user! 0
UpdateSSHPublicKey W user! 0
UpdateUser W user! 0
UploadCloudFrontPublicKey W - 0
UploadServerCertificate W server-certificate! 5
UploadSigningCertificate W user! 0
UploadSSHPublicKey W user! 0
`,
};
