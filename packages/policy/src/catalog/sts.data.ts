// Written by scripts/generate-catalog.mjs. Do not edit.
import type { ServiceText } from './read.ts';

export const STS: ServiceText = {
  keys: `
S accounts.google.com:aud
N accounts.google.com:google/organization_number
S accounts.google.com:oaud
S accounts.google.com:sub
S agent.*.buildkite.dev:build_branch
S agent.*.buildkite.dev:cluster_id
S agent.*.buildkite.dev:cluster_name
S agent.*.buildkite.dev:organization_id
S agent.*.buildkite.dev:organization_slug
S agent.*.buildkite.dev:pipeline_id
S agent.*.buildkite.dev:pipeline_slug
S agent.*.buildkite.site:build_branch
S agent.*.buildkite.site:cluster_id
S agent.*.buildkite.site:cluster_name
S agent.*.buildkite.site:organization_id
S agent.*.buildkite.site:organization_slug
S agent.*.buildkite.site:pipeline_id
S agent.*.buildkite.site:pipeline_slug
S agent.buildkite.com:build_branch
S agent.buildkite.com:cluster_id
S agent.buildkite.com:cluster_name
S agent.buildkite.com:organization_id
S agent.buildkite.com:organization_slug
S agent.buildkite.com:pipeline_id
S agent.buildkite.com:pipeline_slug
S aws:RequestTag/*
S aws:ResourceTag/*
S* aws:TagKeys
S cognito-identity.amazonaws.com:amr
S cognito-identity.amazonaws.com:aud
S cognito-identity.amazonaws.com:sub
S github.com/enterprises/*:actor
S github.com/enterprises/*:actor_id
S github.com/enterprises/*:enterprise_id
S github.com/enterprises/*:environment
S github.com/enterprises/*:job_workflow_ref
S github.com/enterprises/*:ref
S github.com/enterprises/*:repository
S github.com/enterprises/*:repository_id
S github.com/enterprises/*:repository_owner_id
S github.com/enterprises/*:workflow
S gitlab.com:namespace_id
S gitlab.com:pipeline_source
S gitlab.com:project_id
S gitlab.com:ref_protected
S gitlab.com:runner_environment
S gitlab.com:user_access_level
S gitlab.com:user_email
S gitlab.com:user_id
S gitlab.com:user_login
S graph.facebook.com:app_id
S graph.facebook.com:id
S iam:ResourceTag/*
S idcs-*.identity.oraclecloud.com:rpst_id
S oidc.circleci.com/org/*:oidc.circleci.com/project-id
S saml:aud
S* saml:cn
S saml:commonName
S saml:doc
S* saml:eduorghomepageuri
S* saml:eduorgidentityauthnpolicyuri
S* saml:eduorglegalname
S* saml:eduorgsuperioruri
S* saml:eduorgwhitepagesuri
S* saml:edupersonaffiliation
S* saml:edupersonassurance
S* saml:edupersonentitlement
S* saml:edupersonnickname
S saml:edupersonorgdn
S* saml:edupersonorgunitdn
S saml:edupersonprimaryaffiliation
S saml:edupersonprimaryorgunitdn
S saml:edupersonprincipalname
S* saml:edupersonscopedaffiliation
S* saml:edupersontargetedid
S saml:givenName
S saml:iss
S saml:mail
S saml:name
S saml:namequalifier
S saml:organizationStatus
S saml:primaryGroupSID
S saml:sub
S saml:sub_type
S saml:surname
S saml:uid
S saml:x500UniqueIdentifier
S sts:AWSServiceName
N sts:DurationSeconds
S sts:ExternalId
S* sts:IdentityTokenAudience
S sts:RequestContext/*
A* sts:RequestContextProviders
B sts:RoleAuthorizedByIdp
S sts:RoleSessionName
S sts:SigningAlgorithm
S sts:SourceIdentity
A sts:TaskPolicyArn
S* sts:TransitiveTagKeys
S token.actions.*.ghe.com:actor
S token.actions.*.ghe.com:actor_id
S token.actions.*.ghe.com:enterprise_id
S token.actions.*.ghe.com:environment
S token.actions.*.ghe.com:job_workflow_ref
S token.actions.*.ghe.com:ref
S token.actions.*.ghe.com:repository
S token.actions.*.ghe.com:repository_id
S token.actions.*.ghe.com:repository_owner_id
S token.actions.*.ghe.com:workflow
S token.actions.githubusercontent.com/*:actor
S token.actions.githubusercontent.com/*:actor_id
S token.actions.githubusercontent.com/*:enterprise_id
S token.actions.githubusercontent.com/*:environment
S token.actions.githubusercontent.com/*:job_workflow_ref
S token.actions.githubusercontent.com/*:ref
S token.actions.githubusercontent.com/*:repository
S token.actions.githubusercontent.com/*:repository_id
S token.actions.githubusercontent.com/*:repository_owner_id
S token.actions.githubusercontent.com/*:workflow
S token.actions.githubusercontent.com:actor
S token.actions.githubusercontent.com:actor_id
S token.actions.githubusercontent.com:enterprise_id
S token.actions.githubusercontent.com:environment
S token.actions.githubusercontent.com:job_workflow_ref
S token.actions.githubusercontent.com:ref
S token.actions.githubusercontent.com:repository
S token.actions.githubusercontent.com:repository_id
S token.actions.githubusercontent.com:repository_owner_id
S token.actions.githubusercontent.com:workflow
S www.amazon.com:app_id
S www.amazon.com:user_id
`,
  resources: `
context-provider arn:{Partition}:iam::aws:contextProvider/{ContextProviderName} -
federated-user arn:{Partition}:sts::{Account}:federated-user/{FederatedUserName} -
role arn:{Partition}:iam::{Account}:role/{RoleNameWithPath+} 26,52
root-user arn:{Partition}:iam::{Account}:root -
self-session arn:{Partition}:sts::{Account}:self -
`,
  keySets: `
0,3,25,27,28,29,30,50,51,52,79,82,83,89,94,96,98,129,130
25,27,55,56,57,58,59,60,61,62,63,64,65,66,67,68,69,70,71,72,73,74,75,76,77,78,79,80,81,82,83,84,85,86,94,96,98
0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,53,54,93,94,96,98,99,100,101,102,103,104,105,106,107,108,109,110,111,112,113,114,115,116,117,118,119,120,121,122,123,124,125,126,127,128,129,130
97
-
25,27
87,88
25,27,88,90,95
91,92
96
25,27,55,98
`,
  actions: `
AssumeRole W role! 0
AssumeRoleWithSAML W role! 1
AssumeRoleWithWebIdentity W role! 2
AssumeRoot W root-user! 3
DecodeAuthorizationMessage W - 4
GetAccessKeyInfo R - 4
GetCallerIdentity R - 4
GetDelegatedAccessToken W - 4
GetFederationToken W federated-user 5
GetServiceBearerToken R - 6
GetSessionToken R - 4
GetWebIdentityToken W - 7
SetContext W role,self-session 8
SetSourceIdentity W role 9
TagGetWebIdentityToken T - 5
TagSession T role 10
`,
};
