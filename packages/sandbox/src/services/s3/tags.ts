import type { Tag } from '@aws-sdk/client-s3';
import { AwsError } from '../../wire/errors.ts';
import { parseQuery } from '../../wire/message.ts';
import { invalidArgument, malformedXml } from './errors.ts';

type Tags = Record<string, string>;

const MAX_TAGS = 10;
/** In characters. */
const [LONGEST_KEY, LONGEST_VALUE] = [128, 256];

/**
 * Reads an `x-amz-tagging` header: tags as a query string.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
 * @returns Nothing where there are no tags.
 */
export function readTagging(text: string | undefined): Tags | undefined {
  if (text === undefined) return undefined;
  const pairs = parseQuery(text);
  if (new Set(pairs.map(([key]) => key)).size < pairs.length || pairs.some(([key]) => key === ''))
    throw invalidArgument(
      'x-amz-tagging',
      text,
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
    );
  return readTags(pairs);
}

/** Reads the `TagSet` of a document. */
export function readTagSet(tags: readonly Tag[]): Tags | undefined {
  const pairs = tags.map(({ Key, Value }): [string, string] => {
    if (Key === undefined || Value === undefined) throw malformedXml();
    return [Key, Value];
  });
  if (new Set(pairs.map(([key]) => key)).size < pairs.length)
    throw new AwsError('InvalidTag', 'Cannot provide multiple Tags with the same key');
  return readTags(pairs);
}

function readTags(pairs: readonly [string, string][]): Tags | undefined {
  if (pairs.length === 0) return undefined;
  if (pairs.length > MAX_TAGS)
    throw new AwsError('BadRequest', `Object tags cannot be greater than ${MAX_TAGS}`);
  for (const [key, value] of pairs) {
    if (key === '' || [...key].length > LONGEST_KEY || !TAG_TEXT.test(key))
      throw new AwsError('InvalidTag', 'The TagKey you have provided is invalid', {
        fields: { TagKey: key },
      });
    if (/^aws:/i.test(key))
      throw new AwsError('InvalidTag', 'System tags cannot be added/updated by requester');
    if ([...value].length > LONGEST_VALUE || !TAG_TEXT.test(value))
      throw new AwsError('InvalidTag', 'The TagValue you have provided is invalid', {
        fields: { TagKey: key, TagValue: value },
      });
  }
  return Object.fromEntries(pairs);
}

const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
