import type { MemberRecord, UnitRecord } from '../../store/records.ts';
import { AwsError } from '../../wire/errors.ts';
import type { HandlersOf } from '../service.ts';
import { createMemberAccount } from './accounts.ts';
import { describeAccount, describeOrganization, describeRoot, describeUnit } from './describe.ts';
import { pageOf } from './pages.ts';
import { OrganizationChanges, readTree, requireManagement, requireMember } from './state.ts';
import { isParent, type Tree } from './tree.ts';

type Handlers = HandlersOf<typeof import('@aws-sdk/client-organizations')>;

/** The organization, its root, its units, and which account is where. */
export const structureHandlers: Handlers = {
  CreateOrganization(_, call) {
    if (readTree(call.store))
      throw new AwsError('AlreadyInOrganizationException', 'The sandbox has an organization already.');
    new OrganizationChanges(call.store, call.clock.now()).create(call.caller.account);
    return { Organization: describeOrganization(requireMember(call), call) };
  },

  DescribeOrganization: (_, call) => ({ Organization: describeOrganization(requireMember(call), call) }),

  ListRoots(_, call) {
    return { Roots: [describeRoot(requireManagement(call).tree)] };
  },

  CreateOrganizationalUnit(input, call) {
    const { tree, changes } = requireManagement(call);
    requireParent(tree, input.ParentId!);
    if ([...tree.units.values()].some(({ name, parent }) => name === input.Name && parent === input.ParentId))
      throw new AwsError(
        'DuplicateOrganizationalUnitException',
        'An organizational unit of this name exists under this parent.',
      );
    return { OrganizationalUnit: describeUnit(changes.addUnit(input.Name!, input.ParentId!), tree) };
  },

  DescribeOrganizationalUnit(input, call) {
    const { tree } = requireManagement(call);
    return { OrganizationalUnit: describeUnit(requireUnit(tree, input.OrganizationalUnitId!), tree) };
  },

  UpdateOrganizationalUnit(input, call) {
    const { tree } = requireManagement(call);
    const unit = requireUnit(tree, input.OrganizationalUnitId!);
    const renamed = { ...unit, name: input.Name ?? unit.name };
    call.store.organizationUnits.set(unit.id, renamed);
    return { OrganizationalUnit: describeUnit(renamed, tree) };
  },

  DeleteOrganizationalUnit(input, call) {
    const { tree, changes } = requireManagement(call);
    const unit = requireUnit(tree, input.OrganizationalUnitId!);
    if (childrenOf(tree, unit.id).length > 0)
      throw new AwsError('OrganizationalUnitNotEmptyException', 'The organizational unit is not empty.');
    call.store.organizationUnits.delete(unit.id);
    for (const policy of tree.policies) if (policy.targets.includes(unit.id)) changes.detach(policy, unit.id);
    return {};
  },

  ListOrganizationalUnitsForParent(input, call) {
    const { tree } = requireManagement(call);
    requireParent(tree, input.ParentId!);
    const units = [...tree.units.values()].filter(({ parent }) => parent === input.ParentId);
    const { page, more } = pageOf(units, input);
    return { OrganizationalUnits: page.map((unit) => describeUnit(unit, tree)), ...more };
  },

  ListChildren(input, call) {
    const { tree } = requireManagement(call);
    requireParent(tree, input.ParentId!);
    const children = childrenOf(tree, input.ParentId!).filter(({ Type }) => Type === input.ChildType);
    const { page, more } = pageOf(children, input);
    return { Children: page, ...more };
  },

  ListParents(input, call) {
    const { tree } = requireManagement(call);
    const child = tree.members.get(input.ChildId!) ?? tree.units.get(input.ChildId!);
    if (!child) throw new AwsError('ChildNotFoundException', `There is no child \`${input.ChildId}\`.`);
    return {
      Parents: [{ Id: child.parent, Type: child.parent.startsWith('r-') ? 'ROOT' : 'ORGANIZATIONAL_UNIT' }],
    };
  },

  ListAccounts(input, call) {
    const { tree } = requireManagement(call);
    const { page, more } = pageOf([...tree.members.values()], input);
    return { Accounts: page.map((member) => describeAccount(member, tree, call)), ...more };
  },

  ListAccountsForParent(input, call) {
    const { tree } = requireManagement(call);
    requireParent(tree, input.ParentId!);
    const members = [...tree.members.values()].filter(({ parent }) => parent === input.ParentId);
    const { page, more } = pageOf(members, input);
    return { Accounts: page.map((member) => describeAccount(member, tree, call)), ...more };
  },

  DescribeAccount(input, call) {
    const { tree } = requireManagement(call);
    return { Account: describeAccount(requireAccount(tree, input.AccountId!), tree, call) };
  },

  CreateAccount(input, call) {
    const { changes, tree } = requireManagement(call);
    const account = createMemberAccount(
      input.AccountName!,
      input.RoleName,
      tree.organization.management,
      call,
    );
    changes.addMember(account, tree.organization.root, 'CREATED');
    return {
      CreateAccountStatus: {
        Id: `car-${account}`,
        AccountId: account,
        AccountName: input.AccountName,
        State: 'SUCCEEDED',
        RequestedTimestamp: new Date(call.clock.now()),
        CompletedTimestamp: new Date(call.clock.now()),
      },
    };
  },

  DescribeCreateAccountStatus(input, call) {
    const { tree } = requireManagement(call);
    const account = input.CreateAccountRequestId!.replace(/^car-/, '');
    const member = tree.members.get(account);
    if (!member)
      throw new AwsError(
        'CreateAccountStatusNotFoundException',
        'There is no such request to create an account.',
      );
    return {
      CreateAccountStatus: {
        Id: input.CreateAccountRequestId,
        AccountId: account,
        AccountName: call.store.accounts.get(account)?.name,
        State: 'SUCCEEDED',
        CompletedTimestamp: new Date(member.joined),
      },
    };
  },

  MoveAccount(input, call) {
    const { tree, changes } = requireManagement(call);
    const member = requireAccount(tree, input.AccountId!);
    if (member.parent !== input.SourceParentId)
      throw new AwsError(
        'SourceParentNotFoundException',
        `The account is not under \`${input.SourceParentId}\`.`,
      );
    if (!isParent(tree, input.DestinationParentId!))
      throw new AwsError(
        'DestinationParentNotFoundException',
        `There is no \`${input.DestinationParentId}\`.`,
      );
    changes.move(member, input.DestinationParentId!);
    return {};
  },

  RemoveAccountFromOrganization(input, call) {
    const { tree, changes } = requireManagement(call);
    const { account } = requireAccount(tree, input.AccountId!);
    if (account === tree.organization.management)
      throw new AwsError(
        'MasterCannotLeaveOrganizationException',
        'You cannot remove the management account from the organization.',
      );
    call.store.organizationMembers.delete(account);
    for (const policy of tree.policies) if (policy.targets.includes(account)) changes.detach(policy, account);
    return {};
  },
};

function requireParent(tree: Tree, id: string): void {
  if (!isParent(tree, id)) throw new AwsError('ParentNotFoundException', `There is no parent \`${id}\`.`);
}

function requireUnit({ units }: Tree, id: string): UnitRecord {
  const unit = units.get(id);
  if (unit) return unit;
  throw new AwsError('OrganizationalUnitNotFoundException', `There is no organizational unit \`${id}\`.`);
}

function requireAccount({ members }: Tree, id: string): MemberRecord {
  const member = members.get(id);
  if (member) return member;
  throw new AwsError(
    'AccountNotFoundException',
    `The account \`${id}\` is not a member of the organization.`,
  );
}

function childrenOf({ units, members }: Tree, parent: string) {
  return [
    ...[...units.values()]
      .filter((unit) => unit.parent === parent)
      .map(({ id }) => ({ Id: id, Type: 'ORGANIZATIONAL_UNIT' as const })),
    ...[...members.values()]
      .filter((member) => member.parent === parent)
      .map(({ account }) => ({ Id: account, Type: 'ACCOUNT' as const })),
  ];
}
