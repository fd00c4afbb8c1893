import type { PolicyDocument, Statement } from '@crossbucket/policy';
import { AccessError } from '../errors.ts';

/** Part of one bucket, and what may be done there. */
export interface SessionScope {
  bucket: string;
  /** Keys that start with this, taken literally. Default: the whole bucket. */
  prefix?: string;
  access: ScopeAccess | ScopeAccess[];
}

export type ScopeAccess = keyof typeof OBJECT_ACTIONS | 'list';

const OBJECT_ACTIONS = {
  read: ['s3:GetObject', 's3:GetObjectVersion', 's3:GetObjectTagging'],
  write: ['s3:PutObject', 's3:PutObjectTagging', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
  delete: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
} as const;

/** What S3 asks KMS for, on the caller's behalf, in a bucket encrypted with a key. A multipart upload decrypts too. */
const KEY_ACTIONS: Partial<Record<ScopeAccess, string[]>> = {
  read: ['kms:Decrypt'],
  write: ['kms:GenerateDataKey', 'kms:Decrypt'],
};

const ACCESS = [...Object.keys(OBJECT_ACTIONS), 'list'];

/**
 * The session policy that leaves just these scopes: the objects under each prefix, the listing of that prefix, and the
 * encryption keys for these objects, whichever keys they are.
 *
 * @throws AccessError `invalid-option`
 */
export function scopePolicy(scopes: SessionScope[], partition: string): PolicyDocument {
  const parts = scopes.map((scope) => partOf(scope, partition));
  return { Version: '2012-10-17', Statement: [...parts.flatMap(s3Statements), ...keyStatements(parts)] };
}

interface ScopePart {
  access: Set<ScopeAccess>;
  bucketArn: string;
  /** The prefix as a pattern. */
  keys: string;
}

function partOf({ bucket, prefix = '', access }: SessionScope, partition: string): ScopePart {
  const wanted = new Set([access].flat());
  const unknown = [...wanted].find((level) => !ACCESS.includes(level));
  if (wanted.size === 0 || unknown !== undefined) {
    throw new AccessError(
      'invalid-option',
      `a scope has no access \`${unknown}\``,
      `use any of ${ACCESS.join(', ')}`,
    );
  }
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    throw new AccessError(
      'invalid-option',
      `\`${bucket}\` is not the name of a bucket`,
      'pass its name, not an ARN or a URL',
    );
  }
  return { access: wanted, bucketArn: `arn:${partition}:s3:::${bucket}`, keys: `${literal(prefix)}*` };
}

function s3Statements({ access, bucketArn, keys }: ScopePart): Statement[] {
  const actions = Object.entries(OBJECT_ACTIONS).flatMap(([level, names]) =>
    access.has(level as ScopeAccess) ? names : [],
  );
  const objects: Statement = { Effect: 'Allow', Action: actions, Resource: `${bucketArn}/${keys}` };
  const list: Statement = {
    Effect: 'Allow',
    Action: 's3:ListBucket',
    Resource: bucketArn,
    ...(keys !== '*' && { Condition: { StringLike: { 's3:prefix': keys } } }),
  };
  return [...(actions.length > 0 ? [objects] : []), ...(access.has('list') ? [list] : [])];
}

/** S3 names the object in the encryption context, or the bucket where Bucket Keys are on. */
function keyStatements(parts: ScopePart[]): Statement[] {
  const actions = new Set(
    parts.flatMap(({ access }) => [...access].flatMap((level) => KEY_ACTIONS[level] ?? [])),
  );
  if (actions.size === 0) return [];
  const contexts = new Set(parts.flatMap(({ bucketArn, keys }) => [bucketArn, `${bucketArn}/${keys}`]));
  const Condition = { StringLike: { 'kms:EncryptionContext:aws:s3:arn': [...contexts] } };
  return [{ Effect: 'Allow', Action: [...actions], Resource: '*', Condition }];
}

// Policy variables that stand for the characters themselves, so that a tenant named `*` reaches nobody else's keys.
// https://docs.amazonaws.cn/en_us/IAM/latest/UserGuide/reference_policies_variables.md
const literal = (text: string) => text.replaceAll(/[*?$]/g, (character) => `\${${character}}`);
