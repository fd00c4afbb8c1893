import type { ApiCall } from '../snapshot.ts';
import { callerAccount, partition } from './caller.ts';
import { has, listAt, members, requestTags, textAt } from './input.ts';
import { type CallTable, type KeySource, type Need, anything } from './need.ts';

const onRole: Need['on'] = ({ input }) => textAt(input, 'RoleArn') ?? '*';

const onFederatedUser: Need['on'] = (call) =>
  `arn:${partition(call)}:sts::${callerAccount(call)}:federated-user/${textAt(call.input, 'Name') ?? ''}`;

/** The root of the account that `TargetPrincipal` names by its id or ARN. */
const onRoot: Need['on'] = (call) => {
  const target = textAt(call.input, 'TargetPrincipal') ?? '';
  return target.startsWith('arn:') ? target : `arn:${partition(call)}:iam::${target}:root`;
};

const textsAt =
  (key: string, member: string): KeySource =>
  ({ input }) => {
    const texts = listAt(input, member).filter((text) => typeof text === 'string');
    return { [key]: texts.length === 0 ? undefined : texts };
  };

/** A source identity stays with the sessions of a role chain. */
const identityOf = ({ input, session }: ApiCall): string | undefined =>
  textAt(input, 'SourceIdentity') ?? session?.sourceIdentity;

const tags: readonly KeySource[] = [requestTags(), textsAt('sts:TransitiveTagKeys', 'TransitiveTagKeys')];

const sourceIdentity: KeySource = (call) => ({ 'sts:SourceIdentity': identityOf(call) });

const roleKeys: readonly KeySource[] = [
  members({ 'sts:ExternalId': 'ExternalId', 'sts:RoleSessionName': 'RoleSessionName' }),
  sourceIdentity,
  ...tags,
];

const tagsSession = (on: Need['on']): Need => ({
  action: 'sts:TagSession',
  on,
  keys: tags,
  when: has('Tags'),
});

const setsSourceIdentity: Need = {
  action: 'sts:SetSourceIdentity',
  on: onRole,
  keys: [sourceIdentity],
  when: (call) => identityOf(call) !== undefined,
};

/** Tags and source identity of a token are read from it by the transport, which puts them into the context. */
const federates = (action: string): readonly Need[] => [
  { action, on: onRole, keys: [members({ 'sts:RoleSessionName': 'RoleSessionName' })] },
  { action: 'sts:TagSession', on: onRole, when: ({ context }) => context?.['aws:TagKeys'] !== undefined },
  { ...setsSourceIdentity, when: ({ context }) => context?.['sts:SourceIdentity'] !== undefined },
];

const onNothing = (...keys: KeySource[]) => ({ on: anything, keys });

/** STS. An operation that needs no permission has an empty row; the SDK's documentation of each says so. */
export const STS: CallTable = {
  AssumeRole: [
    { action: 'sts:AssumeRole', on: onRole, keys: roleKeys },
    tagsSession(onRole),
    setsSourceIdentity,
  ],
  AssumeRoleWithSAML: federates('sts:AssumeRoleWithSAML'),
  AssumeRoleWithWebIdentity: federates('sts:AssumeRoleWithWebIdentity'),
  AssumeRoot: [
    { action: 'sts:AssumeRoot', on: onRoot, keys: [members({ 'sts:TaskPolicyArn': 'TaskPolicyArn.arn' })] },
  ],
  GetFederationToken: [
    { action: 'sts:GetFederationToken', on: onFederatedUser, keys: [requestTags()] },
    tagsSession(onFederatedUser),
  ],
  GetWebIdentityToken: [
    {
      action: 'sts:GetWebIdentityToken',
      ...onNothing(
        members({ 'sts:DurationSeconds': 'DurationSeconds', 'sts:SigningAlgorithm': 'SigningAlgorithm' }),
        textsAt('sts:IdentityTokenAudience', 'Audience'),
        requestTags(),
      ),
    },
    { action: 'sts:TagGetWebIdentityToken', ...onNothing(requestTags()), when: has('Tags') },
  ],
  GetCallerIdentity: [],
  GetSessionToken: [],
  GetAccessKeyInfo: [{ action: 'sts:GetAccessKeyInfo', on: anything }],
  GetDelegatedAccessToken: [{ action: 'sts:GetDelegatedAccessToken', on: anything }],
  DecodeAuthorizationMessage: [{ action: 'sts:DecodeAuthorizationMessage', on: anything }],
};
