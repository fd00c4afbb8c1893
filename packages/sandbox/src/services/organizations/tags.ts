import type { TagRecord } from '../../store/records.ts';
import { AwsError } from '../../wire/errors.ts';
import type { Call, HandlersOf } from '../service.ts';
import { constraint, invalidInput } from './errors.ts';
import { pageOf } from './pages.ts';
import type { OrganizationChanges } from './changes.ts';
import { requireMember, requireTree } from './state.ts';
import type { Tree } from './tree.ts';

/** Tags of the root, of units, accounts, policies and the resource policy. */
export const tagHandlers: HandlersOf<typeof import('@aws-sdk/client-organizations')> = {
  TagResource(input, call) {
    const { tags, save } = requireTagged(input.ResourceId!, call);
    const added = readTags(input.Tags);
    const keys = new Set(added.map(({ Key }) => Key));
    save(requireFew([...tags.filter(({ Key }) => !keys.has(Key)), ...added]));
    return {};
  },

  UntagResource(input, call) {
    const { tags, save } = requireTagged(input.ResourceId!, call);
    save(tags.filter(({ Key }) => !input.TagKeys!.includes(Key)));
    return {};
  },

  ListTagsForResource(input, call) {
    const tags = tagsOf(requireMember(call), input.ResourceId!);
    if (!tags) throw notThere(input.ResourceId!);
    const { page, more } = pageOf(tags, input);
    return { Tags: page, ...more };
  },
};

/** The tags of what an id names; nothing where there is no such thing, or it takes none. */
export function tagsOf(tree: Tree, id: string): TagRecord[] | undefined {
  const found = find(tree, id);
  return found && (found.tags ?? []);
}

function find(
  { organization, units, members, policies }: Tree,
  id: string,
): { tags?: TagRecord[] } | undefined {
  if (id === organization.root) return organization;
  if (id === organization.resourcePolicy?.id) return organization.resourcePolicy;
  return (
    units.get(id) ?? members.get(id) ?? policies.find((policy) => policy.id === id && !policy.awsManaged)
  );
}

function requireTagged(id: string, call: Call) {
  const { tree, changes } = requireTree(call);
  const tags = tagsOf(tree, id);
  if (!tags) throw notThere(id);
  return { tags, save: (changed: TagRecord[]) => saveTags(tree, id, changed, changes) };
}

function saveTags(tree: Tree, id: string, tags: TagRecord[], changes: OrganizationChanges): void {
  const { organization, units, members, policies } = tree;
  const policy = policies.find((candidate) => candidate.id === id);
  const unit = units.get(id);
  const member = members.get(id);
  if (policy) changes.savePolicy({ ...policy, tags });
  else if (unit) changes.saveUnit({ ...unit, tags });
  else if (member) changes.saveMember({ ...member, tags });
  else if (id === organization.root) changes.save({ tags });
  else changes.save({ resourcePolicy: { ...organization.resourcePolicy!, tags } });
}

function notThere(id: string): AwsError {
  return new AwsError('TargetNotFoundException', `There is no \`${id}\` that takes tags.`);
}

/** https://docs.aws.amazon.com/organizations/latest/userguide/orgs_tagging.html */
const MOST_TAGS = 50;
const KEY = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u;
const VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;

/** Checks the tags of a request. */
export function readTags(
  tags: readonly { Key: string | undefined; Value: string | undefined }[] = [],
): TagRecord[] {
  const read = tags.map(({ Key = '', Value = '' }) => {
    if (!KEY.test(Key) || !VALUE.test(Value))
      throw invalidInput('INVALID_PATTERN', `The tag \`${Key}\` has a key or a value that is not valid.`);
    if (/^aws:/i.test(Key))
      throw invalidInput('INVALID_SYSTEM_TAGS_PARAMETER', 'Tag keys that begin with `aws:` are reserved.');
    return { Key, Value };
  });
  if (new Set(read.map(({ Key }) => Key)).size < read.length)
    throw invalidInput('DUPLICATE_TAG_KEY', 'A tag key is there twice.');
  return requireFew(read);
}

function requireFew(tags: TagRecord[]): TagRecord[] {
  if (tags.length <= MOST_TAGS) return tags;
  throw constraint('MAX_TAG_LIMIT_EXCEEDED', `A resource has at most ${MOST_TAGS} tags.`);
}
