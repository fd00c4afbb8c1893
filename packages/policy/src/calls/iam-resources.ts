import type { ApiCall } from '../snapshot.ts';
import { callerAccount, partition } from './caller.ts';
import { textAt } from './input.ts';
import type { Need } from './need.ts';

export const iamArn = (call: ApiCall, resource: string): string =>
  `arn:${partition(call)}:iam::${callerAccount(call)}:${resource}`;

/**
 * An entity that the input names. Its path comes from the input (`Path`, of the operations that create), from
 * `call.resourceArns`, or is `/`.
 */
export const entity =
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
  textAt(call.input, 'UserName') === undefined && /:(user\/|root$)/.test(call.principal)
    ? call.principal
    : entity('user', 'UserName')(call);

export const onRole = entity('role', 'RoleName');
export const onGroup = entity('group', 'GroupName');
export const onInstanceProfile = entity('instance-profile', 'InstanceProfileName');
export const onServerCertificate = entity('server-certificate', 'ServerCertificateName');
export const onNewPolicy = entity('policy', 'PolicyName');

/** A member that is the ARN. */
export const arnIn =
  (member: string): Need['on'] =>
  ({ input }) =>
    textAt(input, member) ?? '*';

/** A listing is asked on the path that it lists: `arn:aws:iam::111111111111:user/`. */
export const underPath =
  (kind: string): Need['on'] =>
  (call) =>
    iamArn(call, `${kind}${textAt(call.input, 'PathPrefix') ?? '/'}`);
