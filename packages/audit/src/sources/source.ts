import type { Readable } from 'node:stream';
import type { Scope } from './key-layout.ts';

/** A file of records, wherever it is. */
export interface SourceFile {
  /** Its name within the source. */
  key: string;
  size: number;
  /** Changes with the content. */
  stamp: string;
  open(): Promise<Readable>;
}

export interface Source {
  /** As people write it. */
  name: string;
  /** What tells it from any other, for the cache; without, nothing is kept. */
  id?: string;
  /** What cannot be seen in it. */
  note?: string;
  /** Where it is asked by time: how late something may come to be in it, in milliseconds. */
  lookBack?: number;
  list(scope: Scope): AsyncIterable<SourceFile>;
}
