import { writeElement } from './xml.ts';

/**
 * What is sent to a client whose request cannot be read as one of HTTP.
 * @param code Of node's error.
 */
export function refusalOf(code: string | undefined): string {
  const body =
    code === 'HPE_HEADER_OVERFLOW'
      ? writeElement('Error', {
          Code: 'RequestHeaderSectionTooLarge',
          Message: 'Your request header section exceeds the maximum allowed request header section size.',
        })
      : writeElement('Error', {
          Code: 'BadRequest',
          Message: 'An error occurred when parsing the HTTP request.',
        });
  return `HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-type: application/xml\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
