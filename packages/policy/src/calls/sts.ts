import type { ApiCall } from '../snapshot.ts';
import { callerAccount, partition } from './caller.ts';
import { has, listAt, members, requestTags, textAt } from './input.ts';
import { type CallTable, type KeySource, type Need, anything } from './need.ts';

const onRole: Need['on'] = ({ input }) => textAt(input, 'RoleArn') ?? '*';

const onFederatedUser: Need['on'] = (call) =>
  `arn:${partition(call)}:sts::${callerAccount(call)}:federated-user/${textAt(call.input, 'Name') ?? ''}`;

const transitiveTags: KeySource = ({ input }) => {
  const names = listAt(input, 'TransitiveTagKeys').filter((name) => typeof name === 'string');
  return { 'sts:TransitiveTagKeys': names.length === 0 ? undefined : names };
};

/** A source identity stays with the sessions of a role chain. */
const identityOf = ({ input, session }: ApiCall): string | undefined =>
  textAt(input, 'SourceIdentity') ?? session?.sourceIdentity;

// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
const roleKeys: readonly KeySource[] = [
  members({ 'sts:ExternalId': 'ExternalId', 'sts:RoleSessionName': 'RoleSessionName' }),
  (call) => ({ 'sts:SourceIdentity': identityOf(call) }),
  requestTags(),
  transitiveTags,
];

const tagsSession = (on: Need['on']): Need => ({
  action: 'sts:TagSession',
  on,
  keys: roleKeys,
  when: has('Tags'),
});

const setsSourceIdentity: Need = {
  action: 'sts:SetSourceIdentity',
  on: onRole,
  keys: roleKeys,
  when: (call) => identityOf(call) !== undefined,
};

/** STS. What needs no permission has an empty row. */
export const STS: CallTable = {
  AssumeRole: [
    { action: 'sts:AssumeRole', on: onRole, keys: roleKeys },
    tagsSession(onRole),
    setsSourceIdentity,
  ],
  AssumeRoleWithSAML: [{ action: 'sts:AssumeRoleWithSAML', on: onRole, keys: roleKeys }],
  AssumeRoleWithWebIdentity: [{ action: 'sts:AssumeRoleWithWebIdentity', on: onRole, keys: roleKeys }],
  GetFederationToken: [
    { action: 'sts:GetFederationToken', on: onFederatedUser, keys: [requestTags()] },
    tagsSession(onFederatedUser),
  ],
  // https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
  GetCallerIdentity: [],
  // https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
  GetSessionToken: [],
  GetAccessKeyInfo: [{ action: 'sts:GetAccessKeyInfo', on: anything }],
  DecodeAuthorizationMessage: [{ action: 'sts:DecodeAuthorizationMessage', on: anything }],
};
