import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { EXIT } from '../exit-codes.ts';

/** Whoever reads has seen enough (`| head`): no reason for an error. */
export function endQuietlyOnBrokenPipe(out: Writable): void {
  out.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(EXIT.done);
  });
}

/** Writes, and returns a promise where whoever reads has not kept up. */
export function noFasterThan(out: Writable): (text: string) => Promise<void> | undefined {
  let draining: Promise<void> | undefined;
  return (text) => {
    if (out.write(text)) return undefined;
    draining ??= once(out, 'drain').then(() => {
      draining = undefined;
    });
    return draining;
  };
}

/** Lines in pieces that are worth a write, no faster than they are taken. */
export class LineWriter {
  readonly #out: Writable;
  #lines = '';

  constructor(out: Writable) {
    this.#out = out;
  }

  async add(line: string): Promise<void> {
    this.#lines += `${line}\n`;
    if (this.#lines.length > 32_768) await this.flush();
  }

  async flush(): Promise<void> {
    const text = this.#lines;
    this.#lines = '';
    if (text !== '' && !this.#out.write(text)) await once(this.#out, 'drain');
  }
}
