import type { ContextValue, EndpointSnapshot } from '@crossbucket/policy';
import type { RequestHead } from '../wire/message.ts';

/** A VPC endpoint of the config: what comes in by its port comes from within its VPC. */
export type Endpoint = EndpointSnapshot;

/**
 * The condition keys of where a request comes from. Through a VPC endpoint there is no `aws:SourceIp`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
export function networkKeys(head: RequestHead, endpoint: Endpoint | undefined): Record<string, ContextValue> {
  if (!endpoint) return { 'aws:SourceIp': head.remoteAddress };
  return {
    'aws:SourceVpce': endpoint.id,
    'aws:VpcSourceIp': head.remoteAddress,
    ...(endpoint.vpc !== undefined && { 'aws:SourceVpc': endpoint.vpc }),
  };
}
