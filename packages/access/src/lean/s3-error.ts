import type { Answer } from './exchange.ts';

/** What S3 answered in place of what was asked for, shaped as the SDK's own errors are. */
export class S3Error extends Error {
  override readonly name: string;
  readonly $fault: 'client' | 'server';
  readonly $metadata: { httpStatusCode: number; requestId?: string; extendedRequestId?: string };
  readonly $response: { statusCode: number; headers: Record<string, string> };
  /** Named by AuthorizationHeaderMalformed. */
  readonly Region?: string;

  constructor(status: number, headers: Record<string, string>, body: string) {
    const code = element(body, 'Code') ?? NAMES[status] ?? 'UnknownError';
    super(element(body, 'Message') ?? code);
    this.name = code;
    this.$fault = status < 500 ? 'client' : 'server';
    this.$metadata = {
      httpStatusCode: status,
      requestId: headers['x-amz-request-id'] ?? element(body, 'RequestId'),
      extendedRequestId: headers['x-amz-id-2'],
    };
    this.$response = { statusCode: status, headers };
    const region = element(body, 'Region');
    if (region !== undefined) this.Region = region;
  }
}

/** Answers without a body say no more than their status. */
const NAMES: Readonly<Record<number, string>> = { 404: 'NotFound', 412: 'PreconditionFailed' };

/** An error is short; whatever sends more is not S3. */
const LONGEST = 65_536;

/** Reads an answer that is an error. */
export async function readS3Error({ status, headers, body }: Answer): Promise<S3Error> {
  return new S3Error(status, headers, await body.text(LONGEST));
}

/** The text of the first element of this name: S3's errors are flat. */
export function element(xml: string, name: string): string | undefined {
  const start = xml.indexOf(`<${name}>`);
  if (start === -1) return undefined;
  const from = start + name.length + 2;
  const end = xml.indexOf(`</${name}>`, from);
  return end === -1 ? undefined : unescapeXml(xml.slice(from, end));
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return ENTITIES[name as string] ?? whole;
    const point = hex === undefined ? Number(decimal) : Number.parseInt(hex as string, 16);
    return point <= 0x10_ffff ? String.fromCodePoint(point) : whole;
  });
}
