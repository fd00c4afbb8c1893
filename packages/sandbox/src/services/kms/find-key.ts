import type { KeyRecord } from '../../store/records.ts';
import type { Store } from '../../store/store.ts';
import { AwsError } from '../../wire/errors.ts';
import { aliasNotFound, keyNotFound } from './errors.ts';
import { rotateWhereDue } from './key-material.ts';
import { managedKey, S3_ALIAS } from './managed-key.ts';

/** Where a bare key id or alias is looked up: with the caller, in the region that the call goes to. */
export interface KeyScope {
  store: Store;
  account: string;
  region: string;
  /** Milliseconds since 1970. */
  now: number;
}

const ARN = /^arn:aws:kms:([a-z0-9-]+):(\d{12}):((?:key|alias)\/.+)$/;
/** A UUID, or what the id of a key of several Regions is. */
const KEY_ID = /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/i;

/**
 * ARN of what a `KeyId` names: a key's ARN or id, an alias or its ARN.
 * @throws AwsError `NotFoundException` for what has none of these forms, or names another region.
 */
export function keyArnOf(text: string, { account, region }: KeyScope): string {
  const arn = ARN.exec(text);
  if (arn && arn[1] !== region) throw new AwsError('NotFoundException', `Invalid arn ${arn[1]}`);
  if (arn) return text;
  if (text.startsWith('alias/')) return `arn:aws:kms:${region}:${account}:${text}`;
  if (!KEY_ID.test(text)) throw new AwsError('NotFoundException', `Invalid keyId '${text}'`);
  return `arn:aws:kms:${region}:${account}:key/${text}`;
}

/** The key of an ARN, be it the key's own or that of an alias. */
export function findKey(arn: string, { store, now }: KeyScope): KeyRecord | undefined {
  const [, region = '', account = '', resource] = ARN.exec(arn) ?? [];
  if (store.accounts.get(account)?.closed !== undefined) return undefined;
  if (resource === S3_ALIAS && store.accounts.has(account))
    return upToDate(managedKey(store, account, region, now), store, now);
  const key = store.keys.get(resource?.startsWith('alias/') ? (store.keyAliases.get(arn)?.key ?? '') : arn);
  if (!key) return undefined;
  if (isThere(key, now)) return upToDate(key, store, now);
  forget(store, key);
  return undefined;
}

/** Whether a key that is stored has not been deleted by now. */
export function isThere({ state, deletion }: KeyRecord, now: number): boolean {
  return state !== 'PendingDeletion' || deletion! > now;
}

/** A key rotates when its time has come, which nobody sees before somebody asks for it. */
function upToDate(key: KeyRecord, store: Store, now: number): KeyRecord {
  const rotated = rotateWhereDue(key, now);
  if (rotated !== key) store.keys.set(key.arn, rotated);
  return rotated;
}

/**
 * The key that a `KeyId` names. Of another account's keys nobody learns whether they are there: without one, the
 * decision goes against the caller.
 * https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
 * @throws AwsError `NotFoundException` for a key of the caller's own account.
 */
export function lookUp(text: string, scope: KeyScope): KeyRecord | undefined {
  const arn = keyArnOf(text, scope);
  const key = findKey(arn, scope);
  if (key || accountOf(arn) !== scope.account) return key;
  throw arn.includes(':alias/') ? aliasNotFound(arn) : keyNotFound(arn);
}

/** Account of a key's or alias's ARN. */
export function accountOf(arn: string): string {
  return arn.split(':', 5)[4] ?? '';
}

/** A key whose time has come is gone for good, with all that belongs to it. */
function forget(store: Store, key: KeyRecord): void {
  for (const name of key.aliases) store.keyAliases.delete(`arn:aws:kms:${key.region}:${key.account}:${name}`);
  store.keys.delete(key.arn);
}
