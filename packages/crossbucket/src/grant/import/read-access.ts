import { actionsMatching, findAction, type Statement } from '@crossbucket/policy';
import type { AccessSpec } from '../../spec/index.ts';

/** What statements allow in one bucket, as levels, and what levels do not say. */
export interface ReadAccess {
  access: AccessSpec;
  notes: string[];
}

type Level = 'read' | 'write' | 'delete' | 'list';

const LEVELS: Readonly<Record<string, Level>> = {
  's3:GetObject': 'read',
  's3:PutObject': 'write',
  's3:DeleteObject': 'delete',
  's3:ListBucket': 'list',
};

const MODIFIERS: Readonly<Record<string, 'tagging' | 'versions' | 'multipart'>> = {
  's3:GetObjectTagging': 'tagging',
  's3:PutObjectTagging': 'tagging',
  's3:DeleteObjectTagging': 'tagging',
  's3:GetObjectVersion': 'versions',
  's3:DeleteObjectVersion': 'versions',
  's3:ListBucketVersions': 'versions',
  's3:GetObjectVersionTagging': 'versions',
  's3:PutObjectVersionTagging': 'versions',
  's3:DeleteObjectVersionTagging': 'versions',
  's3:AbortMultipartUpload': 'multipart',
  's3:ListMultipartUploadParts': 'multipart',
};

/** @param bucket ARN of the bucket */
export function readAccess(statements: readonly Statement[], bucket: string): ReadAccess {
  const levels = new Map<Level, Set<string>>();
  const modifiers = new Set<'tagging' | 'versions' | 'multipart'>();
  const actions = new Set<string>();
  const on = new Set<string>();
  const notes: string[] = [];
  for (const statement of statements) {
    const keys = keysOf(statement, bucket);
    const prefixes = prefixesOf(statement);
    for (const written of [statement.Action ?? []].flat()) {
      const [known, wider] = expand(written);
      if (wider)
        notes.push(
          `a statement allows \`${written}\`, which is more than any level: the proposal leaves the rest out`,
        );
      for (const action of known) {
        const level = LEVELS[action];
        const modifier = MODIFIERS[action];
        if (level === 'list') merge(levels, level, prefixes);
        else if (level !== undefined) merge(levels, level, keys);
        else if (modifier !== undefined) modifiers.add(modifier);
        else {
          actions.add(action);
          if (findAction(action)?.resources.some(({ name }) => name === 'object'))
            for (const key of keys) on.add(key);
        }
      }
    }
    if (statement.NotAction !== undefined || statement.NotResource !== undefined)
      notes.push('a statement with NotAction or NotResource allows all but something: it is left out');
  }
  const access: AccessSpec = {};
  for (const level of ['read', 'write', 'delete', 'list'] as const) {
    const patterns = levels.get(level);
    if (patterns && patterns.size > 0) access[level] = [...patterns];
  }
  for (const modifier of ['tagging', 'versions', 'multipart'] as const)
    if (modifiers.has(modifier)) access[modifier] = true;
  if (actions.size > 0) access.actions = [...actions];
  if (on.size > 0 && !on.has('*')) access.on = [...on];
  return { access, notes };
}

/** A pattern of actions as the levels that it covers. */
function expand(written: string): [actions: string[], wider: boolean] {
  if (!/[*?]/.test(written)) {
    const name = findAction(written)?.name ?? written;
    return [name.startsWith('s3:') ? [name] : [], false];
  }
  const covered = actionsMatching(written)
    .map(({ name }) => name)
    .filter((name) => name.startsWith('s3:'));
  const known = covered.filter((name) => LEVELS[name] !== undefined);
  return [known, covered.length > known.length];
}

/** Patterns of keys that the resources reach in the bucket. */
function keysOf({ Resource = [] }: Statement, bucket: string): string[] {
  return [Resource].flat().flatMap((resource) => {
    if (resource === '*' || resource === `${bucket}*` || resource === `${bucket}/*`) return ['*'];
    return resource.startsWith(`${bucket}/`) ? [resource.slice(bucket.length + 1)] : [];
  });
}

function prefixesOf({ Condition = {} }: Statement): string[] {
  const values = ['StringLike', 'StringEquals'].flatMap(
    (operator) => Condition[operator]?.['s3:prefix'] ?? [],
  );
  return values.length === 0 ? ['*'] : values.map(String);
}

function merge(levels: Map<Level, Set<string>>, level: Level, patterns: readonly string[]): void {
  const all = levels.get(level) ?? new Set();
  for (const pattern of patterns) all.add(pattern);
  levels.set(level, all);
}
