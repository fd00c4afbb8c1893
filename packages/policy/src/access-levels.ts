import type { Statement } from './document.ts';
import { covers, globOf } from './glob-sets.ts';

/** What somebody may do in a part of a bucket; each list holds patterns of keys, such as `reports/*`. */
export interface LevelAccess {
  /** GetObject and HeadObject. */
  read?: readonly string[] | undefined;
  /** PutObject. */
  write?: readonly string[] | undefined;
  /** DeleteObject. */
  delete?: readonly string[] | undefined;
  /** ListObjects of prefixes that match these. */
  list?: readonly string[] | undefined;
  /** Tags of objects too, with read, write and delete. */
  tagging?: boolean | undefined;
  /** Old versions too, with read, delete and list. */
  versions?: boolean | undefined;
  /** Uploads in parts, with write: abort them and list their parts, and on an encrypted bucket put them together. */
  multipart?: boolean | undefined;
  /** Further actions of S3 by name; those on objects count for the keys in `on`, the whole bucket without it. */
  actions?: readonly string[] | undefined;
  on?: readonly string[] | undefined;
}

export type Level = 'read' | 'write' | 'delete' | 'list';

export const LEVELS: readonly Level[] = ['read', 'write', 'delete', 'list'];

type Modifier = 'tagging' | 'versions' | 'multipart';

