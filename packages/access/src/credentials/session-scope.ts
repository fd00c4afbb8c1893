import type { PolicyDocument, Statement } from '@crossbucket/policy';
import {
  accessStatements,
  keyUses,
  LEVELS,
  type Level,
  type LevelAccess,
} from '@crossbucket/policy/access-levels';
import { AccessError } from '../errors.ts';

/** Part of one bucket, and what may be done there. */
export interface SessionScope {
  bucket: string;
  /** Keys that start with this, taken literally. Default: the whole bucket. */
  prefix?: string;
  access: ScopeAccess | ScopeAccess[];
}

export type ScopeAccess = Level;

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
  access: LevelAccess;
  bucketArn: string;
}

function partOf({ bucket, prefix = '', access }: SessionScope, partition: string): ScopePart {
  const wanted = new Set([access].flat());
  const unknown = [...wanted].find((level) => !LEVELS.includes(level));
  if (wanted.size === 0 || unknown !== undefined) {
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
  const keys = [`${literal(prefix)}*`];
  const levels = Object.fromEntries([...wanted].map((level) => [level, keys]));
  // A session is narrowed to a part of a bucket, not to the ways of handling an object there.
  const reach = { ...levels, tagging: true, versions: true, multipart: true };
  return { access: reach, bucketArn: `arn:${partition}:s3:::${bucket}` };
}

function s3Statements({ access, bucketArn }: ScopePart): Statement[] {
  return accessStatements(access, bucketArn);
}

/** Whichever keys they are: S3 names the object in the encryption context, or the bucket where Bucket Keys are on. */
function keyStatements(parts: ScopePart[]): Statement[] {
  const uses = parts.flatMap(({ access, bucketArn }) => keyUses(access, bucketArn));
  if (uses.length === 0) return [];
  const actions = new Set(uses.flatMap((use) => use.actions));
  const contexts = new Set(uses.flatMap((use) => use.contexts));
  const Condition = { StringLike: { 'kms:EncryptionContext:aws:s3:arn': [...contexts] } };
  return [{ Effect: 'Allow', Action: [...actions], Resource: '*', Condition }];
}

// Policy variables that stand for the characters themselves, so that a tenant named `*` reaches nobody else's keys.
// https://docs.amazonaws.cn/en_us/IAM/latest/UserGuide/reference_policies_variables.md
const literal = (text: string) => text.replaceAll(/[*?$]/g, (character) => `\${${character}}`);
