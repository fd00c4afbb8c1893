import type { TagRecord } from '../../store/records.ts';
import type { LoadedService, Survey } from '../service.ts';
import { requireInput } from './input.ts';
import { readTree } from './state.ts';
import { tagsOf } from './tags.ts';
import { arnOf, arnOfPolicies, arnOfResourcePolicy } from './arns.ts';
import type { Tree } from './tree.ts';

type Known = Parameters<LoadedService['survey']>[2];

/** Members that name something of the organization by its id, what the action is about first. */
const MEMBERS = [
  'PolicyId',
  'AccountId',
  'ResourceId',
  'TargetId',
  'OrganizationalUnitId',
  'HandshakeId',
  'ChildId',
  'ParentId',
  'RootId',
  'SourceParentId',
  'DestinationParentId',
];

/** Finds the ARNs of what a call names, which its policies speak of, and their tags. */
export function survey(operation: string, input: Record<string, unknown>, known: Known): Survey {
  requireInput(input);
  const tree = readTree(known.store);
  if (!tree?.members.has(known.caller.account)) return {};
  const named = MEMBERS.flatMap((member) => input[member] ?? []).filter((id) => typeof id === 'string');
  if (operation === 'DescribeEffectivePolicy' && named.length === 0) named.push(known.caller.account);
  const tags: Record<string, Record<string, string>> = {};
  const resourceArns = named.flatMap((id) => {
    const arn = arnOf(tree, id);
    if (arn !== undefined) tags[arn] = pairsOf(tagsOf(tree, id) ?? []);
    return arn ?? [];
  });
  const made = arnOfNew(operation, input, tree);
  if (made !== undefined) resourceArns.push(made);
  const policy = tree.policies.find(({ id }) => named.includes(id));
  return {
    facts: { resourceArns, resourceTags: tags },
    ...(policy && { context: { 'organizations:PolicyType': policy.type } }),
  };
}

/** What a call makes has no id yet. */
function arnOfNew(
  operation: string,
  input: Record<string, unknown>,
  { organization }: Tree,
): string | undefined {
  const { Type: type } = input;
  if (operation === 'CreatePolicy' && typeof type === 'string') return arnOfPolicies(organization, type);
  return operation === 'PutResourcePolicy' ? arnOfResourcePolicy(organization) : undefined;
}

function pairsOf(tags: readonly TagRecord[]): Record<string, string> {
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
}
