import type { KeyAliasRecord, KeyRecord } from '../../store/records.ts';
import type { Store } from '../../store/store.ts';
import { AwsError } from '../../wire/errors.ts';
import type { Call, HandlersOf } from '../service.ts';
import { keyNotFound, requireStaying, validation } from './errors.ts';
import { findKey, keyArnOf, lookUp } from './find-key.ts';
import { pageOf } from './pages.ts';

export const aliasHandlers: HandlersOf<typeof import('@aws-sdk/client-kms')> = {
  CreateAlias(input, call) {
    const name = input.AliasName!;
    const key = requireTarget(input.TargetKeyId!, call.survey.keys![0]!);
    const arn = aliasArn(name, call);
    if (findKey(arn, scopeOf(call)))
      throw new AwsError('AlreadyExistsException', `An alias with the name ${arn} already exists`);
    const now = call.clock.now();
    const { account, region } = key;
    point(call.store, { arn, account, region, name, key: key.arn, created: now, updated: now });
    return {};
  },

  UpdateAlias(input, call) {
    const name = input.AliasName!;
    const [current, next] = call.survey.keys!;
    const key = requireTarget(input.TargetKeyId!, next!);
    const alias = call.store.keyAliases.get(aliasArn(name, call))!;
    unpoint(call.store, current!, name);
    point(call.store, { ...alias, key: key.arn, updated: call.clock.now() });
    return {};
  },

  DeleteAlias(input, call) {
    const name = input.AliasName!;
    unpoint(call.store, call.survey.keys![0]!, name);
    call.store.keyAliases.delete(aliasArn(name, call));
    return {};
  },

  ListAliases(input, call) {
    const { account, region } = scopeOf(call);
    const target = input.KeyId === undefined ? undefined : lookUp(input.KeyId, scopeOf(call));
    if (input.KeyId !== undefined && target?.account !== account) throw keyNotFound(input.KeyId);
    const aliases = [...call.store.keyAliases.values()]
      .filter((alias) => alias.account === account && alias.region === region)
      .filter(({ key }) => target === undefined || key === target.arn)
      .filter(({ arn }) => findKey(arn, scopeOf(call)))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const { page, ...rest } = pageOf(aliases, input, 50, 100);
    return { ...rest, Aliases: page.map(describe) };
  },
};

const describe = ({ name, arn, key, created, updated }: KeyAliasRecord) => ({
  AliasName: name,
  AliasArn: arn,
  TargetKeyId: key.slice(key.indexOf('/') + 1),
  CreationDate: new Date(created),
  LastUpdatedDate: new Date(updated),
});

const scopeOf = ({ store, caller, region, clock }: Call) => ({
  store,
  account: caller.account,
  region,
  now: clock.now(),
});

const aliasArn = (name: string, call: Call): string => keyArnOf(name, scopeOf(call));

/** A key keeps the names of its aliases, so that whoever has the key has them. */
function point(store: Store, alias: KeyAliasRecord): void {
  const key = store.keys.get(alias.key)!;
  store.keyAliases.set(alias.arn, alias);
  store.keys.set(key.arn, { ...key, aliases: [...key.aliases, alias.name] });
}

function unpoint(store: Store, { arn }: KeyRecord, name: string): void {
  const key = store.keys.get(arn);
  if (key) store.keys.set(arn, { ...key, aliases: key.aliases.filter((alias) => alias !== name) });
}

/** An alias points to a key, never to another alias. */
function requireTarget(text: string, key: KeyRecord): KeyRecord {
  if (/(^|:)alias\//.test(text)) throw validation('Aliases must refer to keys. Not aliases');
  requireStaying(key);
  return key;
}
