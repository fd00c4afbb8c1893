import { createHash } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { Hash } from '@smithy/core/serde';

interface Signer {
  endpoint: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** A signed request as bytes in base64; the same may be sent again until its date is fifteen minutes old. */
export async function signedRequest(
  { endpoint, ...credentials }: Signer,
  method: string,
  path: string,
  /** Bytes, or how many will follow, unsigned. */
  content: Buffer | number = Buffer.alloc(0),
  service: { name: string; contentType?: string } = { name: 's3' },
): Promise<string> {
  const url = new URL(endpoint);
  const body = typeof content === 'number' ? Buffer.alloc(0) : content;
  const length = typeof content === 'number' ? content : body.length;
  const [plainPath = '', search = ''] = path.split('?');
  const signer = new SignatureV4({
    credentials,
    region: 'us-east-1',
    service: service.name,
    uriEscapePath: false,
    sha256: Hash.bind(null, 'sha256'),
  });
  const { headers } = await signer.sign({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    port: Number(url.port),
    path: plainPath,
    query: Object.fromEntries(new URLSearchParams(search)),
    headers: {
      host: url.host,
      'content-length': String(length),
      ...(service.contentType !== undefined && { 'content-type': service.contentType }),
      ...(service.name === 's3' && {
        'x-amz-content-sha256':
          typeof content === 'number' ? 'UNSIGNED-PAYLOAD' : createHash('sha256').update(body).digest('hex'),
      }),
    },
    body,
  });
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`), body]).toString(
    'base64',
  );
}
