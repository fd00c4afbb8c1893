import type { Tag } from '@aws-sdk/client-cloudtrail';
import type { TagRecord } from '../../store/records.ts';
import { AwsError } from '../../wire/errors.ts';
import type { HandlersOf } from '../service.ts';
import { findOwnTrail, findTrail } from './trail-names.ts';

const MOST_TAGS = 50;
const MOST_RESOURCES = 20;

export const tagHandlers: HandlersOf<typeof import('@aws-sdk/client-cloudtrail')> = {
  AddTags(input, call) {
    const trail = findOwnTrail(requireArn(input.ResourceId), call);
    const added = readTags(input.TagsList ?? []);
    const kept = trail.tags.filter(({ Key }) => !added.some((tag) => tag.Key === Key));
    call.store.trails.set(trail.arn, { ...trail, tags: requireFew([...kept, ...added]) });
    return {};
  },

  RemoveTags(input, call) {
    const trail = findOwnTrail(requireArn(input.ResourceId), call);
    const gone = readTags(input.TagsList ?? []);
    const tags = trail.tags.filter(({ Key }) => !gone.some((tag) => tag.Key === Key));
    call.store.trails.set(trail.arn, { ...trail, tags });
    return {};
  },

  ListTags(input, call) {
    const arns = input.ResourceIdList ?? [];
    if (arns.length === 0 || arns.length > MOST_RESOURCES)
      throw new AwsError(
        'InvalidParameterException',
        `Between 1 and ${MOST_RESOURCES} resources can be named.`,
      );
    // The decision was about the first of them.
    for (const arn of arns.slice(1)) call.requireAlso('ListTags', { ResourceIdList: [arn] });
    return {
      ResourceTagList: arns.map((arn) => {
        const trail = findTrail(requireArn(arn), call);
        return { ResourceId: trail.arn, TagsList: trail.tags };
      }),
    };
  },
};

/** Tags of channels, dashboards and event data stores are for resources that are not here. */
function requireArn(arn: string | undefined): string {
  if (arn === undefined || !arn.startsWith('arn:'))
    throw new AwsError('CloudTrailARNInvalidException', `ARN ${arn ?? ''} is not valid.`);
  if (!arn.includes(':trail/'))
    throw new AwsError('ResourceNotFoundException', `The resource ${arn} was not found.`);
  return arn;
}

/** @throws AwsError `InvalidTagParameterException`, `TagsLimitExceededException` */
export function readTags(tags: readonly Tag[]): TagRecord[] {
  const read = tags.map(({ Key = '', Value = '' }) => {
    if (Key === '' || Key.length > 128 || Value.length > 256 || Key.toLowerCase().startsWith('aws:'))
      throw new AwsError('InvalidTagParameterException', `The tag ${Key} is not valid.`);
    return { Key, Value };
  });
  if (new Set(read.map(({ Key }) => Key)).size < read.length)
    throw new AwsError('InvalidTagParameterException', 'A tag key is there twice.');
  return requireFew(read);
}

function requireFew(tags: TagRecord[]): TagRecord[] {
  if (tags.length <= MOST_TAGS) return tags;
  throw new AwsError('TagsLimitExceededException', `A trail can have ${MOST_TAGS} tags.`);
}
