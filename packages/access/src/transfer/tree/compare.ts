import type { Entry } from './entry.ts';

/**
 * When the same name counts as the same object: by size and time, by size alone, by checksum, or never. */
export type Comparison = 'time' | 'size' | 'checksum' | 'always';

export type Direction = 'upload' | 'download' | 'copy';

/** `look` where only more than the listings say can tell. */
export type Verdict = 'same' | 'different' | 'look';

const seconds = (milliseconds: number) => Math.floor(milliseconds / 1000);

/** Decides by what the listings of both sides say. */
export function compareEntries(
  source: Entry,
  target: Entry,
  comparison: Comparison,
  direction: Direction,
): Verdict {
  if (comparison === 'always' || source.size !== target.size) return 'different';
  if (comparison === 'size') return 'same';
  if (direction === 'copy' && source.etag === target.etag && isDigest(source.etag)) return 'same';
  if (comparison === 'checksum') return 'look';
  return BY_TIME[direction](seconds(source.modified), seconds(target.modified));
}

const isDigest = (etag: string | undefined) => /^"[0-9a-f]{32}"$/.test(etag ?? '');

const BY_TIME: Record<Direction, (source: number, target: number) => Verdict> = {
  // S3 tells seconds: a file of the very second of its upload may have changed since.
  upload: (file, object) => (file < object ? 'same' : file === object ? 'look' : 'different'),
  // A download by sync gets the time of its object.
  download: (object, file) => (object === file ? 'same' : 'different'),
  copy: (object, copy) => (object <= copy ? 'same' : 'different'),
};
