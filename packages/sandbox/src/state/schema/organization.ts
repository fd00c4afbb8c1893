import {
  choice,
  data,
  defaulted,
  flag,
  list,
  optional,
  required,
  text,
  time,
  type Fields,
} from '../codec.ts';
import { document } from '../documents.ts';
import { accountId, created, iamTags, none, now } from './values.ts';

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
