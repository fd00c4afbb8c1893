import type { Tag } from '@aws-sdk/client-s3';
import { AwsError } from '../../wire/errors.ts';
import { malformedXml } from './errors.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/tagging-and-policies.html */
const LONGEST_KEY = 128;
const LONGEST_VALUE = 256;
const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/**
 * Checks the tags of a bucket or an object.
 * @param most How many it may have.
 * @param of What it is, in messages.
 */
export function requireTags(tags: readonly Tag[] | undefined, most: number, of: 'Bucket' | 'Object'): Tag[] {
  if (!tags) throw malformedXml();
  if (tags.length > most)
    throw new AwsError(
      'BadRequest',
      of === 'Object'
        ? `Object tags cannot be greater than ${most}`
        : `Bucket tag count cannot be greater than ${most}`,
    );
  const keys = new Set<string>();
  return tags.map(({ Key: key = '', Value: value = '' }) => {
    if (keys.has(key)) throw invalidTag('Cannot provide multiple Tags with the same key', key);
    keys.add(key);
    if (key === '' || key.length > LONGEST_KEY || !TAG_TEXT.test(key))
      throw invalidTag('The TagKey you have provided is invalid', key);
    if (value.length > LONGEST_VALUE || !TAG_TEXT.test(value))
      throw invalidTag('The TagValue you have provided is invalid', key);
    if (/^aws:/i.test(key)) throw invalidTag('System tags cannot be added/updated by requester', key);
    return { Key: key, Value: value };
  });
}

function invalidTag(message: string, key: string): AwsError {
  return new AwsError('InvalidTag', message, { fields: { TagKey: key } });
}
