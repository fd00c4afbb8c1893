import type { DocumentRef } from '../document-ref.ts';
import type { Store } from './store.ts';

type OrganizationPolicy = Extract<DocumentRef, { kind: 'scp' | 'rcp' }>;

/** `p-examplepolicyid` of the policy's ARN. */
function idOf({ name, arn }: OrganizationPolicy): string {
  if (arn === undefined) throw new Error(`nobody told the ARN of policy ${name}`);
  return arn.split('/').at(-1)!;
}

/** An SCP or RCP, through the management account. Where it is attached stays as it is. */
export const ORGANIZATION_POLICY: Store<OrganizationPolicy> = {
  reads: () => 'organizations:DescribePolicy',
  writes: () => 'organizations:UpdatePolicy',
  async read({ clients, region }, document) {
    const { DescribePolicyCommand } = await import('@aws-sdk/client-organizations');
    const client = await clients.organizations(region);
    const { Policy } = await client.send(new DescribePolicyCommand({ PolicyId: idOf(document) }));
    return Policy?.Content ?? null;
  },
  async write({ clients, region }, document, text) {
    if (text === null) throw new Error('policies of an organization are not removed: others may need them');
    const { UpdatePolicyCommand } = await import('@aws-sdk/client-organizations');
    const client = await clients.organizations(region);
    await client.send(new UpdatePolicyCommand({ PolicyId: idOf(document), Content: text }));
  },
};
