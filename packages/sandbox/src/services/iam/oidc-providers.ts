import type { OidcProviderRecord } from '../../store/records.ts';
import { AwsError } from '../../wire/errors.ts';
import type { Call, HandlersOf } from '../service.ts';
import { invalidValue } from '../validation.ts';
import { entityExists, limitExceeded, noSuchEntity } from './errors.ts';
import { readTags } from './tag-sets.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.md */
const PROVIDERS_PER_ACCOUNT = 100;
const CLIENT_IDS = 100;
const THUMBPRINTS = 5;

export const oidcProviderHandlers: HandlersOf<typeof import('@aws-sdk/client-iam')> = {
  CreateOpenIDConnectProvider(input, call) {
    const url = requireUrl(input.Url!);
    const { account } = call.caller;
    const arn = `arn:aws:iam::${account}:oidc-provider/${url}`;
    if (call.store.oidcProviders.has(arn))
      throw entityExists(`Provider with url https://${url} already exists.`);
    const others = [...call.store.oidcProviders.values()].filter((provider) => provider.account === account);
    if (others.length >= PROVIDERS_PER_ACCOUNT)
      throw limitExceeded(
        `Cannot exceed quota for OpenIdConnectProvidersPerAccount: ${PROVIDERS_PER_ACCOUNT}`,
      );
    const provider: OidcProviderRecord = {
      account,
      arn,
      url,
      clientIds: requireClientIds(input.ClientIDList ?? []),
      thumbprints: requireThumbprints(input.ThumbprintList ?? []),
      created: call.clock.now(),
      tags: readTags(input.Tags),
    };
    saveProvider(provider, call);
    return { OpenIDConnectProviderArn: arn, ...(provider.tags.length > 0 && { Tags: provider.tags }) };
  },

  GetOpenIDConnectProvider(input, call) {
    const { url, clientIds, thumbprints, created, tags } = requireProvider(
      input.OpenIDConnectProviderArn!,
      call,
    );
    return {
      Url: url,
      ClientIDList: clientIds,
      ThumbprintList: thumbprints,
      CreateDate: new Date(created),
      ...(tags.length > 0 && { Tags: tags }),
    };
  },

  ListOpenIDConnectProviders(_, { store, caller }) {
    const providers = [...store.oidcProviders.values()].filter(({ account }) => account === caller.account);
    return { OpenIDConnectProviderList: providers.map(({ arn }) => ({ Arn: arn })) };
  },

  DeleteOpenIDConnectProvider(input, call) {
    // Deleting one that is not there succeeds, as the SDK's model says.
    const provider = call.store.oidcProviders.get(input.OpenIDConnectProviderArn!);
    if (provider?.account === call.caller.account) call.store.oidcProviders.delete(provider.arn);
    return {};
  },

  AddClientIDToOpenIDConnectProvider(input, call) {
    const provider = requireProvider(input.OpenIDConnectProviderArn!, call);
    const clientIds = requireClientIds([...new Set([...provider.clientIds, input.ClientID!])]);
    saveProvider({ ...provider, clientIds }, call);
    return {};
  },

  RemoveClientIDFromOpenIDConnectProvider(input, call) {
    const provider = requireProvider(input.OpenIDConnectProviderArn!, call);
    const clientIds = provider.clientIds.filter((id) => id !== input.ClientID);
    saveProvider({ ...provider, clientIds }, call);
    return {};
  },

  UpdateOpenIDConnectProviderThumbprint(input, call) {
    const provider = requireProvider(input.OpenIDConnectProviderArn!, call);
    saveProvider({ ...provider, thumbprints: requireThumbprints(input.ThumbprintList!) }, call);
    return {};
  },
};

export function requireProvider(arn: string, { store, caller }: Call): OidcProviderRecord {
  const provider = store.oidcProviders.get(arn);
  if (provider?.account === caller.account) return provider;
  throw noSuchEntity(`OpenIDConnect Provider not found for arn ${arn}`);
}

export function saveProvider(provider: OidcProviderRecord, { store }: Call): void {
  store.oidcProviders.set(provider.arn, provider);
}

/** As the SDK's model says: https, no port, no query. @returns the address without its scheme. */
function requireUrl(url: string): string {
  const address = /^https:\/\/([a-z0-9-]+(?:\.[a-z0-9-]+)+(?:\/[\w.~%/-]*)?)$/i.exec(url)?.[1];
  if (url.length <= 255 && address !== undefined) return address.replace(/\/$/, '');
  throw new AwsError('ValidationError', 'Invalid Open ID Connect Provider URL');
}

function requireClientIds(ids: string[]): string[] {
  for (const id of ids)
    if (id.length < 1 || id.length > 255)
      throw invalidValue('clientID', id, 'Member must have length between 1 and 255');
  if (ids.length <= CLIENT_IDS) return ids;
  throw limitExceeded(`Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: ${CLIENT_IDS}`);
}

function requireThumbprints(thumbprints: string[]): string[] {
  for (const thumbprint of thumbprints)
    if (!/^[0-9a-f]{40}$/i.test(thumbprint))
      throw invalidValue('thumbprintList', thumbprint, 'Member must have 40 hexadecimal digits');
  if (thumbprints.length <= THUMBPRINTS) return thumbprints;
  throw new AwsError('InvalidInput', `A thumbprint list has at most ${THUMBPRINTS} entries.`);
}
