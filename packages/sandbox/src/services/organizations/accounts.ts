import type { AccountRequestRecord } from '../../store/records.ts';
import { AwsError } from '../../wire/errors.ts';
import type { Call, HandlersOf } from '../service.ts';
import { createMemberAccount } from './create-account.ts';
import { describeAccount, emailOf } from './describe.ts';
import { requireAccount, requireParent } from './lookups.ts';
import { pageOf } from './pages.ts';
import { requireManagement, requireMember } from './state.ts';
import { readTags } from './tags.ts';
import { isParent, type Tree } from './tree.ts';

/** The accounts of the organization, and where they are. */
export const accountHandlers: HandlersOf<typeof import('@aws-sdk/client-organizations')> = {
  ListAccounts(input, call) {
    const tree = requireMember(call);
    const { page, more } = pageOf([...tree.members.values()], input);
    return { Accounts: page.map((member) => describeAccount(member, tree, call)), ...more };
  },

  ListAccountsForParent(input, call) {
    const tree = requireMember(call);
    requireParent(tree, input.ParentId!);
    const members = [...tree.members.values()].filter(({ parent }) => parent === input.ParentId);
    const { page, more } = pageOf(members, input);
    return { Accounts: page.map((member) => describeAccount(member, tree, call)), ...more };
  },

  DescribeAccount(input, call) {
    const tree = requireMember(call);
    return { Account: describeAccount(requireAccount(tree, input.AccountId!), tree, call) };
  },

  /** Done at once; an address that another account has makes it fail, as on AWS, later than the call itself. */
  CreateAccount(input, call) {
    const { changes, tree } = requireManagement(call);
    const { AccountName: name, Email: email } = input;
    const tags = readTags(input.Tags);
    const time = call.clock.now();
    const base = { id: changes.newRequestId(), name: name!, time };
    if (emailsOf(tree, call).has(email!.toLowerCase())) {
      const failed: AccountRequestRecord = { ...base, failure: 'EMAIL_ALREADY_EXISTS' };
      changes.noteRequest(failed);
      return { CreateAccountStatus: describeRequest(failed) };
    }
    const account = createMemberAccount(name!, input.RoleName, tree.organization.management, call);
    changes.addMember(account, tree.organization.root, 'CREATED', { name: name!, email: email!, tags });
    const done: AccountRequestRecord = { ...base, account };
    changes.noteRequest(done);
    return { CreateAccountStatus: describeRequest(done) };
  },

  DescribeCreateAccountStatus(input, call) {
    const { organization } = requireMember(call);
    const request = organization.accountRequests?.find(({ id }) => id === input.CreateAccountRequestId);
    if (request) return { CreateAccountStatus: describeRequest(request) };
    throw new AwsError(
      'CreateAccountStatusNotFoundException',
      'There is no such request to create an account.',
    );
  },

  ListCreateAccountStatus(input, call) {
    const { organization } = requireMember(call);
    const all = (organization.accountRequests ?? []).map(describeRequest);
    const wanted = input.States?.length ? all.filter(({ State }) => input.States!.includes(State)) : all;
    const { page, more } = pageOf(wanted, input);
    return { CreateAccountStatuses: page, ...more };
  },

  MoveAccount(input, call) {
    const { tree, changes } = requireManagement(call);
    const member = requireAccount(tree, input.AccountId!);
    const { SourceParentId: source, DestinationParentId: destination } = input;
    if (member.parent !== source)
      throw new AwsError('SourceParentNotFoundException', `The account is not under \`${source}\`.`);
    if (!isParent(tree, destination!))
      throw new AwsError('DestinationParentNotFoundException', `There is no \`${destination}\`.`);
    if (source === destination)
      throw new AwsError('DuplicateAccountException', 'The account is in the destination already.');
    changes.move(member, destination!);
    return {};
  },
};

function emailsOf({ members }: Tree, call: Call): Set<string> {
  return new Set([...members.values()].map((member) => emailOf(member, call).toLowerCase()));
}

function describeRequest({ id, name, account, failure, time }: AccountRequestRecord) {
  const at = new Date(time);
  return {
    Id: id,
    AccountName: name,
    State: failure === undefined ? ('SUCCEEDED' as const) : ('FAILED' as const),
    RequestedTimestamp: at,
    CompletedTimestamp: at,
    ...(account !== undefined && { AccountId: account }),
    ...(failure !== undefined && { FailureReason: failure }),
  };
}
