import type { AccessError } from '../../errors.ts';

/** A file or an object, by its name below the root of its side: `a/b.txt`. */
export interface Entry {
  name: string;
  /** Bytes. */
  size: number;
  /** Milliseconds. */
  modified: number;
  /** Of an object. */
  etag?: string;
  /** Of a file, to nanoseconds. */
  mtimeNs?: bigint;
}

/** What could not be read. A name that ends in a slash stands for everything below it. */
export interface Trouble {
  name: string;
  error: AccessError;
}

/** What is left out, and need not be said to have failed. */
export interface Skipped {
  name: string;
  skipped: string;
}

/** What a side yields, in the order of the bytes of the names. */
export type Found = Entry | Trouble | Skipped;

export const isTrouble = (found: Found): found is Trouble => 'error' in found;
export const isSkipped = (found: Found): found is Skipped => 'skipped' in found;
