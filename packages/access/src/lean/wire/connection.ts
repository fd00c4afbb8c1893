import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectSecurely, type ConnectionOptions } from 'node:tls';
import type { SlicedBody } from '../../s3/object-calls.ts';
import { ConnectionError } from './connection-error.ts';
import { framingOf, keepsAlive, readHead, type AnswerHead } from './head.ts';
import { AnswerBody } from './answer-body.ts';

export interface Origin {
  secure: boolean;
  hostname: string;
  port: number;
}

export interface Answer extends AnswerHead {
  body: AnswerBody;
}

/** Where a connection goes when an exchange is over. */
export interface Keeper {
  /** It can take the next request. */
  free(connection: Connection): void;
  /** It is closed. */
  gone(connection: Connection): void;
}

const BUFFER = 256 * 1024;
const LONGEST_HEAD = 64 * 1024;
/** There is always as much for the next read. TLS goes on with what it has decrypted, whether we want more or not. */
const ROOM = 64 * 1024;
const HEAD_END = '\r\n\r\n';

/**
 * One connection, which takes one request at a time, and reads every answer into the same memory. Node asks at the end of
 * each read where the next is to go, so what has been read may be moved only then.
 */
export class Connection {
  readonly origin: Origin;
  readonly #keeper: Keeper;
  readonly #socket: Socket;
  readonly #idle: number;
  #buffer: Buffer = Buffer.allocUnsafeSlow(BUFFER);
  /** Read into while a sink still has the other. */
  #spare: Buffer | undefined;
  /** What the sink has part of, while the body is busy. */
  #lent: Buffer | undefined;
  /** What has been read and not used yet. */
  #start = 0;
  #end = 0;
  #waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined;
  #body: AnswerBody | undefined;
  #reusable = false;
  /** The whole request is on its way. */
  #sent = false;
  #requests = 0;
  #bytesOfAnswer = 0;
  #closed = false;

  constructor(origin: Origin, idle: number, keeper: Keeper) {
    this.origin = origin;
    this.#keeper = keeper;
    this.#idle = idle;
    const { secure, hostname, port } = origin;
    const onread = {
      buffer: () => this.#room(),
      callback: (bytes: number) => this.#read(bytes),
    };
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    const target = { host, port, onread };
    // The types of TLS leave `onread` out, which it takes.
    const secureTarget: ConnectionOptions = Object.assign(target, serverName(host));
    this.#socket = secure ? connectSecurely(secureTarget) : connectPlain(target);
    this.#socket.setNoDelay(true);
    this.#socket.setTimeout(idle);
    this.#socket.on('timeout', () => this.#timeOut());
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.#fail(error));
    this.#socket.on('end', () => this.#finishAtEnd());
    this.#socket.on('close', () => this.#fail(new Error('the connection was closed')));
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Resolves with the head of the answer. Rejects with a `ConnectionError`, or what it was destroyed with. */
  send(head: string, body: Uint8Array | SlicedBody | undefined): Promise<Answer> {
    this.#socket.ref();
    this.#requests++;
    this.#bytesOfAnswer = 0;
    this.#sent = false;
    return new Promise<Answer>((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#write(head, body);
    });
  }

  destroy(error: Error): void {
    this.#fail(error);
  }

  #write(head: string, body: Uint8Array | SlicedBody | undefined): void {
    const sent = (error?: Error | null) => {
      if (!error) this.#sent = true;
    };
    if (!body || body.length === 0) this.#socket.write(head, 'latin1', sent);
    else if (!(body instanceof Uint8Array))
      this.#writeSlices(head, body.chunks()).catch((error: Error) => this.#fail(error));
    else if (body.length <= JOINED)
      this.#socket.write(Buffer.concat([Buffer.from(head, 'latin1'), body]), sent);
    else if (this.origin.secure)
      this.#writeSlices(head, slices(body)).catch((error: Error) => this.#fail(error));
    else {
      this.#socket.cork();
      this.#socket.write(head, 'latin1');
      this.#socket.write(body, sent);
      this.#socket.uncork();
    }
  }

  /** TLS would encrypt all that it is given at once into memory of its own. */
  async #writeSlices(head: string, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> {
    this.#socket.write(head, 'latin1');
    for await (const chunk of chunks) {
      if (this.#closed || !this.#waiting) return;
      await new Promise<void>((resolve, reject) => {
        this.#socket.write(chunk, (error) => (error ? reject(error) : resolve()));
      });
    }
    this.#sent = true;
  }

