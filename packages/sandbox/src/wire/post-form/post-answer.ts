import { encodePercent, header, type RequestHead, type WireResponse } from '../message.ts';
import { writeElement } from '../xml.ts';

/**
 * What a browser is answered: what its form asks for.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html
 * @param stored The answer to the PUT that the form comes to.
 */
export function answerForm(
  head: RequestHead,
  { bucket, fields }: { bucket: string; fields: ReadonlyMap<string, string> },
  stored: WireResponse,
): WireResponse {
  const key = fields.get('key')!;
  const etag = stored.headers['etag'] ?? '';
  const redirect = redirectOf(fields, { bucket, key, etag });
  if (redirect !== undefined) return { status: 303, headers: { ...stored.headers, location: redirect } };
  const path = key.split('/').map(encodePercent).join('/');
  const location = `http://${header(head, 'host') ?? 'localhost'}${head.rawPath.replace(/\/$/, '')}/${path}`;
  const headers = { ...stored.headers, location };
  switch (fields.get('success_action_status')) {
    case '200':
      return { status: 200, headers };
    case '201': {
      const body = writeElement('PostResponse', { Location: location, Bucket: bucket, Key: key, ETag: etag });
      return { status: 201, headers: { ...headers, 'content-type': 'application/xml' }, body };
    }
    default:
      return { status: 204, headers };
  }
}

/** Where to send the browser; nothing where the form does not say, or says what is no address. */
function redirectOf(fields: ReadonlyMap<string, string>, result: Record<string, string>): string | undefined {
  const text = fields.get('success_action_redirect') ?? fields.get('redirect');
  if (text === undefined || !/^https?:/i.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  for (const [name, value] of Object.entries(result)) url.searchParams.append(name, value);
  return url.href;
}
