import { defaulted, flag, map, matching, tags, text, time } from '../codec.ts';

// What more than one kind of record is made of.

export const accountId = matching(/^\d{12}$/, 'an account id: twelve digits, in quotes');
export const region = matching(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a region: `eu-west-1`');
export const name = matching(/^[\w+=,.@-]{1,128}$/, 'a name: up to 128 letters, digits and +=,.@-_');
export const path = matching(/^\/$|^\/[\x21-\x7e]{0,510}\/$/, 'a path: `/` or `/team/`');
export const arn = matching(/^arn:[\w-]+:[\w-]+:[\w-]*:\w*:.+$/, 'an ARN');
export const idOf = (prefix: string) =>
  matching(new RegExp(`^${prefix}[A-Z0-9]{12,28}$`), `an id that begins with ${prefix}`);
export const base64 = matching(/^[A-Za-z0-9+/]*={0,2}$/, 'base64');

export const block = map(
  flag,
  /^(BlockPublicAcls|IgnorePublicAcls|BlockPublicPolicy|RestrictPublicBuckets)$/,
);
/** Unique ids of the principals that a document names, by ARN. */
export const principals = map(text);
export const iamTags = tags('Key', 'Value');
export const none = (): never[] => [];
export const nothing = (): object => ({});
export const now = () => Date.now();
export const created = defaulted(time, now);
