import { iamArn } from '../../store/arns.ts';
import { awsPolicies } from '../../store/aws-policies.ts';
import type { ManagedPolicyRecord } from '../../store/records.ts';
import { entityKey } from '../../store/store.ts';
import { AwsError } from '../../wire/errors.ts';
import { encodePercent } from '../../wire/message.ts';
import type { Call, HandlersOf } from '../service.ts';
import { requireDocument, sizeOf } from './documents.ts';
import { entitiesOf, underPath } from './entities.ts';
import { deleteConflict, entityExists, limitExceeded, noSuchEntity } from './errors.ts';
import { newId, requireDescription, requireName, requirePath } from './names.ts';
import { byName, pageOf } from './pages.ts';
import { countUses, type PolicyUses } from './policy-uses.ts';
import { readTags } from './tag-sets.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const LARGEST_DOCUMENT = 6144;
const MOST_VERSIONS = 5;

export const managedPolicyHandlers: HandlersOf<typeof import('@aws-sdk/client-iam')> = {
  CreatePolicy(input, call) {
    const name = input.PolicyName!;
    requireName('policyName', name, 128);
    const key = entityKey(call.caller.account, name);
    if (call.store.managedPolicies.has(key))
      throw entityExists(`A policy called ${name} already exists. Duplicate names are not allowed.`);
    requireManagedDocument(input.PolicyDocument!);
    const now = call.clock.now();
    const policy: ManagedPolicyRecord = {
      account: call.caller.account,
      name,
      path: requirePath(input.Path),
      id: newId('ANPA'),
      created: now,
      updated: now,
      ...(input.Description !== undefined && { description: requireDescription(input.Description) }),
      tags: readTags(input.Tags),
      versions: [{ id: 'v1', text: input.PolicyDocument!, created: now }],
      defaultVersion: 'v1',
    };
    call.store.managedPolicies.set(key, policy);
    return { Policy: { ...describePolicy(policy, countUses(call)), ...describeDetails(policy) } };
  },

  GetPolicy(input, call) {
    const policy = requirePolicy(input.PolicyArn!, call);
    return { Policy: { ...describePolicy(policy, countUses(call)), ...describeDetails(policy) } };
  },

  ListPolicies(input, call) {
    const uses = countUses(call);
    const counted = input.PolicyUsageFilter === 'PermissionsBoundary' ? uses.boundaries : uses.attachments;
    const filtered = input.OnlyAttached === true || input.PolicyUsageFilter === 'PermissionsBoundary';
    const inScope = underPath(policiesInScope(input.Scope ?? 'All', call), input.PathPrefix);
    const policies = filtered ? inScope.filter((policy) => counted.has(arnOf(policy))) : inScope;
    const { page, more } = pageOf(policies, input);
    return { Policies: page.map((policy) => describePolicy(policy, uses)), ...more };
  },

  DeletePolicy(input, call) {
    const policy = requireOwnPolicy(input.PolicyArn!, call);
    if (policy.versions.length > 1)
      throw deleteConflict(
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
      );
    const { attachments, boundaries } = countUses(call);
    if (attachments.has(arnOf(policy)) || boundaries.has(arnOf(policy)))
      throw deleteConflict('Cannot delete a policy attached to entities.');
    call.store.managedPolicies.delete(entityKey(policy.account, policy.name));
    return {};
  },

  CreatePolicyVersion(input, call) {
    const policy = requireOwnPolicy(input.PolicyArn!, call);
    requireManagedDocument(input.PolicyDocument!);
    if (policy.versions.length >= MOST_VERSIONS)
      throw limitExceeded(
        `A managed policy can have up to ${MOST_VERSIONS} versions. Before you create a new version, you must delete an existing version.`,
      );
    const latest = Math.max(...policy.versions.map(({ id }) => Number(id.slice(1))));
    const version = { id: `v${latest + 1}`, text: input.PolicyDocument!, created: call.clock.now() };
    const changed: ManagedPolicyRecord = {
      ...policy,
      updated: call.clock.now(),
      versions: [...policy.versions, version],
      defaultVersion: input.SetAsDefault ? version.id : policy.defaultVersion,
    };
    save(changed, call);
    return { PolicyVersion: describeVersion(changed, version, false) };
  },

  GetPolicyVersion(input, call) {
    const policy = requirePolicy(input.PolicyArn!, call);
    return { PolicyVersion: describeVersion(policy, requireVersion(policy, input.VersionId!), true) };
  },

  ListPolicyVersions(input, call) {
    const policy = requirePolicy(input.PolicyArn!, call);
    const { page, more } = pageOf(policy.versions.toReversed(), input);
    return { Versions: page.map((version) => describeVersion(policy, version, false)), ...more };
  },

  SetDefaultPolicyVersion(input, call) {
    const policy = requireOwnPolicy(input.PolicyArn!, call);
    save(
      { ...policy, updated: call.clock.now(), defaultVersion: requireVersion(policy, input.VersionId!).id },
      call,
    );
    return {};
  },

  DeletePolicyVersion(input, call) {
    const policy = requireOwnPolicy(input.PolicyArn!, call);
    const version = requireVersion(policy, input.VersionId!);
    if (version.id === policy.defaultVersion)
      throw deleteConflict('Cannot delete the default version of a policy.');
    save({ ...policy, versions: policy.versions.filter(({ id }) => id !== version.id) }, call);
    return {};
  },
};

