import type { AuditedGrant, GrantUse } from '@crossbucket/audit';
import { factsOf } from '../../grant/index.ts';
import { addressOf, type GrantSpec, type Spec } from '../../spec/index.ts';
import type { OpenAudit } from './open-audit.ts';

/** How a grant was used. Principals whom the trail knows by their unique ids alone are looked up in their account. */
export async function useOfGrant(spec: Spec, grant: GrantSpec, open: OpenAudit): Promise<GrantUse> {
  const audited = auditedGrant(spec, grant);
  const { audit, engine, filters } = open;
  const uses = await audit.askUses(engine, audited.bucket, filters);
  const use = audit.grantUse(audited, uses);
  if (spec.accounts[grant.to]?.profile === undefined || !use.principals.some(({ arn }) => isId(arn)))
    return use;
  return audit.grantUse({ ...audited, ids: await idsOf(spec, grant, audited) }, uses);
}

const isId = (text: string): boolean => /^A(ID|RO)A/.test(text);

/** A grant of the configuration, as far as its use is concerned. */
export function auditedGrant(spec: Spec, grant: GrantSpec): AuditedGrant {
  const { route, role, principals, source, bucket } = factsOf(spec, grant);
  return {
    name: grant.name,
    bucket,
    source,
    route,
    ...(route === 'role' && { role: role.arn }),
    principals: principals.map(({ arn }) => arn),
    access: grant.access,
  };
}

/** Where the account cannot be read, its principals stay unnamed. */
async function idsOf(
  spec: Spec,
  grant: GrantSpec,
  { principals }: AuditedGrant,
): Promise<Record<string, string>> {
  const { AccountError, AccountReader, connect } = await import('../../accounts/index.ts');
  try {
    const reader = new AccountReader(await connect(addressOf(spec, grant.to)));
    const read = await Promise.all(principals.map((arn) => reader.principal(arn)));
    return Object.fromEntries(read.flatMap((one) => (one === undefined ? [] : [[one.uniqueId, one.arn]])));
  } catch (error) {
    if (error instanceof AccountError) return {};
    throw error;
  }
}
