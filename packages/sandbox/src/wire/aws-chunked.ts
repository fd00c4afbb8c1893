import { createHash, type Hash } from 'node:crypto';
import { AwsError } from './errors.ts';
import { sameHex, sha256 } from './digests.ts';
import { EMPTY_HASH } from './signature.ts';
import type { SigningKey } from './sigv4.ts';

/**
 * What the signatures of chunks and trailer are computed with.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
export interface ChunkSigning extends SigningKey {
  timestamp: string;
  /** The request's own signature, from which the chain starts. */
  seed: string;
}

/** The forms of `x-amz-content-sha256` that announce an aws-chunked body. */
export const STREAMING_FORMS: Readonly<Record<string, { signed: boolean; trailer: boolean }>> = {
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD': { signed: true, trailer: false },
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER': { signed: true, trailer: true },
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER': { signed: false, trailer: true },
};

/** The least that all chunks but the last may carry. */
const MIN_CHUNK = 8192;
const MAX_LINE = 16_384;
const CRLF = Buffer.from('\r\n');

type State = 'size' | 'data' | 'data-end' | 'trailer' | 'end';

/**
 * Decodes a body of content encoding `aws-chunked` as it arrives, checking the signature of each chunk and of the
 * trailer where they are signed. Data is handed on before its chunk's signature is known: whoever takes it must
 * commit it only after `finish`.
 */
export class AwsChunkedDecoder {
  /** Lower-case names and values that followed the data. */
  readonly trailers = new Map<string, string>();
  readonly #signing: ChunkSigning | undefined;
  readonly #hasTrailer: boolean;
  #state: State = 'size';
  #buffered: Buffer = Buffer.alloc(0);
  #remaining = 0;
  #chunkHash: Hash | undefined;
  #chunkSignature = '';
  #isLast = false;
  #previous: string;
  #lastSize = Infinity;
  #trailerLines: string[] = [];

  constructor(form: { signed: boolean; trailer: boolean }, signing: ChunkSigning) {
    this.#signing = form.signed ? signing : undefined;
    this.#hasTrailer = form.trailer;
    this.#previous = signing.seed;
  }

  /** Takes more of the body and returns the data in it. */
  push(bytes: Buffer): Buffer[] {
    const output: Buffer[] = [];
    this.#buffered = this.#buffered.length === 0 ? bytes : Buffer.concat([this.#buffered, bytes]);
    while (this.#step(output));
    return output;
  }

  /** Call at the end of the body: throws if it ended early. */
  finish(): void {
    if (this.#state === 'end') return;
    throw new AwsError('IncompleteBody', 'The request body terminated unexpectedly');
  }

  /** Makes one step; false when more bytes are needed. */
  #step(output: Buffer[]): boolean {
    switch (this.#state) {
      case 'size':
        return this.#readSize();
      case 'data':
        return this.#readData(output);
      case 'data-end':
        return this.#readDataEnd();
      case 'trailer':
        return this.#readTrailer();
      case 'end':
        if (this.#buffered.length > 0) throw malformed();
        return false;
    }
  }

  #readSize(): boolean {
    const line = this.#takeLine();
    if (line === undefined) return false;
    const [size = '', ...extensions] = line.split(';');
    if (!/^[0-9a-fA-F]{1,8}$/.test(size)) throw malformed();
    this.#remaining = Number.parseInt(size, 16);
    this.#isLast = this.#remaining === 0;
    if (this.#signing) {
      const prefix = 'chunk-signature=';
      const signature = extensions.find((extension) => extension.startsWith(prefix));
      if (signature === undefined) throw malformed();
      this.#chunkSignature = signature.slice(prefix.length);
      this.#chunkHash = createHash('sha256');
    }
    if (this.#isLast) {
      this.#verifyChunk();
      this.#state = this.#hasTrailer ? 'trailer' : 'data-end';
      return true;
    }
    if (this.#lastSize < MIN_CHUNK)
      throw new AwsError(
        'InvalidChunkSizeError',
        'Only the last chunk is allowed to have a size less than 8192 bytes',
        { status: 403 },
      );
    this.#lastSize = this.#remaining;
    this.#state = 'data';
    return true;
  }

  #readData(output: Buffer[]): boolean {
    if (this.#buffered.length === 0) return false;
    const part = this.#buffered.subarray(0, this.#remaining);
    this.#buffered = this.#buffered.subarray(part.length);
    this.#remaining -= part.length;
    this.#chunkHash?.update(part);
    output.push(part);
    if (this.#remaining > 0) return false;
    this.#verifyChunk();
    this.#state = 'data-end';
    return true;
  }

  #readDataEnd(): boolean {
    if (this.#buffered.length < CRLF.length) return false;
    if (!this.#buffered.subarray(0, CRLF.length).equals(CRLF)) throw malformed();
    this.#buffered = this.#buffered.subarray(CRLF.length);
    this.#state = this.#isLast ? 'end' : 'size';
    return true;
  }

  #verifyChunk(): void {
    if (!this.#signing || !this.#chunkHash) return;
    const { timestamp, scope } = this.#signing;
    const hash = this.#chunkHash.digest('hex');
    const text = `AWS4-HMAC-SHA256-PAYLOAD\n${timestamp}\n${scope}\n${this.#previous}\n${EMPTY_HASH}\n${hash}`;
    this.#previous = this.#check(text, this.#chunkSignature);
  }

  #readTrailer(): boolean {
    const line = this.#takeLine();
    if (line === undefined) return false;
    if (line !== '') {
      if (this.#trailerLines.length > 32) throw malformed();
      this.#trailerLines.push(line);
      return true;
    }
    let signature: string | undefined;
    const signed: string[] = [];
    for (const text of this.#trailerLines) {
      const colon = text.indexOf(':');
      if (colon <= 0) throw malformedTrailer();
      const name = text.slice(0, colon).toLowerCase();
      const value = text.slice(colon + 1).trim();
      if (name === 'x-amz-trailer-signature') signature = value;
      else {
        this.trailers.set(name, value);
        signed.push(`${name}:${value}\n`);
      }
    }
    if (this.#signing) {
      if (signature === undefined) throw malformedTrailer();
      const { timestamp, scope } = this.#signing;
      const text = `AWS4-HMAC-SHA256-TRAILER\n${timestamp}\n${scope}\n${this.#previous}\n${sha256(signed.join(''))}`;
      this.#check(text, signature);
    }
    this.#state = 'end';
    return true;
  }

  #check(stringToSign: string, sent: string): string {
    const computed = this.#signing!.key.hex(stringToSign);
    if (sameHex(computed, sent)) return computed;
    throw new AwsError(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    );
  }

  /** Takes a line without its end; nothing if it is not complete. */
  #takeLine(): string | undefined {
    const end = this.#buffered.indexOf(CRLF);
    if (end === -1) {
      if (this.#buffered.length > MAX_LINE) throw malformed();
      return undefined;
    }
    const line = this.#buffered.toString('latin1', 0, end);
    this.#buffered = this.#buffered.subarray(end + CRLF.length);
    return line;
  }
}

function malformed(): AwsError {
  return new AwsError('IncompleteBody', 'The aws-chunked body is malformed', { status: 400 });
}

function malformedTrailer(): AwsError {
  return new AwsError(
    'MalformedTrailerError',
    'The request contained trailing data that was not well-formed or did not conform to our published schema.',
  );
}
