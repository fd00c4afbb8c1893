import type { ContextValue, EndpointSnapshot } from '@crossbucket/policy';
import type { RequestHead } from '../wire/message.ts';

/** A VPC endpoint of the config: what comes in by its port comes from within its VPC. */
export type Endpoint = EndpointSnapshot;

/**
 * The condition keys of where a request comes from. Through a VPC endpoint there is no `aws:SourceIp`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
export function addNetworkKeys(
  context: Record<string, ContextValue>,
  head: RequestHead,
  endpoint: Endpoint | undefined,
): void {
  if (!endpoint) {
    context['aws:SourceIp'] = head.remoteAddress;
    return;
  }
  context['aws:SourceVpce'] = endpoint.id;
  context['aws:VpcSourceIp'] = head.remoteAddress;
  if (endpoint.vpc !== undefined) context['aws:SourceVpc'] = endpoint.vpc;
}
