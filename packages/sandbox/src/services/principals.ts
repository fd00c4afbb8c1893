import type { AccountRecord } from '../store/records.ts';
import { entityKey, type Store } from '../store/store.ts';

/**
 * The first principal of a policy that does not exist: AWS refuses to store a policy that names one.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export function findUnknownPrincipal(
  principals: readonly string[],
  store: Store,
  accounts: ReadonlyMap<string, AccountRecord>,
): string | undefined {
  return principals.find((principal) => !principalExists(principal, store, accounts));
}

function principalExists(
  principal: string,
  store: Store,
  accounts: ReadonlyMap<string, AccountRecord>,
): boolean {
  if (principal === '*') return true;
  if (/^\d{12}$/.test(principal)) return accounts.has(principal);
  const [, , service, , account = '', resource = ''] = principal.split(':');
  if (service === 'iam' && resource === 'root') return accounts.has(account);
  if (service === 'iam')
    return store.findUser(principal) !== undefined || store.findRole(principal) !== undefined;
  // A session comes and goes; its role must be there, in whatever path.
  const role = /^assumed-role\/([^/]+)\/[^/]+$/.exec(resource)?.[1];
  if (service === 'sts' && role !== undefined) return store.roles.has(entityKey(account, role));
  return service === 'sts' && resource.startsWith('federated-user/') && accounts.has(account);
}
