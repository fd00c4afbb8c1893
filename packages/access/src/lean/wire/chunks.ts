/** Takes a body in chunks apart: RFC 9112, section 7.1. */
export class ChunkReader {
  #state: 'size' | 'data' | 'data-end' | 'trailer' | 'done' = 'size';
  #line = '';
  #missing = 0;

  get done(): boolean {
    return this.#state === 'done';
  }

  /** Gives the data in these bytes to `data`, and returns how many bytes were used. Throws Error for what is no chunk. */
  read(bytes: Buffer, data: (chunk: Buffer) => void): number {
    let at = 0;
    while (at < bytes.length && this.#state !== 'done') {
      if (this.#state === 'data') {
        const chunk = bytes.subarray(at, at + this.#missing);
        at += chunk.length;
        this.#missing -= chunk.length;
        if (this.#missing === 0) this.#state = 'data-end';
        data(chunk);
        continue;
      }
      const end = bytes.indexOf('\n', at);
      const stop = end === -1 ? bytes.length : end + 1;
      this.#line += bytes.toString('latin1', at, stop);
      at = stop;
      if (this.#line.length > 8192) throw new Error('a line of the answer does not end');
      if (end !== -1) this.#takeLine();
    }
    return at;
  }

  #takeLine(): void {
    const line = this.#line.replace(/\r?\n$/, '');
    this.#line = '';
    if (this.#state === 'data-end') {
      if (line !== '') throw new Error('a chunk of the answer is longer than it says');
      this.#state = 'size';
    } else if (this.#state === 'trailer') {
      if (line === '') this.#state = 'done';
    } else {
      const size = /^([\da-f]{1,8})\s*(?:;.*)?$/i.exec(line)?.[1];
      if (size === undefined) throw new Error('a chunk of the answer has no size');
      this.#missing = Number.parseInt(size, 16);
      this.#state = this.#missing === 0 ? 'trailer' : 'data';
    }
  }
}
