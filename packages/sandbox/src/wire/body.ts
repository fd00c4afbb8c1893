import type { IncomingMessage } from 'node:http';
import { AwsChunkedDecoder, STREAMING_FORMS } from './aws-chunked.ts';
import { BodyChecks } from './body-checks.ts';
import type { ChecksumAlgorithm } from './checksums.ts';
import { AwsError } from './errors.ts';
import { HmacKey } from './hmac-key.ts';
import { endWhenIdle } from './idle.ts';
import { header, type RequestHead } from './message.ts';
import type { Signature } from './signature.ts';
import type { SigningKey } from './sigv4.ts';

/** Of a body whose chunks are not signed. */
const NO_KEY = new HmacKey(new Uint8Array());

/** What a handler reads an object's bytes from. */
export interface IncomingBody {
  /** Bytes that will come, decoded. */
  readonly length: number | undefined;
  /** True where nothing tells the length before the end, and nothing needs to. */
  readonly isUnsized?: boolean;
  /** Checksum that the client states, once the body is read: its algorithm and value. */
  readonly checksum: { algorithm: ChecksumAlgorithm; value: string } | undefined;
  /** The data in pieces. Throws AwsError as soon as something does not hold. */
  chunks(): AsyncIterable<Buffer>;
  /** The whole, if it is not longer than a limit in bytes. */
  collect(limit: number): Promise<Buffer>;
}

/**
 * The body of a request to S3: decoded and checked while it is read. Whoever reads it may keep the bytes only if the
 * iteration ends without an error.
 */
export class RequestBody implements IncomingBody {
  readonly length: number | undefined;
  checksum: IncomingBody['checksum'];
  readonly #source: IncomingMessage;
  readonly #head: RequestHead;
  readonly #signature: Signature | undefined;
  readonly #decoder: AwsChunkedDecoder | undefined;
  readonly #beforeReading: () => void;

  /**
   * @param key Signing key of the request, for the signatures of chunks.
   * @param beforeReading Called before the first byte is asked for, to let a client go on that waits for that.
   */
  constructor(
    source: IncomingMessage,
    head: RequestHead,
    signature: Signature | undefined,
    key: SigningKey | undefined,
    beforeReading: () => void,
  ) {
    this.#source = source;
    this.#head = head;
    this.#signature = signature;
    this.#beforeReading = beforeReading;
    const form = STREAMING_FORMS[signature?.payloadHash ?? header(head, 'x-amz-content-sha256') ?? ''];
    if (form && form.signed && (!signature || !key))
      throw new AwsError('InvalidRequest', 'An anonymous request cannot have signed chunks.');
    if (form) {
      const signing = { key: NO_KEY, scope: '', ...key };
      this.#decoder = new AwsChunkedDecoder(form, {
        ...signing,
        timestamp: signature?.timestamp ?? '',
        seed: signature?.signature ?? '',
      });
    }
    this.length = readLength(head, form ? 'x-amz-decoded-content-length' : 'content-length');
  }

  /** The data, decoded, in pieces. Throws AwsError as soon as something does not hold. */
  async *chunks(): AsyncGenerator<Buffer> {
    this.#beforeReading();
    const checks = new BodyChecks(this.#head, this.#signature, this.length);
    let received = 0;
    let isWhole = false;
    try {
      for await (const bytes of bytesOf(this.#source)) {
        for (const part of this.#decoder ? this.#decoder.push(bytes) : [bytes]) {
          received += part.length;
          if (this.length !== undefined && received > this.length) break;
          await checks.update(part);
          yield part;
        }
      }
      this.#decoder?.finish();
      if (this.length !== undefined && received !== this.length) throw incompleteBody();
      isWhole = true;
    } finally {
      if (!isWhole) await checks.forget();
    }
    this.checksum = await checks.finish(this.#decoder?.trailers ?? new Map());
  }

  /**
   * The whole body.
   * @param limit In bytes; a longer body is refused.
   */
  async collect(limit: number): Promise<Buffer> {
    this.#beforeReading();
    const checks = new BodyChecks(this.#head, this.#signature, 0);
    const tooLong = () => new AwsError('MaxMessageLengthExceeded', 'Your request was too big.');
    const sent = await readWhole(this.#source, this.#decoder ? limit * MOST_FRAMING : limit, tooLong);
    const parts = this.#decoder ? this.#decoder.push(sent) : [sent];
    const data = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    if (data.length > limit) throw tooLong();
    if (this.length === undefined || data.length <= this.length) void checks.update(data);
    this.#decoder?.finish();
    if (this.length !== undefined && data.length !== this.length) throw incompleteBody();
    this.checksum = await checks.finish(this.#decoder?.trailers ?? new Map());
    return data;
  }
}

/** How much longer than its data an aws-chunked body may be. */
const MOST_FRAMING = 2;

function incompleteBody(): AwsError {
  return new AwsError(
    'IncompleteBody',
    'You did not provide the number of bytes specified by the Content-Length HTTP header',
  );
}

/** The bytes of a request. Who stops before the end leaves the rest to be read, and the connection as it is. */
export function bytesOf(request: IncomingMessage): AsyncIterable<Buffer> {
  return {
    [Symbol.asyncIterator]: () => {
      endWhenIdle(request);
      return request.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
    },
  };
}

const NOTHING = Buffer.alloc(0);

/** All bytes of a request, by its events: an iterator over a small body costs more than all that is done with it. */
export function readWhole(request: IncomingMessage, limit: number, tooLong: () => AwsError): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    const onData = (part: Buffer): void => {
      size += part.length;
      if (size <= limit) {
        parts.push(part);
        return;
      }
      request.off('data', onData);
      reject(tooLong());
    };
    endWhenIdle(request);
    request.on('data', onData);
    request.on('end', () =>
      resolve(parts.length === 0 ? NOTHING : parts.length === 1 ? parts[0]! : Buffer.concat(parts, size)),
    );
    request.on('error', reject);
  });
}

function readLength(head: RequestHead, name: string): number | undefined {
  const text = header(head, name);
  if (text === undefined) return undefined;
  const length = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(length)) return length;
  throw new AwsError('InvalidArgument', `${name} is not a length in bytes.`, {
    fields: { ArgumentName: name, ArgumentValue: text },
  });
}
