/** Status line and headers of an answer. Names are in lower case; of a name that comes twice, the last counts. */
export interface AnswerHead {
  status: number;
  headers: Record<string, string>;
}

/** What follows the head: RFC 9112, section 6.3. */
export type Framing = { kind: 'length'; bytes: number } | { kind: 'chunked' } | { kind: 'until-close' };

// Neither may a line be ended where ours does not end, nor can more than one byte a character be sent.
const UNSENDABLE = /[^\t\u0020-\u007E]/;

/** False for what a plain header cannot carry. */
export const isSendable = (headers: Readonly<Record<string, string>>): boolean =>
  !Object.values(headers).some((value) => UNSENDABLE.test(value));

/** Throws TypeError for what would be another request than was meant. */
export function writeHead(method: string, path: string, headers: Readonly<Record<string, string>>): string {
  if (!/^[!-~]+$/.test(path)) throw new TypeError('the path of a request has characters that no path has');
  let text = `${method} ${path} HTTP/1.1\r\n`;
  for (const name in headers) {
    const value = headers[name]!;
    if (UNSENDABLE.test(value)) throw new TypeError(`the header ${name} has characters that no header has`);
    text += `${name}: ${value}\r\n`;
  }
  return `${text}\r\n`;
}

/** Throws Error for what is no answer. */
export function readHead(text: string): AnswerHead {
  const lines = text.split('\r\n');
  const status = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(lines[0]!)?.[1];
  if (status === undefined) throw new Error('the answer does not begin as one of HTTP/1.1');
  const headers: Record<string, string> = {};
  for (let index = 1; index < lines.length; index++) {
    const line = lines[index]!;
    const colon = line.indexOf(':');
    if (colon < 1) throw new Error('the answer has a header without a name');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { status: Number(status), headers };
}

/** Throws Error for a length that is none. */
export function framingOf({ status, headers }: AnswerHead): Framing {
  if (status === 204 || status === 304) return { kind: 'length', bytes: 0 };
  if (headers['transfer-encoding']?.toLowerCase() === 'chunked') return { kind: 'chunked' };
  const length = headers['content-length'];
  if (length === undefined) return { kind: 'until-close' };
  if (!/^\d{1,15}$/.test(length)) throw new Error('the answer has a length that is none');
  return { kind: 'length', bytes: Number(length) };
}

export const keepsAlive = ({ headers }: AnswerHead): boolean =>
  headers['connection']?.toLowerCase() !== 'close';
