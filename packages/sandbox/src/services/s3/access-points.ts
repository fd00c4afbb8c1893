import type { AccessPointRecord } from '../../store/records.ts';
import type { Store } from '../../store/store.ts';

/**
 * The access point that a request names in a bucket's place: by its ARN, its alias, or `NAME-ACCOUNT`, as its host begins.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-naming.html
 */
export function findAccessPoint(name: string, store: Store): AccessPointRecord | undefined {
  const [account, point] = partsOf(name);
  if (point !== undefined) return store.accessPoints.get(`${account}/${point}`);
  if (!name.endsWith('-s3alias')) return undefined;
  return [...store.accessPoints.values()].find(({ alias }) => alias === name);
}

function partsOf(name: string): [account?: string, point?: string] {
  const arn = /^arn:aws:s3:[a-z0-9-]+:(\d{12}):accesspoint[/:]([a-z0-9-]+)$/.exec(name);
  if (arn) return [arn[1], arn[2]];
  const host = /^([a-z0-9-]+)-(\d{12})$/.exec(name);
  return host ? [host[2], host[1]] : [];
}
