/** A service's part of the catalog, one thing a line, as scripts/generate-catalog.mjs writes it. */
export interface ServiceText {
  /** Type and name: `S s3:prefix`. */
  keys: string;
  /** Name, ARN pattern, condition keys by number (`-` for none). */
  resources: string;
  /** Sets of condition keys by number, since many actions share one. */
  keySets: string;
  /** Name, access level, resource types (`!` behind a required one), number of the key set. */
  actions: string;
}

/** A class of actions, as AWS's policy summaries call it. */
export type AccessLevel = 'read' | 'list' | 'write' | 'tagging' | 'permissions-management';

export type KeyType = 'string' | 'arn' | 'boolean' | 'number' | 'date' | 'ip-address' | 'binary';

/** A condition key, or with a `*` in its name a family of them. */
export interface KeyInfo {
  /** `s3:prefix`, `aws:RequestTag/*` */
  name: string;
  type: KeyType;
  /** True for a key that has several values in one request. */
  multivalued: boolean;
}

export interface ActionInfo {
  /** `s3:GetObject` */
  name: string;
  service: string;
  access: AccessLevel;
  /** Kinds of resources that it acts on: `object`, ...; none for an action that only `*` fits. */
  resources: ResourceInfo[];
  /** Its own and its resources', not those of every service. */
  keys: KeyInfo[];
}

export interface ResourceInfo {
  /** `bucket` */
  name: string;
  /** `arn:{Partition}:s3:::{BucketName}`; `{Name+}` may have slashes. */
  arn: string;
}

export interface Service {
  /** By lower-case name without the prefix. */
  actions: Map<string, ActionInfo>;
  resources: Map<string, ResourceInfo>;
  keys: KeyInfo[];
}

const LEVELS: Readonly<Record<string, AccessLevel>> = {
  R: 'read',
  L: 'list',
  W: 'write',
  T: 'tagging',
  P: 'permissions-management',
};

const TYPES: Readonly<Record<string, KeyType>> = {
  S: 'string',
  A: 'arn',
  B: 'boolean',
  N: 'number',
  D: 'date',
  I: 'ip-address',
  X: 'binary',
};

export const linesOf = (text: string): string[] => text.trim().split('\n');

export function readKey(line: string): KeyInfo {
  const [letters = '', name = ''] = line.split(' ');
  return { name, type: TYPES[letters[0] ?? ''] ?? 'string', multivalued: letters.endsWith('*') };
}

export function readService(prefix: string, text: ServiceText): Service {
  const keys = linesOf(text.keys).map(readKey);
  const keysAt = (numbers: string): KeyInfo[] =>
    numbers === '-' ? [] : numbers.split(',').flatMap((number) => keys[Number(number)] ?? []);
  const sets = linesOf(text.keySets).map(keysAt);

  const resources = new Map<string, ResourceInfo>();
  for (const line of linesOf(text.resources)) {
    const [name = '', arn = ''] = line.split(' ');
    resources.set(name, { name, arn });
  }

  const actions = new Map<string, ActionInfo>();
  for (const line of linesOf(text.actions)) {
    const [name = '', level = '', types = '', set = ''] = line.split(' ');
    actions.set(name.toLowerCase(), {
      name: `${prefix}:${name}`,
      service: prefix,
      access: LEVELS[level] ?? 'write',
      resources: types.split(',').flatMap((type) => resources.get(type.replace('!', '')) ?? []),
      keys: sets[Number(set)] ?? [],
    });
  }
  return { actions, resources, keys };
}
