import { randomBytes } from 'node:crypto';
import {
  choice,
  data,
  defaulted,
  list,
  made,
  matching,
  number,
  object,
  optional,
  required,
  tags,
  text,
  time,
  type Fields,
} from '../codec.ts';
import { document } from '../documents.ts';
import { arn, base64, created, none, now, principals, region } from './values.ts';
import { byArn, section, type Section } from './section.ts';

const rotation = {
  time: required(time),
  type: required(choice('AUTOMATIC', 'ON_DEMAND')),
} satisfies Fields;

export const KMS: readonly Section[] = [
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
];
