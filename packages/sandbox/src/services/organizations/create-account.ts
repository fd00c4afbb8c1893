import { createHash } from 'node:crypto';
import { entityKey } from '../../store/store.ts';
import { newId } from '../iam/names.ts';
import type { Call } from '../service.ts';

const ADMINISTRATOR = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}';

/**
 * Makes an account with the role by which its management account enters it.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_create.html
 */
export function createMemberAccount(
  name: string,
  roleName = 'OrganizationAccountAccessRole',
  management: string,
  call: Call,
): string {
  const { store } = call;
  const id = freeAccountId(call);
  const canonicalId = createHash('sha256').update(`canonical user of ${id}`).digest('hex');
  store.accounts.set(id, { id, name: profileName(name, id), canonicalId });
  const trust = {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${management}:root` }, Action: 'sts:AssumeRole' },
    ],
  };
  store.roles.set(entityKey(id, roleName), {
    account: id,
    name: roleName,
    path: '/',
    id: newId('AROA'),
    created: call.clock.now(),
    trust: JSON.stringify(trust),
    maxSessionDuration: 3600,
    tags: [],
    inline: { AdministratorAccess: ADMINISTRATOR },
    attached: [],
  });
  return id;
}

function freeAccountId({ store }: Call): string {
  for (let number = 400_000_000_001; ; number++)
    if (!store.accounts.has(String(number))) return String(number);
}

/** A profile is named after its account. */
function profileName(name: string, id: string): string {
  return /^[\w-]{1,64}$/.test(name) ? name : id;
}
