import { AccessError } from '../errors.ts';

export const MiB = 1024 * 1024;

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
export const MOST_PARTS = 10_000;
const SMALLEST_PART = 5 * MiB;
const SMALLEST_RANGE = 65_536;
const LARGEST_PART = 5 * 1024 * MiB;
const LARGEST_OBJECT = MOST_PARTS * LARGEST_PART;

export const DEFAULT_PART = 8 * MiB;

/** Consecutive bytes of an object, numbered from 0. */
export interface Part {
  index: number;
  start: number;
  /** Bytes. */
  length: number;
}

/** How an object is cut up: every piece has `size` bytes, but the last, and the last before each multiple of `align`. */
export interface Cut {
  total: number;
  size: number;
  /** No piece crosses a multiple of this. */
  align?: number;
}

export function countParts({ total, size, align = total }: Cut): number {
  const whole = Math.floor(total / Math.max(align, 1));
  return whole * Math.ceil(align / size) + Math.ceil((total - whole * align) / size);
}

export function partAt({ total, size, align = total }: Cut, index: number): Part {
  const each = Math.ceil(align / size);
  const block = Math.floor(index / each);
  const start = block * align + (index % each) * size;
  return { index, start, length: Math.min(size, (block + 1) * align - start, total - start) };
}

/** In order, without those that are done. */
export function* missingParts(cut: Cut, done: ReadonlySet<number>): Iterable<Part> {
  const count = countParts(cut);
  for (let index = 0; index < count; index++) if (!done.has(index)) yield partAt(cut, index);
}

/** Throws `invalid-option` for what is no part size. */
export function checkPartSize(size: number | undefined): void {
  if (size === undefined || (Number.isSafeInteger(size) && size >= SMALLEST_RANGE && size <= LARGEST_PART))
    return;
  const help = 'pass bytes from 65,536 to 5 GiB; uploads need 5 MiB at least';
  throw new AccessError('invalid-option', `\`partSize\` cannot be ${size}`, help);
}

/** The wished part size, or what S3 takes at least, or the least above it with which an object of `total` bytes has no more parts than S3 takes. */
export function uploadPartSize(total: number, wish: number): number {
  if (total > LARGEST_OBJECT) {
    const help = 'cut it up: S3 keeps objects of up to 10,000 parts of 5 GiB';
    throw new AccessError('too-large', `${total} bytes are too many for one object`, help);
  }
  return Math.max(wish, SMALLEST_PART, Math.ceil(total / MOST_PARTS / MiB) * MiB);
}
