import type { CompiledPolicies, CompiledPolicy } from './compile.ts';
import { UNKNOWN } from './condition-key.ts';
import type { RequestView } from './request-view.ts';

/** What a layer's statements are matched against. */
export interface Scope {
  /** Whether its statements name principals; those of the other layers may not. */
  principals: boolean;
  /** A trust policy's statements name no resource: it is the role. */
  resourceImplied: boolean;
  resource: string;
  /** A second ARN of the same thing. */
  other: OtherArn;
}

export type OtherArn = string | typeof UNKNOWN | undefined;

export interface Scopes {
  /** For policies of the caller's side, which name no principals. */
  plain: Scope;
  /** For policies that do. */
  naming: Scope;
  /** For the resource's own policy: a bucket's is about the bucket's ARNs, also through an access point. */
  resource: Scope;
  /** For an access point's policy, which is about its own ARNs. */
  accessPoint: Scope;
}

export function scopesOf(
  view: RequestView,
  isTrust: boolean,
  { resource, unread }: Pick<CompiledPolicies, 'resource' | 'unread'>,
): Scopes {
  const own = view.request.resource;
  const other = otherArn(view, resource, unread?.has('resource-policy') === true);
  const plain: Scope = { principals: false, resourceImplied: false, resource: own, other };
  const naming: Scope = { principals: true, resourceImplied: false, resource: own, other };
  if (isTrust) {
    const trust: Scope = { principals: true, resourceImplied: true, resource: own, other };
    return { plain, naming, resource: trust, accessPoint: naming };
  }
  if (view.accessPoint === undefined || typeof other !== 'string') {
    return { plain, naming, resource: naming, accessPoint: naming };
  }
  const swapped: Scope = { principals: true, resourceImplied: false, resource: other, other: own };
  return own.includes(':accesspoint/')
    ? { plain, naming, resource: swapped, accessPoint: naming }
    : { plain, naming, resource: naming, accessPoint: swapped };
}

/** S3 lists all buckets on `*`; policies may spell that as an ARN. */
const SPELT_OUT: ReadonlyMap<string, string> = new Map([['s3:listallmybuckets', 'arn:aws:s3:::*']]);

/** Of a request through an access point: the bucket's ARN for the access point's, or the reverse. */
function otherArn(
  view: RequestView,
  policy: readonly CompiledPolicy[] | undefined,
  isUnread: boolean,
): OtherArn {
  const { accessPoint, request } = view;
  if (request.resource === '*') return SPELT_OUT.get(view.action);
  if (typeof accessPoint !== 'string') return accessPoint;
  const inBucket = /^arn:[^:]+:s3:::[^/]+(\/.*)?$/s.exec(request.resource);
  if (inBucket !== null) return `${accessPoint}${inBucket[1] === undefined ? '' : `/object${inBucket[1]}`}`;
  const bucket = bucketIn(policy);
  if (!request.resource.startsWith(accessPoint)) return undefined;
  // Only the bucket's policy says which bucket an access point's ARN is about.
  if (bucket === undefined) return isUnread ? UNKNOWN : undefined;
  const rest = request.resource.slice(accessPoint.length);
  const partition = accessPoint.split(':')[1] ?? 'aws';
  return `arn:${partition}:s3:::${bucket}${rest.startsWith('/object/') ? rest.slice('/object'.length) : ''}`;
}

/** The bucket that a bucket policy is about, by the first resource that it names. */
function bucketIn(policies: readonly CompiledPolicy[] | undefined): string | undefined {
  for (const { resource } of policies?.[0]?.document.statements ?? []) {
    for (const value of resource.written?.values ?? []) {
      const bucket = /^arn:[^:]+:s3:::([^/*?$]+)(?:\/|$)/.exec(value)?.[1];
      if (bucket !== undefined) return bucket;
    }
  }
  return undefined;
}
