import { Worker } from 'node:worker_threads';

// The hashes of a large body take longer than all else that is done with it, so another thread computes them meanwhile.
// Bytes go there through a ring of shared memory: a message for each piece would cost as much as some of the hashing. The
// thread sleeps while there is nothing to hash, and does not keep the process alive.

/** Bytes of one place in the ring. */
const ROOM = 65_536;
const PLACES = 16;
/** Numbers that go with each place: whose bytes, how many, what to do, with which algorithm. */
const NOTES = 4;
/** Numbers before those of the places: pieces that were put into the ring, and pieces that are done. */
const [PUT, DONE, NOTES_AT] = [0, 1, 2];
const [UPDATE, DIGEST, FORGET] = [0, 1, 2];

const ALGORITHMS = ['md5', 'sha256'] as const;
export type ThreadAlgorithm = (typeof ALGORITHMS)[number];

/** As a text: the sources, what is compiled of them and the bundle have no file of one name for it. */
const PROGRAM = `
const { createHash } = require('node:crypto');
const { parentPort, workerData: { ring, notes, algorithms } } = require('node:worker_threads');
const bytes = Buffer.from(ring);
const hashes = new Map();
for (let done = 0; ; ) {
  // A wake-up may be of a piece that was taken before it came.
  while (Atomics.load(notes, ${PUT}) === done) Atomics.wait(notes, ${PUT}, done);
  const place = done & ${PLACES - 1};
  const at = ${NOTES_AT} + place * ${NOTES};
  const [id, size, task, algorithm] = notes.subarray(at, at + ${NOTES});
  const hash = hashes.get(id) ?? createHash(algorithms[algorithm]);
  if (task === ${UPDATE}) {
    hash.update(bytes.subarray(place * ${ROOM}, place * ${ROOM} + size));
    hashes.set(id, hash);
  } else {
    if (task === ${DIGEST}) parentPort.postMessage({ id, digest: hash.digest('hex') });
    hashes.delete(id);
  }
  done = (done + 1) | 0;
  Atomics.store(notes, ${DONE}, done);
  Atomics.notify(notes, ${DONE});
}
`;

/** No library that is loaded declares it. */
const { waitAsync } = Atomics as unknown as {
  waitAsync(array: Int32Array, index: number, value: number): { value: Promise<unknown> | string };
};

interface Waiting {
  resolve(digest: string): void;
  reject(error: unknown): void;
}

class HashThread {
  readonly #bytes: Buffer;
  readonly #notes = new Int32Array(new SharedArrayBuffer(4 * (NOTES_AT + PLACES * NOTES)));
  readonly #digests = new Map<number, Waiting>();
  #failure: unknown;
  #put = 0;
  #ids = 0;

  constructor() {
    const ring = new SharedArrayBuffer(PLACES * ROOM);
    this.#bytes = Buffer.from(ring);
    const worker = new Worker(PROGRAM, {
      eval: true,
      workerData: { ring, notes: this.#notes, algorithms: ALGORITHMS },
      // Options of the process would preload its modules here, or make the program one for `import`.
      execArgv: [],
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1 },
    });
    worker.on('message', ({ id, digest }: { id: number; digest: string }) => {
      this.#digests.get(id)?.resolve(digest);
      this.#digests.delete(id);
    });
    worker.on('error', (error) => {
      this.#failure = error;
      for (const { reject } of this.#digests.values()) reject(error);
      if (thread === this) thread = undefined;
      // Whoever waits for room finds the failure instead.
      Atomics.notify(this.#notes, DONE!);
    });
    worker.unref();
  }

  newId(): number {
    this.#ids = (this.#ids + 1) | 0;
    return this.#ids;
  }

  /** @returns Nothing where the bytes are taken over already. */
  update(id: number, algorithm: number, bytes: Uint8Array): Promise<void> | undefined {
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#isFull()) return this.#updateLater(id, algorithm, rest);
      const piece = rest.subarray(0, ROOM);
      this.#bytes.set(piece, (this.#put & (PLACES - 1)) * ROOM);
      this.#hand(id, piece.length, UPDATE!, algorithm);
      rest = rest.subarray(piece.length);
    }
    return undefined;
  }

  async #updateLater(id: number, algorithm: number, bytes: Uint8Array): Promise<void> {
    await this.#progress();
    await this.update(id, algorithm, bytes);
  }

  async digest(id: number, algorithm: number): Promise<string> {
    while (this.#isFull()) await this.#progress();
    const digest = new Promise<string>((resolve, reject) => this.#digests.set(id, { resolve, reject }));
    this.#hand(id, 0, DIGEST!, algorithm);
    return digest;
  }

  async forget(id: number): Promise<void> {
    while (this.#isFull()) await this.#progress();
    this.#hand(id, 0, FORGET!, 0);
  }

  #isFull(): boolean {
    if (this.#failure !== undefined) throw this.#failure;
    return ((this.#put - Atomics.load(this.#notes, DONE!)) | 0) >= PLACES;
  }

  /** Waits until one piece more is done. */
  async #progress(): Promise<void> {
    await waitAsync(this.#notes, DONE!, (this.#put - PLACES) | 0).value;
  }

  #hand(...notes: [id: number, size: number, task: number, algorithm: number]): void {
    this.#notes.set(notes, NOTES_AT! + (this.#put & (PLACES - 1)) * NOTES);
    this.#put = (this.#put + 1) | 0;
    Atomics.store(this.#notes, PUT!, this.#put);
    Atomics.notify(this.#notes, PUT!);
  }
}

let thread: HashThread | undefined;

/** A hash that another thread computes. */
export class ThreadHash {
  readonly #thread = (thread ??= new HashThread());
  readonly #id = this.#thread.newId();
  readonly #algorithm: number;

  constructor(algorithm: ThreadAlgorithm) {
    this.#algorithm = ALGORITHMS.indexOf(algorithm);
  }

  /** What it gives is to be awaited before the next. */
  update(bytes: Uint8Array): Promise<void> | undefined {
    return this.#thread.update(this.#id, this.#algorithm, bytes);
  }

  /** In hexadecimal. */
  digest(): Promise<string> {
    return this.#thread.digest(this.#id, this.#algorithm);
  }

  /** Call instead of `digest` where nobody wants it. */
  async forget(): Promise<void> {
    await this.#thread.forget(this.#id);
  }
}
