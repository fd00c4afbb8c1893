import { AwsError } from '../../wire/errors.ts';
import type { HandlersOf } from '../service.ts';
import { constraint } from './errors.ts';
import { describeAccount } from './describe.ts';
import { requireAccount } from './lookups.ts';
import { pageOf } from './pages.ts';
import { requireManagement, requireMember } from './state.ts';

/** Which services of AWS have access to the organization, and which accounts administer them. */
export const serviceAccessHandlers: HandlersOf<typeof import('@aws-sdk/client-organizations')> = {
  EnableAWSServiceAccess(input, call) {
    const { tree, changes } = requireManagement(call);
    const { services = [] } = tree.organization;
    const principal = input.ServicePrincipal!;
    if (!services.some((service) => service.principal === principal))
      changes.save({ services: [...services, { principal, enabled: call.clock.now() }] });
    return {};
  },

  DisableAWSServiceAccess(input, call) {
    const { tree, changes } = requireManagement(call);
    const { services = [] } = tree.organization;
    changes.save({ services: services.filter(({ principal }) => principal !== input.ServicePrincipal) });
    return {};
  },

  ListAWSServiceAccessForOrganization(input, call) {
    const { services = [] } = requireMember(call).organization;
    const { page, more } = pageOf(services, input);
    const EnabledServicePrincipals = page.map(({ principal, enabled }) => ({
      ServicePrincipal: principal,
      DateEnabled: new Date(enabled),
    }));
    return { EnabledServicePrincipals, ...more };
  },

  RegisterDelegatedAdministrator(input, call) {
    const { tree, changes } = requireManagement(call);
    const { management, services = [], delegations = [] } = tree.organization;
    const service = input.ServicePrincipal!;
    const { account } = requireAccount(tree, input.AccountId!);
    if (account === management)
      throw constraint(
        'CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR',
        'You cannot register the management account as a delegated administrator.',
      );
    if (call.store.accounts.get(account)?.closed !== undefined)
      throw constraint(
        'CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR',
        'You cannot register a suspended account as a delegated administrator.',
      );
    if (delegations.some((delegation) => delegation.account === account && delegation.service === service))
      throw new AwsError(
        'AccountAlreadyRegisteredException',
        'The account is a delegated administrator for this service already.',
      );
    if (!services.some(({ principal }) => principal === service))
      throw constraint('SERVICE_ACCESS_NOT_ENABLED', `Enable the access of \`${service}\` first.`);
    changes.save({ delegations: [...delegations, { account, service, enabled: call.clock.now() }] });
    return {};
  },

  DeregisterDelegatedAdministrator(input, call) {
    const { tree, changes } = requireManagement(call);
    const { delegations = [] } = tree.organization;
    const { account } = requireAccount(tree, input.AccountId!);
    const kept = delegations.filter(
      (delegation) => delegation.account !== account || delegation.service !== input.ServicePrincipal,
    );
    if (kept.length === delegations.length) throw notRegistered();
    changes.save({ delegations: kept });
    return {};
  },

  ListDelegatedAdministrators(input, call) {
    const tree = requireMember(call);
    const { ServicePrincipal: wanted } = input;
    const since = new Map<string, number>();
    for (const { account, service, enabled } of tree.organization.delegations ?? [])
      if ((wanted === undefined || service === wanted) && !since.has(account)) since.set(account, enabled);
    const { page, more } = pageOf([...since], input);
    const DelegatedAdministrators = page.map(([account, enabled]) => {
      const { Paths: _, ...described } = describeAccount(requireAccount(tree, account), tree, call);
      return { ...described, DelegationEnabledDate: new Date(enabled) };
    });
    return { DelegatedAdministrators, ...more };
  },

  ListDelegatedServicesForAccount(input, call) {
    const tree = requireMember(call);
    const { account } = requireAccount(tree, input.AccountId!);
    const own = (tree.organization.delegations ?? []).filter((delegation) => delegation.account === account);
    if (own.length === 0) throw notRegistered();
    const { page, more } = pageOf(own, input);
    const DelegatedServices = page.map(({ service, enabled }) => ({
      ServicePrincipal: service,
      DelegationEnabledDate: new Date(enabled),
    }));
    return { DelegatedServices, ...more };
  },
};

function notRegistered(): AwsError {
  return new AwsError('AccountNotRegisteredException', 'The account is not a delegated administrator.');
}
