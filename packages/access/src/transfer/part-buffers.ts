/** Memory that is used again for part after part, where the garbage collector would come too late. */
export class PartBuffers {
  readonly #size: number;
  readonly #free: Buffer[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  /** `length` bytes at most of the size of these buffers; `give` it back when nobody reads it any more. */
  take(length: number): Buffer {
    if (length > this.#size) return Buffer.allocUnsafeSlow(length);
    return (this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#size)).subarray(0, length);
  }

  give(buffer: Buffer): void {
    const { buffer: whole } = buffer;
    if (whole.byteLength === this.#size) this.#free.push(Buffer.from(whole));
  }
}
