import type { Layer } from '../decision.ts';
import { parseCaller } from '../principal.ts';
import type { AccessRequest } from '../request.ts';
import type { World } from '../snapshot.ts';
import type { OwnedBucket } from './owners.ts';
import { own } from './owners.ts';

/** The layers of a request that its accounts list as unknown (`UnknownFact.what`). */
export function unreadLayers(world: World, request: AccessRequest, bucket: OwnedBucket | undefined): Layer[] {
  const { account } = parseCaller(request.principal);
  const layers: Layer[] = [];
  for (const fact of factsOf(world, account)) {
    if (fact === 'scp') layers.push('scp');
    else if (fact.startsWith('principal ') && isCaller(fact.slice('principal '.length), request)) {
      layers.push('identity-policy', 'boundary');
    }
  }
  for (const fact of factsOf(world, request.resourceAccount)) {
    if (fact === 'rcp') layers.push('rcp');
    else if (bucket !== undefined && fact === `bucket-policy ${bucket.bucket.name}`)
      layers.push('resource-policy');
    else if (fact === `key-policy ${request.resource}`) layers.push('key-policy');
    else if (fact === `trust-policy ${request.resource}`) layers.push('trust-policy');
  }
  return layers;
}

function factsOf(world: World, account: string | undefined): string[] {
  const known = account === undefined ? undefined : own(world.accounts, account);
  return known?.unknown?.map(({ what }) => what) ?? [];
}

function isCaller(arn: string, { principal, context }: AccessRequest): boolean {
  return (
    arn === principal ||
    arn === context?.['aws:PrincipalArn'] ||
    arn.endsWith(`/${parseCaller(principal).name}`)
  );
}
