import type { PolicyDocument, Statement } from '@crossbucket/policy';
import { AccessError } from '../errors.ts';

/** Part of one bucket, and what may be done there. */
export interface SessionScope {
  bucket: string;
  /** Keys that start with this, taken literally. Default: the whole bucket. */
  prefix?: string;
  access: AccessLevel | AccessLevel[];
}

export type AccessLevel = keyof typeof OBJECT_ACTIONS | 'list';

const OBJECT_ACTIONS = {
  read: ['s3:GetObject', 's3:GetObjectVersion', 's3:GetObjectTagging'],
  write: ['s3:PutObject', 's3:PutObjectTagging', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
  delete: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
} as const;

const LEVELS = [...Object.keys(OBJECT_ACTIONS), 'list'];

/**
 * The session policy that leaves just these scopes. `list` shows the keys under the prefix and no others. Only the
 * bucket's encryption key is not named, since nobody here knows it: the role's own policy decides on KMS.
 *
 * @throws AccessError `invalid-option`
 */
export function scopePolicy(scopes: SessionScope[], partition: string): PolicyDocument {
  return { Version: '2012-10-17', Statement: scopes.flatMap((scope) => scopeStatements(scope, partition)) };
}

function scopeStatements({ bucket, prefix = '', access }: SessionScope, partition: string): Statement[] {
  const levels = new Set([access].flat());
  const unknown = [...levels].find((level) => !LEVELS.includes(level));
  if (levels.size === 0 || unknown !== undefined) {
    throw new AccessError(
      'invalid-option',
      `a scope has no access \`${unknown}\``,
      `use any of ${LEVELS.join(', ')}`,
    );
  }
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    throw new AccessError(
      'invalid-option',
      `\`${bucket}\` is not the name of a bucket`,
      'pass its name, not an ARN or a URL',
    );
  }
  const arn = `arn:${partition}:s3:::${bucket}`;
  const keys = `${literal(prefix)}*`;
  const actions = Object.entries(OBJECT_ACTIONS).flatMap(([level, names]) =>
    levels.has(level as AccessLevel) ? names : [],
  );
  const objects: Statement = { Effect: 'Allow', Action: actions, Resource: `${arn}/${keys}` };
  const list: Statement = { Effect: 'Allow', Action: 's3:ListBucket', Resource: arn };
  if (prefix) list.Condition = { StringLike: { 's3:prefix': keys } };
  return [...(actions.length > 0 ? [objects] : []), ...(levels.has('list') ? [list] : [])];
}

// Policy variables that stand for the characters themselves, so that a tenant named `*` reaches nobody else's keys.
// https://docs.amazonaws.cn/en_us/IAM/latest/UserGuide/reference_policies_variables.md
const literal = (text: string) => text.replaceAll(/[*?$]/g, (character) => `\${${character}}`);
