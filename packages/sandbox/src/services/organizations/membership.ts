import type { MemberRecord } from '../../store/records.ts';
import { AwsError } from '../../wire/errors.ts';
import type { Call, HandlersOf } from '../service.ts';
import { constraint } from './errors.ts';
import { requireAccount } from './lookups.ts';
import { OrganizationChanges } from './changes.ts';
import { requireManagement, requireMember } from './state.ts';
import type { Tree } from './tree.ts';

/** How accounts and the organization come to an end with each other. */
export const membershipHandlers: HandlersOf<typeof import('@aws-sdk/client-organizations')> = {
  RemoveAccountFromOrganization(input, call) {
    const { tree, changes } = requireManagement(call);
    const member = requireAccount(tree, input.AccountId!);
    requireRemovable(member, tree, call);
    changes.removeMember(member.account);
    return {};
  },

  LeaveOrganization(_, call) {
    const tree = requireMember(call);
    const member = requireAccount(tree, call.caller.account);
    requireRemovable(member, tree, call);
    new OrganizationChanges(call.store, call.clock.now()).removeMember(member.account);
    return {};
  },

  /** At once, where AWS takes minutes; whatever is in the account stays, and is out of reach. */
  CloseAccount(input, call) {
    const { tree } = requireManagement(call);
    const { account } = requireAccount(tree, input.AccountId!);
    if (account === tree.organization.management)
      throw constraint('CANNOT_CLOSE_MANAGEMENT_ACCOUNT', 'You cannot close the management account.');
    const record = call.store.accounts.get(account)!;
    if (record.closed !== undefined)
      throw new AwsError('AccountAlreadyClosedException', 'The account is closed already.');
    call.store.accounts.set(account, { ...record, closed: call.clock.now() });
    return {};
  },

  DeleteOrganization(_, call) {
    const { tree, changes } = requireManagement(call);
    if (tree.members.size > 1)
      throw new AwsError(
        'OrganizationNotEmptyException',
        'The organization has member accounts. Remove them first.',
      );
    changes.deleteAll();
    return {};
  },
};

/** An account that the organization has created stays in it for four days, as the SDK's model says. */
const WAIT = 4 * 86_400_000;

function requireRemovable(
  { account, joined, method }: MemberRecord,
  { organization }: Tree,
  call: Call,
): void {
  if (account === organization.management)
    throw new AwsError(
      'MasterCannotLeaveOrganizationException',
      'You cannot remove the management account from the organization.',
    );
  if (organization.delegations?.some((delegation) => delegation.account === account))
    throw constraint(
      'CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG',
      'The account is a delegated administrator. Deregister it first.',
    );
  if (method === 'CREATED' && call.clock.now() < joined + WAIT)
    throw constraint('WAIT_PERIOD_ACTIVE', 'The account was created less than four days ago.');
}
