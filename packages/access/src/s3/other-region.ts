import { asServiceError, type ServiceError } from '../sdk-error.ts';

/** The body of AuthorizationHeaderMalformed names the region. */
type RegionalError = ServiceError & { Region?: unknown };

const ELSEWHERE = new Set([301, 307, 400]);

/** The region that S3 says the bucket is in, if that is why a call in `region` failed. */
export function otherRegion(error: unknown, region: string): string | undefined {
  const { Region, $metadata, $response } = asServiceError(error) as RegionalError;
  if (!ELSEWHERE.has($metadata?.httpStatusCode ?? 0)) return undefined;
  const found = $response?.headers?.['x-amz-bucket-region'] ?? Region;
  return typeof found === 'string' && /^[a-z0-9-]{4,40}$/.test(found) && found !== region ? found : undefined;
}
