import type { AssumeRoleCommandInput } from '@aws-sdk/client-sts';
import type { SessionClaims } from '../../gate/session-token.ts';
import { AwsError } from '../../wire/errors.ts';

export interface SessionTags {
  tags?: Record<string, string>;
  transitiveTags?: string[];
}

const MOST_TAGS = 50;
const NONE: SessionTags = {};

/**
 * The tags of a new session: those asked for, and the transitive ones of the session that makes it, which it cannot
 * set anew.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
 */
export function readSessionTags(
  input: Pick<AssumeRoleCommandInput, 'Tags' | 'TransitiveTagKeys'>,
  parent: SessionClaims | undefined,
): SessionTags {
  if (!input.Tags && !input.TransitiveTagKeys && !parent?.transitiveTags) return NONE;
  const tags = new Map<string, [key: string, value: string]>();
  for (const { Key = '', Value = '' } of input.Tags ?? []) {
    if (Key === '' || Key.length > 128 || Value.length > 256)
      throw invalid(`The tag \`${Key}\` is too short or too long.`);
    if (/^aws:/i.test(Key)) throw invalid('Tag keys beginning with `aws:` are reserved for system use.');
    if (tags.has(Key.toLowerCase())) throw invalid(`Duplicate tag keys found: ${Key}`);
    tags.set(Key.toLowerCase(), [Key, Value]);
  }
  const transitive = new Set(input.TransitiveTagKeys ?? []);
  for (const key of transitive)
    if (!tags.has(key.toLowerCase()))
      throw invalid(`The transitive tag key \`${key}\` is not among the session's tags.`);
  for (const key of parent?.transitiveTags ?? []) {
    if (tags.has(key.toLowerCase()))
      throw invalid(`The tag \`${key}\` is inherited from a transitive tag and cannot be set.`);
    tags.set(key.toLowerCase(), [key, parent?.tags?.[key] ?? '']);
    transitive.add(key);
  }
  if (tags.size > MOST_TAGS) throw invalid(`A session takes at most ${MOST_TAGS} tags.`);
  return {
    ...(tags.size > 0 && { tags: Object.fromEntries(tags.values()) }),
    ...(transitive.size > 0 && { transitiveTags: [...transitive] }),
  };
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message);
}