/** A policy that the account may attach: one of its own, or of AWS's. */
export function requirePolicy(arn: string, call: Call): ManagedPolicyRecord {
  const policy = findPolicy(arn, call);
  if (policy) return policy;
  throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
}

/** Checks the ARN of a policy that is to be a permissions boundary. */
export function requireBoundary(arn: string, call: Call): string {
  if (findPolicy(arn, call)) return arn;
  throw noSuchEntity(`Scope ARN: ${arn} does not exist or is not attachable.`);
}

function findPolicy(arn: string, { store, caller }: Call): ManagedPolicyRecord | undefined {
  const policy = store.findPolicy(arn);
  return policy && (policy.account === caller.account || policy.account === 'aws') ? policy : undefined;
}

/** AWS's own policies are AWS's to change. https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html */
export function requireOwnPolicy(arn: string, call: Call): ManagedPolicyRecord {
  const policy = requirePolicy(arn, call);
  if (policy.account !== 'aws') return policy;
  throw new AwsError('AccessDenied', `${call.caller.arn} may not change ${arn}: it is managed by AWS.`, {
    status: 403,
  });
}

/** By name. */
function policiesInScope(scope: string, { store, caller }: Call): readonly ManagedPolicyRecord[] {
  const local = entitiesOf(store.managedPolicies, caller.account);
  if (scope === 'Local') return local;
  return scope === 'AWS' ? awsPolicies() : [...local, ...awsPolicies()].toSorted(byName);
}

function requireManagedDocument(text: string): void {
  requireDocument(text, 'identity');
  if (sizeOf(text) > LARGEST_DOCUMENT)
    throw limitExceeded(`Cannot exceed quota for PolicySize: ${LARGEST_DOCUMENT}`);
}

function requireVersion(policy: ManagedPolicyRecord, id: string) {
  const version = policy.versions.find((candidate) => candidate.id === id);
  if (version) return version;
  throw noSuchEntity(`Policy ${arnOf(policy)} version ${id} does not exist or is not attachable.`);
}

export function save(policy: ManagedPolicyRecord, call: Call): void {
  call.store.managedPolicies.set(entityKey(policy.account, policy.name), policy);
}

export function arnOf(policy: ManagedPolicyRecord): string {
  return iamArn('policy', policy.account, policy.path, policy.name);
}

/** As listings show a policy: the SDK's model says that they leave out tags and the description. */
export function describePolicy(policy: ManagedPolicyRecord, { attachments, boundaries }: PolicyUses) {
  const arn = arnOf(policy);
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: arn,
    Path: policy.path,
    DefaultVersionId: policy.defaultVersion,
    AttachmentCount: attachments.get(arn) ?? 0,
    PermissionsBoundaryUsageCount: boundaries.get(arn) ?? 0,
    IsAttachable: true,
    CreateDate: new Date(policy.created),
    UpdateDate: new Date(policy.updated),
  };
}

function describeDetails({ description, tags }: ManagedPolicyRecord) {
  return {
    ...(description !== undefined && { Description: description }),
    ...(tags.length > 0 && { Tags: tags }),
  };
}

export function describeBoundary({ boundary }: { boundary?: string }) {
  if (boundary === undefined) return {};
  return {
    PermissionsBoundary: {
      PermissionsBoundaryType: 'PermissionsBoundaryPolicy' as const,
      PermissionsBoundaryArn: boundary,
    },
  };
}

export function describeVersion(
  policy: ManagedPolicyRecord,
  version: ManagedPolicyRecord['versions'][number],
  withDocument: boolean,
) {
  return {
    ...(withDocument && { Document: encodePercent(version.text) }),
    VersionId: version.id,
    IsDefaultVersion: version.id === policy.defaultVersion,
    CreateDate: new Date(version.created),
  };
}
