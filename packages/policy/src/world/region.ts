import { parseArn } from '../arn.ts';
import type { AccessRequest } from '../request.ts';
import type { ApiCall, World } from '../snapshot.ts';
import { findBucket } from './owners.ts';

export const REGION = 'aws:RequestedRegion';

export function hasRegion({ context = {} }: AccessRequest): boolean {
  return Object.hasOwn(context, REGION) || Object.keys(context).some((key) => key.toLowerCase() === LOWER);
}

const LOWER = REGION.toLowerCase();

/**
 * The region that a call must go to, as every request has the key: the bucket's, the key's, and that of a global service's one endpoint.
 * Undefined where it may be any.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
export function requestedRegion(
  world: World,
  { input }: ApiCall,
  request: AccessRequest,
): string | undefined {
  const { action, resource, principal } = request;
  const service = action.slice(0, action.indexOf(':'));
  // A copy asks the region that it writes to.
  const name = service === 's3' ? input['Bucket'] : undefined;
  const bucket = typeof name === 'string' ? findBucket(world, name)?.bucket : undefined;
  if (bucket !== undefined) return bucket.region;
  if (REGIONAL.has(service)) return parseArn(resource)?.region || undefined;
  return GLOBAL.has(service) && !principal.startsWith('arn:aws-') ? 'us-east-1' : undefined;
}

/** Services whose resources are used through the region that their ARNs name. */
const REGIONAL = new Set(['kms', 's3']);

/** https://docs.aws.amazon.com/IAM//latest/UserGuide/reference_policies_examples_aws_deny-requested-region.html */
const GLOBAL = new Set(['iam', 'organizations', 'cloudfront', 'route53', 'support']);