interface LevelActions {
  always: readonly string[];
  with: Partial<Record<Modifier, readonly string[]>>;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html and its neighbours name what each call needs. */
const S3_ACTIONS: Readonly<Record<Level, LevelActions>> = {
  read: {
    always: ['s3:GetObject'],
    with: { tagging: ['s3:GetObjectTagging'], versions: ['s3:GetObjectVersion'] },
  },
  write: {
    always: ['s3:PutObject'],
    with: {
      tagging: ['s3:PutObjectTagging'],
      multipart: ['s3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
    },
  },
  delete: {
    always: ['s3:DeleteObject'],
    with: { tagging: ['s3:DeleteObjectTagging'], versions: ['s3:DeleteObjectVersion'] },
  },
  list: { always: ['s3:ListBucket'], with: { versions: ['s3:ListBucketVersions'] } },
};

/** Where two modifiers meet. */
const TAGS_OF_VERSIONS: Partial<Record<Level, string>> = {
  read: 's3:GetObjectVersionTagging',
  write: 's3:PutObjectVersionTagging',
  delete: 's3:DeleteObjectVersionTagging',
};

/** What S3 asks KMS for in the caller's name; whoever puts parts together reads them as well. */
const KEY_ACTIONS: Readonly<Record<Level, LevelActions>> = {
  read: { always: ['kms:Decrypt'], with: {} },
  write: { always: ['kms:GenerateDataKey'], with: { multipart: ['kms:Decrypt'] } },
  delete: { always: [], with: {} },
  list: { always: [], with: {} },
};

/**
 * The least statements for an access, without Sid and principal: patterns that stand within another are left out, and
 * what holds for the same keys stands together.
 *
 * @param bucket ARN of the bucket
 */
export function accessStatements(access: LevelAccess, bucket: string): Statement[] {
  const onObjects = new Groups();
  for (const level of ['read', 'write', 'delete'] as const)
    onObjects.add(access[level], actionsOf(S3_ACTIONS, level, access));
  const further = splitActions(access.actions ?? []);
  onObjects.add(access.on ?? ['*'], further.onObjects);
  const listing = new Groups();
  listing.add(access.list, actionsOf(S3_ACTIONS, 'list', access));
  return [
    ...onObjects.list().map(({ patterns, actions }) =>
      allow(
        actions,
        patterns.map((key) => `${bucket}/${key}`),
      ),
    ),
    ...listing.list().map(({ patterns, actions }) => ({
      ...allow(actions, [bucket]),
      ...(!patterns.includes('*') && { Condition: { StringLike: { 's3:prefix': single(patterns) } } }),
    })),
    ...(further.onBuckets.length > 0 ? [allow(further.onBuckets, [bucket])] : []),
  ];
}

/** What an access needs of the key that the objects are encrypted with; none where it touches no object's content. */
export interface KeyUse {
  /** `kms:Decrypt`, `kms:GenerateDataKey` */
  actions: string[];
  /** What S3 may name as the encryption context: the objects, or the bucket where it has a Bucket Key. */
  contexts: string[];
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html */
export function keyUses(access: LevelAccess, bucket: string): KeyUse[] {
  const groups = new Groups();
  for (const level of ['read', 'write'] as const)
    groups.add(access[level], actionsOf(KEY_ACTIONS, level, access));
  const wanted = new Set(access.actions?.map((action) => action.toLowerCase()));
  const on = access.on ?? ['*'];
  if (wanted.has('s3:getobject') || wanted.has('s3:getobjectversion')) groups.add(on, ['kms:Decrypt']);
  if (wanted.has('s3:putobject')) groups.add(on, ['kms:GenerateDataKey']);
  return groups.list().map(({ patterns, actions }) => ({
    actions,
    contexts: [bucket, ...patterns.map((key) => `${bucket}/${key}`)],
  }));
}

/** Every action that an access needs of S3. */
export function accessActions(access: LevelAccess): string[] {
  return [...new Set(accessStatements(access, 'arn:aws:s3:::bucket').flatMap(({ Action = [] }) => Action))];
}

function actionsOf(table: typeof S3_ACTIONS, level: Level, access: LevelAccess): string[] {
  const { always, with: modified } = table[level];
  const more = (Object.keys(modified) as Modifier[]).flatMap((name) =>
    access[name] === true ? modified[name]! : [],
  );
  const both = access.tagging === true && access.versions === true ? TAGS_OF_VERSIONS[level] : undefined;
  return [...always, ...more, ...(both !== undefined && table === S3_ACTIONS ? [both] : [])];
}

function splitActions(actions: readonly string[]) {
  return {
    onObjects: actions.filter(isOfObjects),
    onBuckets: actions.filter((action) => !isOfObjects(action)),
  };
}

/** Whether an action of S3 is on objects, as the catalog says: who narrows a session need not load that. */
export function isOfObjects(action: string): boolean {
  return OF_OBJECTS.test(action) && !OF_OTHERS.test(action);
}

const OF_OBJECTS = /Object|Upload|^s3:(?:BypassGovernanceRetention|InitiateReplication|Replicate\w+)$/;
const OF_OTHERS = /^s3:[A-Z][a-z]+Bucket|ForObjectLambda/;

/** Actions and the patterns that each is for, each pattern once. */
class Groups {
  readonly #patterns = new Map<string, string[]>();

  add(patterns: readonly string[] | undefined, actions: readonly string[]): void {
    if (patterns === undefined || patterns.length === 0) return;
    for (const action of actions)
      this.#patterns.set(action, [...(this.#patterns.get(action) ?? []), ...patterns]);
  }

  /** Actions that are for the same patterns stand together. */
  list(): { patterns: string[]; actions: string[] }[] {
    const groups = new Map<string, { patterns: string[]; actions: string[] }>();
    for (const [action, all] of this.#patterns) {
      const patterns = withoutCovered(all);
      const key = JSON.stringify(patterns);
      const group = groups.get(key) ?? { patterns, actions: [] };
      group.actions.push(action);
      groups.set(key, group);
    }
    return [...groups.values()];
  }
}

/** Sorted, so that the same access is the same document. */
function withoutCovered(patterns: readonly string[]): string[] {
  const all = [...new Set(patterns)].toSorted();
  return all.filter(
    (pattern) => !all.some((other) => other !== pattern && covers(globOf(other), globOf(pattern))),
  );
}

const allow = (actions: readonly string[], resources: readonly string[]): Statement => ({
  Effect: 'Allow',
  Action: single(actions),
  Resource: single(resources),
});

const single = (values: readonly string[]): string | string[] =>
  values.length === 1 ? values[0]! : [...values];
