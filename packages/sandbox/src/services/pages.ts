import type { AwsError } from '../wire/errors.ts';

/**
 * One page of a list, and the token of the next where there is one.
 * @param invalid What to throw for a token that was not given out here.
 */
export function sliceAt<T>(
  items: readonly T[],
  token: string | undefined,
  size: number,
  invalid: () => AwsError,
): { page: T[]; next?: string } {
  const start = token === undefined ? 0 : readToken(token, invalid);
  const page = items.slice(start, start + size);
  const end = start + page.length;
  return end < items.length ? { page, next: Buffer.from(`at ${end}`).toString('base64') } : { page };
}

function readToken(token: string, invalid: () => AwsError): number {
  const position = /^at (\d{1,9})$/.exec(Buffer.from(token, 'base64').toString('latin1'))?.[1];
  if (position !== undefined) return Number(position);
  throw invalid();
}
