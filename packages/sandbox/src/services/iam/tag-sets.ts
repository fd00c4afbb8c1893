import type { TagRecord } from '../../store/records.ts';
import { AwsError } from '../../wire/errors.ts';
import { invalidValue } from '../validation.ts';
import { limitExceeded } from './errors.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.md */
const MOST_TAGS = 50;
const KEY = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u;
const VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;
const PATTERN = 'Member must satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+';

type Tags = readonly { Key: string | undefined; Value: string | undefined }[];

/** Checks the tags of a request. */
export function readTags(tags: Tags = []): TagRecord[] {
  const seen = new Set<string>();
  if (tags.length > MOST_TAGS) throw limitExceeded(`Cannot exceed quota for TagsPerResource: ${MOST_TAGS}`);
  return tags.map(({ Key = '', Value = '' }, index) => {
    const place = `tags.${index + 1}.member`;
    if (!KEY.test(Key)) throw invalidValue(`${place}.key`, Key, PATTERN);
    if (!VALUE.test(Value)) throw invalidValue(`${place}.value`, Value, PATTERN);
    if (/^aws:/i.test(Key))
      throw new AwsError('InvalidInput', 'Tag keys beginning with "aws:" are reserved for system use.');
    if (seen.has(Key.toLowerCase()))
      throw new AwsError(
        'InvalidInput',
        'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
      );
    seen.add(Key.toLowerCase());
    return { Key, Value };
  });
}

/** The tags of an entity with some set anew. Keys are told apart without regard to case. */
export function withTags(existing: readonly TagRecord[], added: readonly TagRecord[]): TagRecord[] {
  const tags = new Map(existing.map((tag) => [tag.Key.toLowerCase(), tag]));
  for (const tag of added) tags.set(tag.Key.toLowerCase(), tag);
  if (tags.size > MOST_TAGS) throw limitExceeded(`Cannot exceed quota for TagsPerResource: ${MOST_TAGS}`);
  return [...tags.values()];
}

export function withoutTags(existing: readonly TagRecord[], keys: readonly string[]): TagRecord[] {
  const removed = new Set(keys.map((key) => key.toLowerCase()));
  return existing.filter(({ Key }) => !removed.has(Key.toLowerCase()));
}
