import { parseArn } from '../arn.ts';
import { parseCaller } from '../statements/principal.ts';
import type { AccountSnapshot, ApiCall, PrincipalSnapshot, World } from '../snapshot.ts';
import { own } from './owners.ts';

export interface KnownCaller {
  account: AccountSnapshot;
  principal: PrincipalSnapshot;
}

/** The user or role whose policies count: a session's is its role, a federated user's the user who asked for it. */
export function findCaller(
  world: World,
  { principal, session }: Pick<ApiCall, 'principal' | 'session'>,
): KnownCaller | undefined {
  const asked = parseCaller(principal);
  const caller = asked.kind === 'federated-user' ? parseCaller(session?.federatedBy ?? principal) : asked;
  const account = caller.account === undefined ? undefined : own(world.accounts, caller.account);
  if (account === undefined) return undefined;
  if (caller.kind === 'user' || caller.kind === 'role') {
    const found = own(account.principals, caller.text);
    return found && { account, principal: found };
  }
  if (caller.kind !== 'session') return undefined;
  const plain = own(account.principals, `arn:${caller.partition}:iam::${caller.account}:role/${caller.name}`);
  const role = plain ?? Object.values(account.principals).find((one) => isRoleNamed(one, caller.name));
  return role && { account, principal: role };
}

/** Role names are unique in an account, whatever their paths. */
function isRoleNamed({ kind, arn }: PrincipalSnapshot, name: string): boolean {
  return kind === 'role' && parseArn(arn)?.resource.split('/').at(-1) === name;
}
