import { connect, type Socket } from 'node:net';

/** What came back for a request: the status of its answer, and the code of its error; nothing where none came. */
export interface Outcome {
  status: number | undefined;
  code: string | undefined;
}

/** A connection that sends requests one after the other, and is opened again when it was closed. */
class Connection {
  readonly #port: number;
  readonly #patience: number;
  #socket: Socket | undefined;
  #received = '';
  #settle: ((closed: boolean) => void) | undefined;

  constructor(port: number, patience: number) {
    this.#port = port;
    this.#patience = patience;
  }

  async send(request: Buffer): Promise<Outcome> {
    const socket = (this.#socket ??= this.#open());
    const isHead = request.subarray(0, 5).toString('latin1') === 'HEAD ';
    this.#received = '';
    socket.write(request);
    for (;;) {
      const read = readAnswer(this.#received, isHead);
      if (read) {
        if (read.closes) this.close();
        return read;
      }
      const ended = await this.#wait();
      if (!ended) continue;
      const last = readAnswer(this.#received, isHead);
      this.close();
      return last ?? { status: undefined, code: undefined };
    }
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #open(): Socket {
    const socket = connect(this.#port, '127.0.0.1');
    socket.on('data', (bytes) => {
      this.#received += bytes.toString('latin1');
      this.#settle?.(false);
    });
    socket.on('close', () => socket === this.#socket && this.#settle?.(true));
    socket.on('error', () => {});
    return socket;
  }

  /** Until more came; true where nothing more will, or nothing came for a while: a body that is still waited for. */
  #wait(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#settle?.(true), this.#patience);
      this.#settle = (closed) => {
        clearTimeout(timer);
        this.#settle = undefined;
        resolve(closed);
      };
    });
  }
}

function readAnswer(text: string, isHead: boolean): (Outcome & { closes: boolean }) | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const head = text.slice(0, end).toLowerCase();
  const status = Number(/^http\/1\.1 (\d{3})/.exec(head)?.[1]);
  // The server lets a client go on that waits for it; this one has sent everything already.
  if (status === 100) return readAnswer(text.slice(end + 4), isHead);
  const body = text.slice(end + 4);
  const length = Number(/\r\ncontent-length: (\d+)/.exec(head)?.[1] ?? 0);
  const isChunked = head.includes('\r\ntransfer-encoding: chunked');
  const whole = isHead || status === 204 || status === 304;
  if (!whole && (isChunked ? !body.endsWith('0\r\n\r\n') : body.length < length)) return undefined;
  const code = /<Code>([^<]*)<\/Code>/.exec(body)?.[1];
  return { status, code, closes: head.includes('\r\nconnection: close') };
}

/**
 * Sends requests over some connections at a time.
 * @param patience In milliseconds: how long to wait for an answer before the connection is given up.
 */
export async function throwAll(
  port: number,
  requests: Iterator<Buffer>,
  each: (outcome: Outcome, request: Buffer) => void,
  { connections = 16, patience = 300 } = {},
): Promise<void> {
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const connection = new Connection(port, patience);
      for (let next = requests.next(); !next.done; next = requests.next())
        each(await connection.send(next.value), next.value);
      connection.close();
    }),
  );
}
