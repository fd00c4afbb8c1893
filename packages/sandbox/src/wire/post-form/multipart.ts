import { AwsError } from '../errors.ts';

/** A part of a form: a field, or a file. */
export interface PartHead {
  name: string;
  /** Of a file. */
  filename?: string;
}

/** Of the headers of one part, in bytes. */
const MOST_HEADERS = 8192;
const CRLF = Buffer.from('\r\n');
const HEADERS_END = Buffer.from('\r\n\r\n');

/** Reads a body of `multipart/form-data` part by part, as it arrives. */
export class MultipartReader {
  readonly #source: AsyncIterator<Buffer>;
  readonly #delimiter: Buffer;
  /** The first delimiter has no line before it: one is put there. */
  #buffered: Buffer = CRLF;
  #state: 'before' | 'head' | 'content' | 'end' = 'before';
  /** Bytes that came so far, of what has been read. */
  consumed = -CRLF.length;

  constructor(source: AsyncIterable<Buffer>, boundary: string) {
    this.#source = source[Symbol.asyncIterator]();
    this.#delimiter = Buffer.from(`\r\n--${boundary}`);
  }

  /** The next part, or nothing after the last. What is left of the one before is passed over. */
  async next(): Promise<PartHead | undefined> {
    if (this.#state === 'before' || this.#state === 'content') for await (const _ of this.content());
    if (this.#state === 'end') return undefined;
    // A part without headers has but the line that ends them.
    const end = await this.#find(HEADERS_END, MOST_HEADERS);
    const lines = this.#take(end + HEADERS_END.length)
      .toString('utf8')
      .split('\r\n');
    this.#state = 'content';
    return readHead(lines);
  }

  /** The content of the part that `next` gave, in pieces. */
  async *content(): AsyncGenerator<Buffer> {
    for (;;) {
      const end = this.#buffered.indexOf(this.#delimiter);
      if (end !== -1) {
        if (end > 0) yield this.#take(end);
        this.#take(this.#delimiter.length);
        await this.#readDelimiterEnd();
        return;
      }
      // The delimiter may have begun.
      const safe = this.#buffered.length - this.#delimiter.length + 1;
      if (safe > 0) yield this.#take(safe);
      await this.#fill();
    }
  }

  /** Behind a delimiter comes the end of its line, or two dashes where it is the last. */
  async #readDelimiterEnd(): Promise<void> {
    while (this.#buffered.length < CRLF.length) await this.#fill();
    const mark = this.#buffered.toString('latin1', 0, 2);
    if (mark !== '--' && mark !== '\r\n') throw malformed();
    this.#state = mark === '--' ? 'end' : 'head';
    // The end of the line is left, so that a part without headers ends them like any other.
    if (mark === '--') this.#take(mark.length);
  }

  async #find(mark: Buffer, limit: number): Promise<number> {
    for (;;) {
      const at = this.#buffered.indexOf(mark);
      if (at !== -1) return at;
      if (this.#buffered.length > limit) throw malformed();
      await this.#fill();
    }
  }

  #take(length: number): Buffer {
    const taken = this.#buffered.subarray(0, length);
    this.#buffered = this.#buffered.subarray(length);
    this.consumed += length;
    return taken;
  }

  async #fill(): Promise<void> {
    const { done, value } = await this.#source.next();
    if (done) throw malformed();
    this.#buffered = this.#buffered.length === 0 ? value : Buffer.concat([this.#buffered, value]);
  }
}

function readHead(lines: readonly string[]): PartHead {
  const disposition = lines.find((line) => /^content-disposition:/i.test(line)) ?? '';
  const name = parameterOf(disposition, 'name');
  if (name === undefined) throw malformed();
  const filename = parameterOf(disposition, 'filename');
  return { name, ...(filename !== undefined && { filename }) };
}

/** Browsers write quotes and ends of lines as percent-encoding. */
function parameterOf(disposition: string, name: string): string | undefined {
  const pattern = new RegExp(`;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s]*))`, 'i');
  const match = pattern.exec(disposition);
  if (!match) return undefined;
  const text = match[1]?.replaceAll(/\\(["\\])/g, '$1') ?? match[2] ?? '';
  return text.replaceAll(/%(22|0d|0a)/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

export const malformed = (): AwsError =>
  new AwsError(
    'MalformedPOSTRequest',
    'The body of your POST request is not well-formed multipart/form-data.',
  );
