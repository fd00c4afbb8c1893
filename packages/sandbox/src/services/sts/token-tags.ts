import type { WebIdentity } from '../../gate/caller.ts';

const TAGS = 'https://aws.amazon.com/tags';
const SOURCE_IDENTITY = 'https://aws.amazon.com/source_identity';

type Claims = Record<string, unknown>;

/** Session tags and source identity that a token carries. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html */
export function readTokenTags(
  claims: Claims,
): Pick<WebIdentity, 'tags' | 'transitiveTags' | 'sourceIdentity'> {
  const claim = claims[TAGS];
  const { principal_tags: principal, transitive_tag_keys: transitive } = isRecord(claim) ? claim : {};
  const tags = Object.entries(isRecord(principal) ? principal : {}).flatMap(([Key, value]) => {
    const [Value] = [value].flat();
    return typeof Value === 'string' ? [{ Key, Value }] : [];
  });
  const keys = Array.isArray(transitive) ? transitive : [];
  const sourceIdentity = claims[SOURCE_IDENTITY];
  return {
    tags,
    transitiveTags: keys.filter((key): key is string => typeof key === 'string'),
    ...(typeof sourceIdentity === 'string' && { sourceIdentity }),
  };
}

function isRecord(value: unknown): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
