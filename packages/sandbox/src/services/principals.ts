import { isKnown } from '../config/settings.ts';
import { findPrincipal } from '../store/principal-ids.ts';
import { entityKey } from '../store/store.ts';
import type { Context } from './service.ts';

type Known = Pick<Context, 'store' | 'accounts' | 'clock' | 'settings'>;

/**
 * The first principal of a policy that does not exist: AWS refuses to store a policy that names one.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export function findUnknownPrincipal(principals: readonly string[], known: Known): string | undefined {
  return principals.find((principal) => !principalExists(principal, known));
}

function principalExists(principal: string, known: Known): boolean {
  const { store, accounts } = known;
  if (principal === '*') return true;
  if (/^\d{12}$/.test(principal)) return accounts.has(principal);
  const [, , service, , account = '', resource = ''] = principal.split(':');
  if (service === 'iam' && resource === 'root') return accounts.has(account);
  if (service === 'sts' && resource.startsWith('federated-user/')) return accounts.has(account);
  // A session comes and goes; its role must be there, in whatever path.
  const role = service === 'sts' ? /^assumed-role\/([^/]+)\/[^/]+$/.exec(resource)?.[1] : undefined;
  const record =
    role === undefined ? findPrincipal(principal, store) : store.roles.get(entityKey(account, role));
  return record !== undefined && isKnown(record, known);
}
