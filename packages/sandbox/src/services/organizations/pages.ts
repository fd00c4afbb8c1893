import { AwsError } from '../../wire/errors.ts';
import { sliceAt } from '../pages.ts';

const LARGEST_PAGE = 20;

/** One page of a list, as Organizations pages: at most twenty. */
export function pageOf<T>(
  items: readonly T[],
  input: { NextToken?: string | undefined; MaxResults?: number | undefined },
): { page: T[]; more: { NextToken?: string } } {
  const size = input.MaxResults ?? LARGEST_PAGE;
  if (!Number.isInteger(size) || size < 1 || size > LARGEST_PAGE)
    throw new AwsError('InvalidInputException', `MaxResults is a number from 1 to ${LARGEST_PAGE}.`);
  const invalid = () => new AwsError('InvalidInputException', 'The next token is not valid.');
  const { page, next } = sliceAt(items, input.NextToken, size, invalid);
  return { page, more: next === undefined ? {} : { NextToken: next } };
}
