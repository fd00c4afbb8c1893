import { request, createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** What happens to one call: it never arrives, its answer is lost, or AWS fails. */
export type Fault = 'lost' | 'answer lost' | 'AWS fails' | 'denied';

export interface SeenCall {
  /** `PutBucketPolicy`, as near as the request tells. */
  name: string;
  isWrite: boolean;
}

/** Stands between a client and the sandbox, and spoils one call, or says of some that they are too many. */
export class FaultProxy {
  readonly #server: Server;
  readonly #target: URL;
  #calls: SeenCall[] = [];
  #at: number | undefined;
  #fault: Fault = 'lost';
  #throttled = { names: /^$/, left: 0 };

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#server = createServer((incoming, outgoing) => void this.#handle(incoming, outgoing));
  }

  static async before(target: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** A copy of the sandbox's profiles that leads through here. */
  profiles(original: string, folder: string, direct: string): string {
    const file = join(folder, 'proxied-config');
    writeFileSync(file, readFileSync(original, 'utf8').replaceAll(direct, this.endpoint), { mode: 0o600 });
    return file;
  }

  /** Starts to count anew; the call of this number, from 0, is spoilt. */
  arm(at?: number, fault: Fault = 'lost'): void {
    this.#calls = [];
    this.#at = at;
    this.#fault = fault;
  }

  /** The next so many calls of these names are answered as AWS does when they come too fast. */
  throttle(names: RegExp, times: number): void {
    this.#throttled = { names, left: times };
  }

  get calls(): readonly SeenCall[] {
    return this.#calls;
  }

  async #handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const number = this.#calls.length;
    const call = seen(incoming, body.toString('utf8'));
    this.#calls.push(call);
    if (this.#throttled.left > 0 && this.#throttled.names.test(call.name)) {
      this.#throttled.left--;
      return tooMany(incoming, outgoing);
    }
    const fault = number === this.#at ? this.#fault : undefined;
    if (fault === 'lost') return void incoming.socket.destroy();
    if (fault === 'AWS fails')
      return void outgoing
        .writeHead(500, { 'content-type': 'text/xml' })
        .end('<Error><Code>InternalError</Code></Error>');
    if (fault === 'denied')
      return void outgoing
        .writeHead(403, { 'content-type': 'text/xml' })
        .end('<Error><Code>AccessDenied</Code><Message>no</Message></Error>');
    const { hostname, port } = this.#target;
    const forward = request(
      { hostname, port, method: incoming.method, path: incoming.url, headers: incoming.headers },
      (answer) => {
        if (fault === 'answer lost') {
          answer.resume();
          answer.on('end', () => incoming.socket.destroy());
          return;
        }
        outgoing.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(outgoing);
      },
    );
    forward.on('error', () => incoming.socket.destroy());
    forward.end(body);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** As each protocol has it: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html and the services' common errors. */
function tooMany({ headers }: IncomingMessage, outgoing: ServerResponse): void {
  const said = 'Rate exceeded';
  if (headers['x-amz-target'] !== undefined)
    outgoing
      .writeHead(400, { 'content-type': 'application/x-amz-json-1.1' })
      .end(JSON.stringify({ __type: 'ThrottlingException', message: said }));
  else if (headers['content-type']?.includes('urlencoded'))
    outgoing
      .writeHead(400, { 'content-type': 'text/xml' })
      .end(
        `<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>${said}</Message></Error></ErrorResponse>`,
      );
  else
    outgoing
      .writeHead(503, { 'content-type': 'application/xml' })
      .end('<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>');
}

function seen({ method, url = '', headers }: IncomingMessage, body: string): SeenCall {
  const target = headers['x-amz-target'];
  const action =
    /(?:^|&)Action=(\w+)/.exec(body)?.[1] ??
    (typeof target === 'string' ? target.split('.').at(-1) : undefined);
  const name = action ?? `${method} ${url.split('&x-id')[0]}`;
  const isWrite =
    action === undefined
      ? method !== 'GET' && method !== 'HEAD'
      : !/^(?:Get|List|Describe|Assume)/.test(action);
  return { name, isWrite };
}
