import { AccessError } from '../../errors.ts';
import { compareBytes } from '../../byte-order.ts';
import { isTrouble, type Found } from './entry.ts';

/** What the two sides have under one name. */
export interface Pair {
  source?: Found;
  target?: Found;
}

/**
 * Brings two listings together without holding either. Both must be in the order of bytes: whatever is not would be taken
 * for missing, so it is refused.
 */
export async function* joinSides(
  source: AsyncIterable<Found>,
  target: AsyncIterable<Found>,
): AsyncGenerator<Pair> {
  const sources = inOrder(source);
  const targets = inOrder(target);
  /** Below this folder of the source, nobody knows what there is. */
  let unread: string | undefined;
  try {
    let [left, right] = await Promise.all([sources.next(), targets.next()]);
    while (left || right) {
      const order = !left ? 1 : right ? compareBytes(left.name, right.name) : -1;
      if (left && order <= 0) {
        if (isTrouble(left) && left.name.endsWith('/')) unread = left.name;
        yield { source: left, ...(order === 0 && { target: right }) };
        const matched = order === 0;
        [left, right] = await Promise.all([sources.next(), matched ? targets.next() : right]);
      } else {
        if (unread === undefined || !right!.name.startsWith(unread)) yield { target: right };
        right = await targets.next();
      }
    }
  } finally {
    await Promise.all([sources.close(), targets.close()]);
  }
}

function inOrder(found: AsyncIterable<Found>) {
  const iterator = found[Symbol.asyncIterator]();
  let last: string | undefined;
  return {
    async next(): Promise<Found | undefined> {
      const { done, value } = await iterator.next();
      if (done) return undefined;
      const entry = value as Found;
      if (last !== undefined && compareBytes(last, entry.name) > 0) throw unsorted(last, entry.name);
      last = entry.name;
      return entry;
    },
    close: () => iterator.return?.(),
  };
}

const unsorted = (before: string, after: string) =>
  new AccessError(
    'listing-unsorted',
    `the listing has \`${after}\` after \`${before}\`, and so cannot be compared`,
    'directory buckets list in no order: copy with `cp --recursive` instead',
  );
