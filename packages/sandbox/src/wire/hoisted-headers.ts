import type { RequestHead } from './message.ts';

/** What a presigned URL's signature is made of. */
const SIGNATURE =
  /^x-amz-(algorithm|credential|date|expires|signedheaders|signature|security-token|content-sha256)$/;

/**
 * The head of a presigned request with what its query states as headers: an SDK that presigns puts all `x-amz-` headers
 * there. They are signed with the query.
 */
export function withHoistedHeaders(head: RequestHead): RequestHead {
  let headers: Record<string, string> | undefined;
  for (const [name, value] of head.query) {
    const lower = name.toLowerCase();
    if (!lower.startsWith('x-amz-') || SIGNATURE.test(lower) || lower in head.headers) continue;
    headers ??= {};
    headers[lower] = value;
  }
  return headers ? { ...head, headers: { ...head.headers, ...headers } } : head;
}
