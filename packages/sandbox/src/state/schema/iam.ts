import { newAccessKeyId, newId, newSecret } from '../../services/iam/names.ts';
import {
  choice,
  defaulted,
  list,
  made,
  map,
  matching,
  number,
  object,
  optional,
  required,
  StateProblem,
  text,
  time,
  type Codec,
  type Fields,
} from '../codec.ts';
import { document } from '../documents.ts';
import { arn, created, iamTags, idOf, name, none, nothing, now, path, principals } from './values.ts';
import { byArn, byName, section, type Section } from './section.ts';

const MASKED = /^(\*+|x+|<.*>|\.\.\.|masked|redacted)$/i;

/** A secret that is masked cannot be used; one that is left out is made anew. */
const secret: Codec = {
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

/** Inline and attached policies of a user, group or role. */
const policies = {
  inline: defaulted(map(document('identity')), nothing, 'policies'),
  attached: defaulted(list(arn), none),
} satisfies Fields;
const named = { name: required(name), path: defaulted(path, () => '/') } satisfies Fields;

export const IAM: readonly Section[] = [
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
];

/** The key id of an access key that a file leaves out. */
export const makeAccessKeyId = (of: string): string => newAccessKeyId('AKIA', of);
