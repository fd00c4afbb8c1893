import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crcOf, encodeCrc } from '../checksums/crc.ts';

/** What the server does with one request in place of what it should. */
export type Fault =
  | undefined
  /** Sends so many bytes of the body, then hangs up. */
  | { breakAfter: number }
  /** Turns over one bit of the body. */
  | 'alter'
  | { status: number; code: string };

export interface ObjectServer {
  url: string;
  bytes: Buffer;
  etag: string;
  modified: Date;
  headers: Record<string, string>;
  /** Of the upload that made it: what a HEAD of part 1 answers. */
  partSize: number | undefined;
  /** Method and range of each request, in order. */
  requests: { method: string; range: string | undefined; key: string }[];
  fault: (request: { method: string; range: string | undefined }, index: number) => Fault;
  /** Awaited before each answer. */
  before: (index: number) => Promise<unknown> | undefined;
  close(): Promise<void>;
}

/** Serves one object under every key, whole and by ranges, with faults where the test wants them. */
export async function startObjectServer(bytes: Buffer): Promise<ObjectServer> {
  const http = createServer((request, response) => void answer(request, response));
  http.listen(0, '127.0.0.1');
  await new Promise((resolve) => http.once('listening', resolve));
  const server: ObjectServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    bytes,
    etag: '"e-1"',
    modified: new Date('2026-01-02T03:04:05Z'),
    headers: { 'x-amz-checksum-crc64nvme': encodeCrc('CRC64NVME', crcOf('CRC64NVME', bytes)) },
    partSize: undefined,
    requests: [],
    fault: () => undefined,
    before: () => undefined,
    async close() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };

  async function answer({ method = '', headers, url }: IncomingMessage, response: ServerResponse) {
    const request = { method, range: headers.range, key: decodeURIComponent(url!.split('?')[0]!) };
    const index = server.requests.push(request) - 1;
    await server.before(index);
    const fault = server.fault(request, index);
    if (typeof fault === 'object' && 'status' in fault) return fail(response, fault);
    const { etag, modified } = server;
    if (headers['if-match'] !== undefined && headers['if-match'] !== etag)
      return fail(response, { status: 412, code: 'PreconditionFailed' });
    const size = server.bytes.length;
    if (url!.includes('partNumber=1')) {
      response.writeHead(206, { etag, 'content-length': Math.min(server.partSize ?? size, size) });
      response.end();
      return undefined;
    }
    const [, start, end] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? [];
    const from = Number(start ?? 0);
    const to = Math.min(Number(end || size - 1), size - 1);
    const body = Buffer.from(server.bytes.subarray(from, to + 1));
    if (fault === 'alter') body[0] = body[0]! ^ 1;
    response.writeHead(start === undefined ? 200 : 206, {
      etag,
      'last-modified': modified.toUTCString(),
      'content-length': body.length,
      ...(start === undefined ? server.headers : { 'content-range': `bytes ${from}-${to}/${size}` }),
    });
    if (typeof fault === 'object') {
      response.write(body.subarray(0, fault.breakAfter), () => response.destroy());
      return undefined;
    }
    response.end(method === 'HEAD' ? undefined : body);
    return undefined;
  }
  return server;
}

function fail(response: ServerResponse, { status, code }: { status: number; code: string }): void {
  response.writeHead(status, { 'content-type': 'application/xml' });
  response.end(`<Error><Code>${code}</Code><Message>${code} it is</Message></Error>`);
}
