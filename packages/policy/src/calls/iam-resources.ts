import type { ApiCall } from '../snapshot.ts';
import { callerAccount, partition } from './caller.ts';
import { textAt } from './input.ts';
import type { Need } from './need.ts';

const iamArn = (call: ApiCall, resource: string): string =>
  `arn:${partition(call)}:iam::${callerAccount(call)}:${resource}`;

/**
 * An entity that the input names. Its path comes from the input (`Path`, of the operations that create), from
 * `call.resourceArns`, or is `/`.
 */
const entity =
  (kind: string, member: string): Need['on'] =>
  (call) => {
    const name = textAt(call.input, member) ?? '';
    const path = textAt(call.input, 'Path');
    if (path !== undefined) return iamArn(call, `${kind}${path}${name}`);
    return known(call, kind, name) ?? iamArn(call, `${kind}/${name}`);
  };

function known(call: ApiCall, kind: string, name: string): string | undefined {
  if (name === '') return undefined;
  return call.resourceArns?.find(
    (arn) => arn.split(':')[5]?.startsWith(`${kind}/`) && arn.endsWith(`/${name}`),
  );
}

/** A user; where the input names none, the caller. */
export const onUser: Need['on'] = (call) =>
  textAt(call.input, 'UserName') === undefined && /:(user\/.*|root)$/.test(call.principal)
    ? call.principal
    : entity('user', 'UserName')(call);

export const onRole = entity('role', 'RoleName');
export const onGroup = entity('group', 'GroupName');
export const onInstanceProfile = entity('instance-profile', 'InstanceProfileName');
export const onServerCertificate = entity('server-certificate', 'ServerCertificateName');
export const onNewPolicy = entity('policy', 'PolicyName');
export const onNewMfaDevice = entity('mfa', 'VirtualMFADeviceName');
export const onNewSamlProvider = entity('saml-provider', 'Name');
export const onDelegationRequest = entity('delegation-request', 'DelegationRequestId');

/** A request to come, whose id AWS chooses. */
export const onNewDelegationRequest: Need['on'] = (call) => iamArn(call, 'delegation-request/*');

/** A provider is called by its address without the scheme. */
export const onNewOidcProvider: Need['on'] = (call) =>
  iamArn(call, `oidc-provider/${(textAt(call.input, 'Url') ?? '').replace(/^https?:\/\//, '')}`);

/** `SERVICE.amazonaws.com` has its roles under a path of its own; their names are the service's choice. */
export const onNewServiceLinkedRole: Need['on'] = (call) => {
  const service = textAt(call.input, 'AWSServiceName') ?? '';
  return iamArn(call, `role/aws-service-role/${service}/${textAt(call.input, 'CustomSuffix') ?? ''}*`);
};

/** `task/aws-service-role/SERVICE/ROLE/ID` names the role whose deletion it is. */
export const onRoleOfTask: Need['on'] = (call) => {
  const [, path] = /^task\/(.+)\/[^/]+$/.exec(textAt(call.input, 'DeletionTaskId') ?? '') ?? [];
  return iamArn(call, `role/${path ?? ''}`);
};

export const onAccessReport: Need['on'] = (call) =>
  iamArn(call, `access-report/${textAt(call.input, 'EntityPath') ?? ''}`);

/** A member that is the ARN. */
export const arnIn =
  (member: string): Need['on'] =>
  ({ input }) =>
    textAt(input, member) ?? '*';

/**
 * A listing is asked on the path that it lists: `arn:aws:iam::111111111111:user/`. The Service Authorization
 * Reference names no resource for it; IAM's denials do (https://github.com/aws/aws-sam-cli/issues/394), and
 * policies that name `*` or everything of the account match both.
 */
export const underPath =
  (kind: string): Need['on'] =>
  (call) =>
    iamArn(call, `${kind}${textAt(call.input, 'PathPrefix') ?? '/'}`);
