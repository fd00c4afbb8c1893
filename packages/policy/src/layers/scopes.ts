import type { OtherArn, Scope } from '../statements/scope.ts';
import type { RequestView } from '../statements/request-view.ts';

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

export function scopesOf(view: RequestView, isTrust: boolean): Scopes {
  const { accessPoint, request } = view;
  const own = request.resource;
  const other = otherArn(view);
  const plain: Scope = { principals: false, resourceImplied: false, resource: own, other };
  const naming: Scope = { principals: true, resourceImplied: false, resource: own, other };
  if (isTrust) {
    const trust: Scope = { principals: true, resourceImplied: true, resource: own, other };
    return { plain, naming, resource: trust, accessPoint: naming };
  }
  if (typeof accessPoint !== 'string') return { plain, naming, resource: naming, accessPoint: naming };
  if (typeof other === 'string') {
    const swapped: Scope = { principals: true, resourceImplied: false, resource: other, other: own };
    return { plain, naming, resource: naming, accessPoint: swapped };
  }
  if (!own.startsWith(accessPoint)) return { plain, naming, resource: naming, accessPoint: naming };
  const rest = own.slice(accessPoint.length);
  const pathInBucket = rest.startsWith('/object/') ? rest.slice('/object'.length) : '';
  return { plain, naming, resource: { ...naming, pathInBucket }, accessPoint: naming };
}

/** S3 lists all buckets on `*`; policies may spell that as an ARN. */
const SPELT_OUT: ReadonlyMap<string, string> = new Map([['s3:listallmybuckets', 'arn:aws:s3:::*']]);

/** The access point's ARN for a bucket's, where the request goes through one. */
function otherArn({ accessPoint, request, action }: RequestView): OtherArn {
  if (request.resource === '*') return SPELT_OUT.get(action);
  if (typeof accessPoint !== 'string') return accessPoint;
  const inBucket = /^arn:[^:]+:s3:::[^/]+(\/.*)?$/s.exec(request.resource);
  if (inBucket === null) return undefined;
  return `${accessPoint}${inBucket[1] === undefined ? '' : `/object${inBucket[1]}`}`;
}
