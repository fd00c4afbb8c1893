import type { Collection } from '../../store/collection.ts';
import { AwsError } from '../../wire/errors.ts';
import type { Call, HandlersOf } from '../service.ts';
import { entitiesOf } from './entities.ts';
import { entityExists, noSuchEntity } from './errors.ts';
import { pageOf } from './pages.ts';
import { holdersOf } from './policy-uses.ts';

/** What https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.md says without asking for more. */
const QUOTAS = {
  AccessKeysPerUserQuota: 2,
  AssumeRolePolicySizeQuota: 2048,
  AttachedPoliciesPerGroupQuota: 10,
  AttachedPoliciesPerRoleQuota: 10,
  AttachedPoliciesPerUserQuota: 10,
  GroupPolicySizeQuota: 5120,
  GroupsPerUserQuota: 10,
  GroupsQuota: 300,
  InstanceProfilesQuota: 1000,
  PoliciesQuota: 1500,
  PolicySizeQuota: 6144,
  RolePolicySizeQuota: 10_240,
  RolesQuota: 1000,
  UserPolicySizeQuota: 2048,
  UsersQuota: 5000,
  VersionsPerPolicyQuota: 5,
};

/** Of which an account has one at most. */
const ALIAS = /^[a-z0-9](?:[a-z0-9]|-(?!-)){1,61}[a-z0-9]$/;

export const accountHandlers: HandlersOf<typeof import('@aws-sdk/client-iam')> = {
  CreateAccountAlias({ AccountAlias: alias }, call) {
    if (!ALIAS.test(alias!) || /^\d{12}$/.test(alias!))
      throw new AwsError(
        'ValidationError',
        `1 validation error detected: Value '${alias}' at 'accountAlias' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$`,
      );
    // An alias is one account's among all.
    const holder = [...call.store.accounts.values()].find((account) => account.alias === alias);
    if (holder) throw entityExists(`The account alias ${alias} already exists.`);
    call.store.accounts.set(call.caller.account, { ...accountOf(call), alias: alias! });
    return {};
  },

  DeleteAccountAlias({ AccountAlias: alias }, call) {
    const { alias: own, ...account } = accountOf(call);
    if (own !== alias) throw noSuchEntity(`The account alias ${alias} cannot be found.`);
    call.store.accounts.set(account.id, account);
    return {};
  },

  ListAccountAliases(input, call) {
    const { alias } = accountOf(call);
    const { page, more } = pageOf(alias === undefined ? [] : [alias], input);
    return { AccountAliases: page, ...more };
  },

  GetAccountSummary(_, call) {
    const { store, caller } = call;
    const own = <T extends { account: string }>(records: Iterable<T>): T[] =>
      [...records].filter(({ account }) => account === caller.account);
    const keys = own(store.accessKeys.values()).filter(({ user }) => user === undefined);
    const devices = own(store.mfaDevices.values());
    const count = <T extends { account: string; name: string }>(collection: Collection<T>): number =>
      entitiesOf(collection, caller.account).length;
    return {
      SummaryMap: {
        ...QUOTAS,
        AccountAccessKeysPresent: keys.length > 0 ? 1 : 0,
        AccountMFAEnabled: 0,
        Groups: count(store.groups),
        InstanceProfiles: count(store.instanceProfiles),
        MFADevices: devices.length,
        MFADevicesInUse: devices.filter(({ enabled }) => enabled !== undefined).length,
        Policies: count(store.managedPolicies),
        PolicyVersionsInUse: attachmentsOf(call),
        Providers: own(store.oidcProviders.values()).length,
        Roles: count(store.roles),
        Users: count(store.users),
      },
    };
  },
};

function accountOf({ store, caller }: Call) {
  return store.accounts.get(caller.account)!;
}

function attachmentsOf(call: Call): number {
  return new Set(holdersOf(call).flatMap(({ attached }) => attached)).size;
}
