import type { ObjectEntry, PrefixEntry } from '@crossbucket/access';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { printable, type Terminal } from '../terminal.ts';
import type { AccessOptions } from './access-options.ts';
import { parseS3, showLocation } from './location.ts';
import { openLocation } from './open-location.ts';
import { endQuietlyOnBrokenPipe, LineWriter } from './standard-output.ts';
import { count, humanBytes } from './units.ts';

export interface ListFlags extends AccessOptions {
  recursive?: boolean;
  human?: boolean;
  totals?: boolean;
  json?: boolean;
}

type Listed = ObjectEntry | PrefixEntry;

const SIZE_WIDTH = 14;

/** `crossbucket ls`. */
export async function runList(place: string, flags: ListFlags, terminal: Terminal): Promise<ExitCode> {
  const location = parseS3(place);
  const bucket = await openLocation(location, 'list', flags);
  endQuietlyOnBrokenPipe(terminal.out);
  const lines = new LineWriter(terminal.out);
  const totals = { objects: 0, bytes: 0, prefixes: 0 };
  const shown = flags.recursive ? 0 : location.key.lastIndexOf('/') + 1;
  const delimiter = flags.recursive ? {} : { delimiter: '/' };
  for await (const entry of bucket.list({ prefix: location.key, ...delimiter })) {
    if ('key' in entry) {
      totals.objects++;
      totals.bytes += entry.size;
    } else totals.prefixes++;
    await lines.add(flags.json ? JSON.stringify(entry) : line(entry, shown, flags.human === true));
  }
  if (flags.totals)
    await lines.add(
      flags.json
        ? JSON.stringify({ totals })
        : `${count(totals.objects, 'object')}, ${flags.human ? humanBytes(totals.bytes) : count(totals.bytes, 'byte')}`,
    );
  await lines.flush();
  if (totals.objects + totals.prefixes > 0 || location.key === '') return EXIT.done;
  terminal.err.write(`there is nothing under ${printable(showLocation(location))}\n`);
  return EXIT.no;
}

/** `2026-01-02T03:04:05Z        12345 name`, the name without its first `from` characters. */
function line(entry: Listed, from: number, human: boolean): string {
  if (!('key' in entry))
    return `${' '.repeat(20)} ${'PRE'.padStart(SIZE_WIDTH)} ${printable(entry.prefix.slice(from))}`;
  const time = `${entry.modified.toISOString().slice(0, 19)}Z`;
  const size = human ? humanBytes(entry.size) : String(entry.size);
  return `${time} ${size.padStart(SIZE_WIDTH)} ${printable(entry.key.slice(from))}`;
}
