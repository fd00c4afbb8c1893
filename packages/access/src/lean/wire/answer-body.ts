import type { ByteSource, Sink } from '../../s3/byte-source.ts';
import { ChunkReader } from './chunks.ts';
import type { Framing } from './head.ts';

/** The connection that a body comes by. */
export interface BodyOwner {
  /** Somebody wants the body, or can take more of it. */
  wake(): void;
  hangUp(): void;
}

interface Reader {
  missing: number;
  sink: Sink;
  resolve: () => void;
  reject: (error: Error) => void;
}

/** Enough to be worth a write of its own. */
const WORTHWHILE = 128 * 1024;

/** The body of an answer: what its connection has read goes to whoever wants it, in the connection's own memory. */
export class AnswerBody implements ByteSource {
  readonly #owner: BodyOwner;
  readonly #chunks: ChunkReader | undefined;
  /** Of the body; Infinity where only its end will tell. */
  #left: number;
  #reader: Reader | undefined;
  #busy = false;
  #failure: Error | undefined;
  #over: (() => void) | undefined;

  constructor(framing: Framing, owner: BodyOwner) {
    this.#owner = owner;
    this.#left = framing.kind === 'length' ? framing.bytes : Infinity;
    this.#chunks = framing.kind === 'chunked' ? new ChunkReader() : undefined;
  }

  /** Called when the connection has nothing more to do with it. */
  onceOver(over: () => void): void {
    if (this.done || this.#failure) over();
    else this.#over = over;
  }

  /** All of it has passed. */
  get done(): boolean {
    return this.#left === 0;
  }

  /** A sink still has the memory. */
  get busy(): boolean {
    return this.#busy;
  }

  /** Somebody reads it. */
  get wanted(): boolean {
    return this.#reader !== undefined;
  }

  /** The reader has all that it wanted, or all that there is. */
  get satisfied(): boolean {
    return !this.#busy && (this.#left === 0 || this.#reader?.missing === 0);
  }

  pour(wanted: number, sink: Sink): Promise<void> {
    const short = wanted - this.#left;
    return this.#open(wanted, sink, short > 0 ? new Error(`${short} bytes are missing`) : undefined);
  }

  async text(longest: number): Promise<string> {
    const chunks: Buffer[] = [];
    let size = 0;
    const keep = (chunk: Buffer) => {
      if (size < longest) chunks.push(Buffer.from(chunk));
      size += chunk.length;
      return undefined;
    };
    await this.#open(this.#left, keep);
    return Buffer.concat(chunks).toString('utf8');
  }

  close(): void {
    this.#over?.();
    if (!this.done) this.#owner.hangUp();
  }

  #open(missing: number, sink: Sink, problem = this.#failure): Promise<void> {
    if (problem) {
      this.close();
      return Promise.reject(problem);
    }
    if (this.done) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#reader = { missing, sink, resolve, reject };
      this.#owner.wake();
    });
  }

  /** Returns how many of these bytes it has used. */
  take(bytes: Buffer): number {
    const reader = this.#reader;
    if (!reader || this.#busy) return 0;
    if (this.#chunks) return this.#takeChunks(this.#chunks, reader, bytes);
    const wanted = Math.min(reader.missing, this.#left);
    const length = Math.min(bytes.length, wanted);
    if (length === 0 || (length < wanted && length < WORTHWHILE && wanted !== Infinity)) return 0;
    reader.missing -= length;
    this.#left -= length;
    this.#give(reader, bytes.subarray(0, length));
    return length;
  }

  /** Bodies in chunks are short: errors, and answers of servers that are not AWS. */
  #takeChunks(chunks: ChunkReader, reader: Reader, bytes: Buffer): number {
    const data: Buffer[] = [];
    const used = chunks.read(bytes, (chunk) => data.push(chunk));
    const all = Buffer.concat(data);
    if (all.length > reader.missing) throw new Error('the answer is longer than it should be');
    reader.missing -= all.length;
    if (chunks.done) this.#left = 0;
    if (all.length > 0) this.#give(reader, all);
    return used;
  }

  #give({ sink, reject }: Reader, chunk: Buffer): void {
    const taken = sink(chunk);
    if (!taken) return;
    this.#busy = true;
    taken.then(
      () => {
        this.#busy = false;
        this.#owner.wake();
      },
      (error: Error) => {
        this.#busy = false;
        this.#reader = undefined;
        reject(error);
        this.#owner.hangUp();
      },
    );
  }

  /** Tells the reader that it has what it wanted. */
  settle(): void {
    this.#over?.();
    const reader = this.#reader;
    this.#reader = undefined;
    if (!reader || reader.missing === 0 || reader.missing === Infinity) reader?.resolve();
    else reader.reject(new Error(`${reader.missing} bytes are missing`));
  }

  /** The server has ended the connection: so ends a body that says nothing of its length. */
  end(): void {
    if (this.#left === Infinity && !this.#chunks) this.#left = 0;
  }

  fail(error: Error): void {
    this.#failure = error;
    this.#over?.();
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.reject(error);
  }
}
