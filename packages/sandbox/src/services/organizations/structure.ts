import { AwsError } from '../../wire/errors.ts';
import type { HandlersOf } from '../service.ts';
import { describeOrganization, describeRoot, describeUnit } from './describe.ts';
import { constraint } from './errors.ts';
import { requireParent, requireUnit } from './lookups.ts';
import { pageOf } from './pages.ts';
import { OrganizationChanges } from './changes.ts';
import { readTree, requireManagement, requireMember } from './state.ts';
import { readTags } from './tags.ts';
import { pathTo, type Tree } from './tree.ts';

type Handlers = HandlersOf<typeof import('@aws-sdk/client-organizations')>;

/** Levels of units below the root. https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html */
const DEEPEST = 5;

/** The organization, its root and its units, and what is in them. */
export const structureHandlers: Handlers = {
  CreateOrganization(input, call) {
    if (input.FeatureSet === 'CONSOLIDATED_BILLING')
      throw new AwsError('NotImplemented', 'The sandbox has organizations with all features only.', {
        status: 501,
      });
    if (readTree(call.store))
      throw new AwsError('AlreadyInOrganizationException', 'The sandbox has an organization already.');
    new OrganizationChanges(call.store, call.clock.now()).create(call.caller.account);
    return { Organization: describeOrganization(requireMember(call), call) };
  },

  DescribeOrganization: (_, call) => ({ Organization: describeOrganization(requireMember(call), call) }),

  ListRoots(_, call) {
    return { Roots: [describeRoot(requireMember(call))] };
  },

  CreateOrganizationalUnit(input, call) {
    const { tree, changes } = requireManagement(call);
    const { ParentId: parent, Name: name } = input;
    requireParent(tree, parent!);
    requireFreeName(tree, name!, parent!);
    if (pathTo(tree, parent!).length > DEEPEST)
      throw constraint('OU_DEPTH_LIMIT_EXCEEDED', `Units are nested at most ${DEEPEST} deep.`);
    const unit = changes.addUnit(name!, parent!, readTags(input.Tags));
    return { OrganizationalUnit: describeUnit(unit, tree) };
  },

  DescribeOrganizationalUnit(input, call) {
    const tree = requireMember(call);
    return { OrganizationalUnit: describeUnit(requireUnit(tree, input.OrganizationalUnitId!), tree) };
  },

  UpdateOrganizationalUnit(input, call) {
    const { tree, changes } = requireManagement(call);
    const unit = requireUnit(tree, input.OrganizationalUnitId!);
    const renamed = { ...unit, name: input.Name ?? unit.name };
    if (renamed.name !== unit.name) requireFreeName(tree, renamed.name, unit.parent);
    changes.saveUnit(renamed);
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
    const tree = requireMember(call);
    requireParent(tree, input.ParentId!);
    const units = [...tree.units.values()].filter(({ parent }) => parent === input.ParentId);
    const { page, more } = pageOf(units, input);
    return { OrganizationalUnits: page.map((unit) => describeUnit(unit, tree)), ...more };
  },

  ListChildren(input, call) {
    const tree = requireMember(call);
    requireParent(tree, input.ParentId!);
    const children = childrenOf(tree, input.ParentId!).filter(({ Type }) => Type === input.ChildType);
    const { page, more } = pageOf(children, input);
    return { Children: page, ...more };
  },

  ListParents(input, call) {
    const tree = requireMember(call);
    const child = tree.members.get(input.ChildId!) ?? tree.units.get(input.ChildId!);
    if (!child) throw new AwsError('ChildNotFoundException', `There is no child \`${input.ChildId}\`.`);
    return {
      Parents: [{ Id: child.parent, Type: child.parent.startsWith('r-') ? 'ROOT' : 'ORGANIZATIONAL_UNIT' }],
    };
  },
};

function requireFreeName({ units }: Tree, name: string, parent: string): void {
  if (![...units.values()].some((unit) => unit.name === name && unit.parent === parent)) return;
  throw new AwsError(
    'DuplicateOrganizationalUnitException',
    'An organizational unit of this name exists under this parent.',
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