  /** A head leaves room behind it, whatever comes with it. */
  #room(): Buffer {
    return this.#buffer.subarray(this.#end, this.#body ? undefined : this.#end + ROOM);
  }

  /** Returns whether to read on. */
  #read(bytes: number): boolean {
    this.#end += bytes;
    this.#bytesOfAnswer += bytes;
    try {
      const goOn = this.#advance();
      this.#makeRoom();
      return goOn;
    } catch (error) {
      this.#fail(error as Error);
      return false;
    }
  }

  #makeRoom(): void {
    const rest = this.#buffer.subarray(this.#start, this.#end);
    const lent = this.#body?.busy === true && this.#lent === this.#buffer;
    if (!lent && rest.length > 0 && this.#buffer.length - this.#end >= ROOM) return;
    let next = this.#buffer;
    if (lent) {
      next = this.#spare ?? Buffer.allocUnsafeSlow(BUFFER);
      this.#spare = this.#buffer;
    }
    if (next.length - rest.length < ROOM) next = Buffer.allocUnsafeSlow(rest.length + BUFFER);
    rest.copy(next);
    this.#buffer = next;
    this.#start = 0;
    this.#end = rest.length;
  }

  #advance(): boolean {
    while (this.#waiting) {
      const end = this.#buffer.subarray(0, this.#end).indexOf(HEAD_END, this.#start, 'latin1');
      if (end === -1) {
        if (this.#end - this.#start >= LONGEST_HEAD) throw new Error('the head of the answer does not end');
        return true;
      }
      const head = readHead(this.#buffer.toString('latin1', this.#start, end));
      this.#start = end + HEAD_END.length;
      // 100 Continue and the like.
      if (head.status >= 200) this.#answer(head);
    }
    return this.#pass();
  }

  #answer(head: AnswerHead): void {
    const body = new AnswerBody(framingOf(head), { wake: () => this.#wake(), hangUp: () => this.#close() });
    const { resolve } = this.#waiting!;
    this.#waiting = undefined;
    this.#reusable = keepsAlive(head);
    this.#body = body;
    if (body.done) this.#finish();
    resolve({ ...head, body });
  }

  /** Hands on what there is of a body. Returns whether to read on. */
  #pass(): boolean {
    const body = this.#body;
    if (!body) {
      if (this.#end > this.#start) throw new Error('the server sent more than it was asked for');
      return !this.#closed;
    }
    const used = body.take(this.#buffer.subarray(this.#start, this.#end));
    this.#start += used;
    if (used > 0) this.#lent = this.#buffer;
    if (body.satisfied) {
      if (body.done) this.#finish();
      else this.#close();
      body.settle();
      return !this.#closed;
    }
    return body.wanted && !body.busy;
  }

  /** The reader of the body is ready for more. */
  #wake(): void {
    if (this.#closed) return;
    try {
      if (this.#pass()) this.#socket.resume();
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #finish(): void {
    this.#body = undefined;
    if (!this.#reusable || !this.#sent || this.#start < this.#end) {
      this.#close();
      return;
    }
    this.#socket.unref();
    this.#socket.resume();
    this.#keeper.free(this);
  }

  #finishAtEnd(): void {
    this.#body?.end();
    this.#wake();
  }

  #timeOut(): void {
    if (!this.#waiting && !this.#body) this.#close();
    else if (!this.#body?.busy)
      this.#fail(
        Object.assign(new Error(`nothing came for ${this.#idle / 1000} seconds`), {
          name: 'TimeoutError',
          code: 'ETIMEDOUT',
        }),
      );
  }

  #fail(error: NodeJS.ErrnoException): void {
    if (this.#closed) return;
    this.#close();
    const stale = this.#requests > 1 && this.#bytesOfAnswer === 0;
    const { name, message, code } = error;
    const failure =
      error instanceof ConnectionError || name === 'AbortError' || !(error instanceof Error)
        ? error
        : new ConnectionError(name, message, code ?? 'ECONNRESET', stale, error);
    this.#waiting?.reject(failure);
    this.#body?.fail(failure);
    this.#waiting = undefined;
    this.#body = undefined;
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.destroy();
    this.#keeper.gone(this);
  }
}

/** An address is no name. */
const serverName = (host: string) => (isIP(host) === 0 ? { servername: host } : {});

/** Sent in one piece with their head. */
const JOINED = 16 * 1024;
const SLICE = 256 * 1024;

function* slices(body: Uint8Array): Iterable<Uint8Array> {
  for (let at = 0; at < body.length; at += SLICE) yield body.subarray(at, at + SLICE);
}
