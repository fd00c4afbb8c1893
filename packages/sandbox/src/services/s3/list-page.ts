import { afterPrefix } from '../../store/object-keys.ts';

/** What a listing asks for. */
export interface PageRequest<Position> {
  prefix: string;
  delimiter: string | undefined;
  /** Where it starts. */
  from: Position | undefined;
  /** Keys and common prefixes at most. */
  limit: number;
}

export interface Page<Item> {
  items: Item[];
  prefixes: string[];
  /** The last item or common prefix of a page that is not the last. */
  last?: Item | string;
  /** What the next page starts with, where there is one. */
  next?: Item;
}

/**
 * Lists items of a range up to a limit, rolled up into common prefixes; what lies within a common prefix is skipped by
 * a seek, not read.
 * @param scan Items under the prefix, in order, from a position on.
 * @param at Position of the first item of a key.
 */
export function listPage<Item extends { key: Buffer }, Position>(
  scan: (from: Position | undefined) => Iterable<Item>,
  at: (key: Buffer) => Position,
  { prefix, delimiter, from, limit }: PageRequest<Position>,
): Page<Item> {
  const page: Page<Item> = { items: [], prefixes: [] };
  if (limit === 0) return page;
  let position = from;
  let last: Item | string | undefined;
  for (;;) {
    let skipTo: Buffer | undefined;
    for (const item of scan(position)) {
      if (page.items.length + page.prefixes.length === limit) return { ...page, last: last!, next: item };
      const common = delimiter ? commonPrefix(item.key, prefix, delimiter) : undefined;
      last = common ?? item;
      if (common === undefined) page.items.push(item);
      else {
        page.prefixes.push(common);
        skipTo = afterPrefix(Buffer.from(common));
        break;
      }
    }
    if (!skipTo) return page;
    position = at(skipTo);
  }
}

/** The key that a listing starts with which is to list what comes after a key, or after a common prefix. */
export function keyAfter(marker: string, prefix: string, delimiter: string | undefined): Buffer {
  const common = withinCommonPrefix(marker, prefix, delimiter);
  return common === undefined ? Buffer.from(`${marker}\0`) : afterPrefix(Buffer.from(common));
}

/** The common prefix that a marker stands for: it was listed before, so everything in it is skipped. */
export function withinCommonPrefix(
  marker: string,
  prefix: string,
  delimiter: string | undefined,
): string | undefined {
  if (!delimiter || !marker.startsWith(prefix)) return undefined;
  const end = marker.indexOf(delimiter, prefix.length);
  return end === -1 ? undefined : marker.slice(0, end + delimiter.length);
}

function commonPrefix(key: Buffer, prefix: string, delimiter: string): string | undefined {
  const name = key.toString('utf8');
  const end = name.indexOf(delimiter, prefix.length);
  return end === -1 ? undefined : name.slice(0, end + delimiter.length);
}
