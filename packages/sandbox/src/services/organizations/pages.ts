import { AwsError } from '../../wire/errors.ts';

const LARGEST_PAGE = 20;

/** One page of a list, as Organizations pages: at most twenty. */
export function pageOf<T>(
  items: readonly T[],
  input: { NextToken?: string | undefined; MaxResults?: number | undefined },
): { page: T[]; more: { NextToken?: string } } {
  const size = input.MaxResults ?? LARGEST_PAGE;
  if (!Number.isInteger(size) || size < 1 || size > LARGEST_PAGE)
    throw new AwsError('InvalidInputException', `MaxResults is a number from 1 to ${LARGEST_PAGE}.`);
  const start = input.NextToken === undefined ? 0 : readToken(input.NextToken);
  const page = items.slice(start, start + size);
  const end = start + page.length;
  if (end >= items.length) return { page, more: {} };
  return { page, more: { NextToken: Buffer.from(`at ${end}`).toString('base64') } };
}

function readToken(token: string): number {
  const position = /^at (\d{1,9})$/.exec(Buffer.from(token, 'base64').toString('latin1'))?.[1];
  if (position !== undefined) return Number(position);
  throw new AwsError('InvalidInputException', 'The next token is not valid.');
}
