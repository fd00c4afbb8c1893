import type { Readable } from 'node:stream';
import type { Source } from './source.ts';

/** Records that come on standard input, inflated or not. They are read once, and not kept. */
export function streamSource(stream: Readable): Source {
  return {
    name: 'standard input',
    async *list() {
      yield { key: '-', size: 0, stamp: '', open: async () => stream };
    },
  };
}
