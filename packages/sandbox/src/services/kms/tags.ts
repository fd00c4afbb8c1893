import type { Tag } from '@aws-sdk/client-kms';
import type { KeyRecord } from '../../store/records.ts';
import { AwsError } from '../../wire/errors.ts';
import type { HandlersOf } from '../service.ts';
import { requireStaying } from './errors.ts';
import { pageOf } from './pages.ts';

const MAX_TAGS = 50;

export const tagHandlers: HandlersOf<typeof import('@aws-sdk/client-kms')> = {
  TagResource(input, call) {
    const key = call.survey.keys![0]!;
    requireStaying(key);
    const tags = readTags([...key.tags, ...(input.Tags ?? [])]);
    call.store.keys.set(key.arn, { ...key, tags });
    return {};
  },

  UntagResource(input, call) {
    const key = call.survey.keys![0]!;
    requireStaying(key);
    const gone = new Set(input.TagKeys);
    call.store.keys.set(key.arn, { ...key, tags: key.tags.filter(({ TagKey }) => !gone.has(TagKey)) });
    return {};
  },

  ListResourceTags(input, call) {
    const { page, ...rest } = pageOf(call.survey.keys![0]!.tags, input, 50, 50);
    return { ...rest, Tags: page };
  },
};

/**
 * Checks tags; of two with the same key the later one stays.
 * https://docs.aws.amazon.com/kms/latest/developerguide/tagging-keys.html
 * @throws AwsError `TagException`, `LimitExceededException`
 */
export function readTags(tags: readonly Tag[] = []): KeyRecord['tags'] {
  const values = new Map<string, string>();
  for (const { TagKey: key = '', TagValue: value = '' } of tags) {
    if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u.test(key) || /^aws:/i.test(key))
      throw new AwsError('TagException', `The tag key ${key} is not valid.`);
    if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u.test(value))
      throw new AwsError('TagException', `The value of the tag ${key} is not valid.`);
    values.set(key, value);
  }
  if (values.size > MAX_TAGS)
    throw new AwsError('LimitExceededException', `A key has at most ${MAX_TAGS} tags.`);
  return [...values].map(([TagKey, TagValue]) => ({ TagKey, TagValue }));
}
