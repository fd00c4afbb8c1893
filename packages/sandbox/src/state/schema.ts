import { randomBytes } from 'node:crypto';
import { newAccessKeyId, newId, newSecret } from '../services/iam/names.ts';
import type { Collection } from '../store/collection.ts';
import { entityKey, type Store } from '../store/store.ts';
import {
  choice,
  data,
  defaulted,
  flag,
  list,
  made,
  map,
  matching,
  number,
  object,
  optional,
  required,
  StateProblem,
  tags,
  text,
  time,
  type Codec,
  type Fields,
} from './codec.ts';
import { document } from './documents.ts';

// What a state file holds, and how: one table for writing and reading. Whatever is generated where a file leaves it out is
// generated here.

export const accountId = matching(/^\d{12}$/, 'an account id: twelve digits, in quotes');
const region = matching(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a region: `eu-west-1`');
const name = matching(/^[\w+=,.@-]{1,128}$/, 'a name: up to 128 letters, digits and +=,.@-_');
const path = matching(/^\/$|^\/[\x21-\x7e]{0,510}\/$/, 'a path: `/` or `/team/`');
const arn = matching(/^arn:[\w-]+:[\w-]+:[\w-]*:\w*:.+$/, 'an ARN');
const idOf = (prefix: string) =>
  matching(new RegExp(`^${prefix}[A-Z0-9]{12,28}$`), `an id that begins with ${prefix}`);
const base64 = matching(/^[A-Za-z0-9+/]*={0,2}$/, 'base64');

const MASKED = /^(\*+|x+|<.*>|\.\.\.|masked|redacted)$/i;

/** A secret that is masked cannot be used; one that is left out is made anew. */
export const secret: Codec = {
  encode: (value) => value,
  decode(value, place) {
    if (typeof value === 'string' && MASKED.test(value))
      throw new StateProblem(
        place,
        'this secret is masked',
        'write the secret, or leave the line out: then a new one is made',
      );
    return matching(/^[\x21-\x7e]{1,128}$/, 'a secret: up to 128 characters without spaces').decode(
      value,
      place,
    );
  },
};

const block = map(flag, /^(BlockPublicAcls|IgnorePublicAcls|BlockPublicPolicy|RestrictPublicBuckets)$/);
/** Unique ids of the principals that a document names, by ARN. */
const principals = map(text);
const iamTags = tags('Key', 'Value');
const none = (): never[] => [];
const nothing = (): object => ({});
const now = () => Date.now();
const created = defaulted(time, now);

/** Inline and attached policies of a user, group or role. */
const policies = {
  inline: defaulted(map(document('identity')), nothing, 'policies'),
  attached: defaulted(list(arn), none),
} satisfies Fields;
const named = { name: required(name), path: defaulted(path, () => '/') } satisfies Fields;

export const account: Fields = {
  id: required(accountId),
  name: required(matching(/^[\w-]{1,64}$/, 'a name: up to 64 letters, digits, - and _')),
  canonicalId: optional(matching(/^[0-9a-f]{64}$/, 'a canonical id: 64 hexadecimal digits')),
  created: optional(time),
  closed: optional(time),
  alias: optional(text),
  disabledRegions: optional(list(region)),
  publicAccessBlock: optional(block),
};

/** Records of one kind, which belong to accounts. */
export interface Section {
  /** Name in the file. */
  name: string;
  fields: Fields;
  collection(store: Store): Collection<object>;
  /** Under which a record is stored. */
  keyOf(record: Members, account: string): string;
}

type Members = Record<string, never>;

function section<V extends object>(
  sectionName: string,
  collection: (store: Store) => Collection<V>,
  keyOf: (record: V, account: string) => string,
  fields: Fields,
): Section {
  return {
    name: sectionName,
    fields,
    collection: collection as unknown as Section['collection'],
    keyOf: keyOf as unknown as Section['keyOf'],
  };
}

const byName = ({ name: own }: { name: string }, of: string): string => entityKey(of, own);
const byArn = ({ arn: own }: { arn: string }): string => own;

const rotation = {
  time: required(time),
  type: required(choice('AUTOMATIC', 'ON_DEMAND')),
} satisfies Fields;

export const SECTIONS: readonly Section[] = [
  section('users', (store) => store.users, byName, {
    ...named,
    id: made(idOf('AIDA'), () => newId('AIDA')),
    created,
    ...policies,
    tags: defaulted(iamTags, none),
    boundary: optional(arn),
    groups: optional(list(idOf('AGPA'))),
  }),
  section('groups', (store) => store.groups, byName, {
    ...named,
    id: made(idOf('AGPA'), () => newId('AGPA')),
    created,
    ...policies,
  }),
  section('roles', (store) => store.roles, byName, {
    ...named,
    id: made(idOf('AROA'), () => newId('AROA')),
    created,
    trust: required(document('trust')),
    trustPrincipals: optional(principals),
    ...policies,
    maxSessionDuration: defaulted(number, () => 3600),
    description: optional(text),
    tags: defaulted(iamTags, none),
    boundary: optional(arn),
  }),
  section('managedPolicies', (store) => store.managedPolicies, byName, {
    ...named,
    id: made(idOf('ANPA'), () => newId('ANPA')),
    created,
    updated: defaulted(time, now),
    description: optional(text),
    tags: defaulted(iamTags, none),
    versions: required(
      list(object({ id: required(text), text: required(document('identity'), 'document'), created })),
    ),
    defaultVersion: required(text),
  }),
  section(
    'accessKeys',
    (store) => store.accessKeys,
    ({ id }) => id,
    {
      id: optional(matching(/^\w{16,128}$/, 'an access key id: 16 to 128 letters and digits')),
      secret: made(secret, newSecret),
      user: optional(name),
      status: defaulted(choice('Active', 'Inactive'), () => 'Active'),
      created,
    },
  ),
  section('instanceProfiles', (store) => store.instanceProfiles, byName, {
    ...named,
    id: made(idOf('AIPA'), () => newId('AIPA')),
    created,
    tags: defaulted(iamTags, none),
    role: optional(name),
  }),
  section(
    'mfaDevices',
    (store) => store.mfaDevices,
    ({ serial }) => serial,
    {
      ...named,
      serial: required(arn),
      seed: required(matching(/^[A-Z2-7]{16,128}$/, 'a seed, in base 32')),
      created,
      tags: defaulted(iamTags, none),
      user: optional(name),
      enabled: optional(time),
      lastStep: optional(number),
      drift: optional(number),
    },
  ),
  section('oidcProviders', (store) => store.oidcProviders, byArn, {
    arn: required(arn),
    url: required(text),
    clientIds: defaulted(list(text), none),
    thumbprints: defaulted(list(text), none),
    created,
    tags: defaulted(iamTags, none),
  }),
  section(
    'buckets',
    (store) => store.buckets,
    (bucket) => bucket.name,
    {
      name: required(matching(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'the name of a bucket')),
      region: defaulted(region, () => 'us-east-1'),
      created,
      id: defaulted(matching(/^[0-9a-f]{16}$/, 'sixteen hexadecimal digits'), () =>
        randomBytes(8).toString('hex'),
      ),
      policy: optional(document('bucket')),
      policyPrincipals: optional(principals),
      publicAccessBlock: defaulted(block, () => ({
        BlockPublicAcls: true,
        IgnorePublicAcls: true,
        BlockPublicPolicy: true,
        RestrictPublicBuckets: true,
      })),
      ownership: optional(choice('BucketOwnerEnforced', 'BucketOwnerPreferred', 'ObjectWriter', 'unset')),
      acl: optional(list(data)),
      encryption: optional(
        object({
          algorithm: required(choice('AES256', 'aws:kms', 'aws:kms:dsse')),
          key: optional(text),
          bucketKey: defaulted(flag, () => false),
          blocksCustomerKeys: defaulted(flag, () => true),
        }),
      ),
      requesterPays: optional(flag),
      versioning: optional(choice('Enabled', 'Suspended')),
      objectLock: optional(data),
      lifecycle: optional(data),
      configurations: optional(data),
      configurationsById: optional(data),
    },
  ),
  section(
    'accessPoints',
    (store) => store.accessPoints,
    (point, of) => `${of}/${point.name}`,
    {
      name: required(matching(/^[a-z0-9][a-z0-9-]{1,48}[a-z0-9]$/, 'the name of an access point')),
      region: required(region),
      bucket: required(text),
      bucketAccount: required(accountId),
      alias: required(text),
      created,
      vpc: optional(text),
      policy: optional(document('access-point')),
      policyPrincipals: optional(principals),
      publicAccessBlock: defaulted(block, nothing),
    },
  ),
  section('keys', (store) => store.keys, byArn, {
    arn: required(arn),
    id: required(text),
    region: required(region),
    created,
    description: defaulted(text, () => ''),
    managedBy: defaulted(choice('AWS', 'CUSTOMER'), () => 'CUSTOMER'),
    state: defaulted(choice('Enabled', 'Disabled', 'PendingDeletion'), () => 'Enabled'),
    deletion: optional(time),
    policy: required(document('key')),
    policyPrincipals: optional(principals),
    tags: defaulted(tags('TagKey', 'TagValue'), none),
    aliases: defaulted(list(text), none),
    grants: defaulted(list(data), none),
    material: made(base64, () => randomBytes(32).toString('base64')),
    rotated: optional(object(rotation)),
    older: optional(list(object({ material: required(base64), rotated: optional(object(rotation)) }))),
    rotation: optional(object({ period: required(number), next: required(time) })),
  }),
  section('keyAliases', (store) => store.keyAliases, byArn, {
    arn: required(arn),
    name: required(matching(/^alias\/.+$/, 'an alias: `alias/name`')),
    region: required(region),
    key: required(arn),
    created,
    updated: defaulted(time, now),
  }),
  section('trails', (store) => store.trails, byArn, {
    arn: required(arn),
    name: required(text),
    region: required(region),
    created,
    bucket: required(text),
    prefix: optional(text),
    multiRegion: defaulted(flag, () => false),
    globalEvents: defaulted(flag, () => true),
    validation: defaulted(flag, () => false),
    organization: optional(flag),
    recursive: defaulted(flag, () => true),
    tags: defaulted(iamTags, none),
    selectors: optional(list(data)),
    advanced: optional(list(data)),
    logging: defaulted(flag, () => false),
    started: optional(time),
    stopped: optional(time),
  }),
];

const policyType = choice('SERVICE_CONTROL_POLICY', 'RESOURCE_CONTROL_POLICY', 'S3_POLICY');

export const organization: Fields = {
  id: required(text),
  management: required(accountId),
  root: required(text),
  enabled: defaulted(list(policyType), none),
  created,
  tags: optional(iamTags),
  services: optional(list(data)),
  delegations: optional(list(data)),
  resourcePolicy: optional(data),
  accountRequests: optional(list(data)),
  handshakes: optional(list(data)),
};

export const unit: Fields = {
  id: required(text),
  name: required(text),
  parent: required(text),
  tags: optional(iamTags),
};

export const member: Fields = {
  account: required(accountId),
  parent: required(text),
  joined: defaulted(time, now),
  method: defaulted(choice('INVITED', 'CREATED'), () => 'INVITED'),
  name: optional(text),
  email: optional(text),
  tags: optional(iamTags),
};

export const organizationPolicy: Fields = {
  id: required(text),
  name: required(text),
  description: defaulted(text, () => ''),
  type: required(policyType),
  awsManaged: defaulted(flag, () => false),
  text: required(document(), 'document'),
  targets: defaulted(list(text), none),
  updated: optional(time),
  tags: optional(iamTags),
};

/** The key id of an access key that a file leaves out. */
export const makeAccessKeyId = (of: string): string => newAccessKeyId('AKIA', of);
