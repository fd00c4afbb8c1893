import { iamArn } from '../../store/arns.ts';
import type { ManagedPolicyRecord, TagRecord } from '../../store/records.ts';
import { entityKey } from '../../store/store.ts';
import { encodePercent } from '../../wire/message.ts';
import type { Call, HandlersOf } from '../service.ts';
import { requireDocument, sizeOf } from './documents.ts';
import { deleteConflict, entityExists, limitExceeded, noSuchEntity } from './errors.ts';
import { newId, requireName, requirePath } from './names.ts';
import { pageOf } from './pages.ts';

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
      ...(input.Description !== undefined && { description: input.Description }),
      tags: (input.Tags ?? []) as TagRecord[],
      versions: [{ id: 'v1', text: input.PolicyDocument!, created: now }],
      defaultVersion: 'v1',
    };
    call.store.managedPolicies.set(key, policy);
    return { Policy: describePolicy(policy, call) };
  },

  GetPolicy: (input, call) => ({ Policy: describePolicy(requirePolicy(input.PolicyArn!, call), call) }),

  ListPolicies(input, call) {
    const policies = [...call.store.managedPolicies.values()]
      .filter(
        ({ account, path }) => account === call.caller.account && path.startsWith(input.PathPrefix ?? '/'),
      )
      .filter(() => input.Scope !== 'AWS')
      .filter((policy) => !input.OnlyAttached || attachments(policy, call) > 0)
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const { page, more } = pageOf(policies, input);
    return { Policies: page.map((policy) => describePolicy(policy, call)), ...more };
  },

  DeletePolicy(input, call) {
    const policy = requirePolicy(input.PolicyArn!, call);
    if (policy.versions.length > 1)
      throw deleteConflict(
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
      );
    if (attachments(policy, call) > 0) throw deleteConflict('Cannot delete a policy attached to entities.');
    call.store.managedPolicies.delete(entityKey(policy.account, policy.name));
    return {};
  },

  CreatePolicyVersion(input, call) {
    const policy = requirePolicy(input.PolicyArn!, call);
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
    const policy = requirePolicy(input.PolicyArn!, call);
    save(
      { ...policy, updated: call.clock.now(), defaultVersion: requireVersion(policy, input.VersionId!).id },
      call,
    );
    return {};
  },

  DeletePolicyVersion(input, call) {
    const policy = requirePolicy(input.PolicyArn!, call);
    const version = requireVersion(policy, input.VersionId!);
    if (version.id === policy.defaultVersion)
      throw deleteConflict('Cannot delete the default version of a policy.');
    save({ ...policy, versions: policy.versions.filter(({ id }) => id !== version.id) }, call);
    return {};
  },
};

export function requirePolicy(arn: string, call: Call): ManagedPolicyRecord {
  const policy = call.store.findPolicy(arn);
  if (policy && policy.account === call.caller.account) return policy;
  throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
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

function save(policy: ManagedPolicyRecord, call: Call): void {
  call.store.managedPolicies.set(entityKey(policy.account, policy.name), policy);
}

function attachments(policy: ManagedPolicyRecord, call: Call): number {
  const arn = arnOf(policy);
  const entities = [...call.store.users.values(), ...call.store.roles.values()];
  return entities.filter(({ attached }) => attached.includes(arn)).length;
}

function arnOf(policy: ManagedPolicyRecord): string {
  return iamArn('policy', policy.account, policy.path, policy.name);
}

function describePolicy(policy: ManagedPolicyRecord, call: Call) {
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: arnOf(policy),
    Path: policy.path,
    DefaultVersionId: policy.defaultVersion,
    AttachmentCount: attachments(policy, call),
    PermissionsBoundaryUsageCount: 0,
    IsAttachable: true,
    ...(policy.description !== undefined && { Description: policy.description }),
    CreateDate: new Date(policy.created),
    UpdateDate: new Date(policy.updated),
    ...(policy.tags.length > 0 && { Tags: policy.tags }),
  };
}

function describeVersion(
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
