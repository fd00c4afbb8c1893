import { addressOf } from '../address.ts';
import { AwsError } from '../errors.ts';
import { header, type RequestHead } from '../message.ts';
import { malformed, MultipartReader } from './multipart.ts';

/** Of all that comes before the file, in bytes. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html */
const MOST_BEFORE_FILE = 20_480;

/** A form by which a browser uploads an object. */
export interface PostForm {
  bucket: string;
  /** By lower-case name, those before the file; `${filename}` in them is replaced. */
  fields: ReadonlyMap<string, string>;
  /** The file, as it arrives. */
  file: AsyncIterable<Buffer>;
}

/** Whether a request is such a form: whatever is posted to a bucket, and asks for nothing else by its query. */
export function isPostForm(head: RequestHead): boolean {
  return head.method === 'POST' && head.query.length === 0 && addressOf(head).level === 'bucket';
}

/**
 * Reads a form up to its file.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html
 */
export async function readPostForm(head: RequestHead, body: AsyncIterable<Buffer>): Promise<PostForm> {
  const reader = new MultipartReader(body, boundaryOf(head));
  const fields = new Map<string, string>();
  for (;;) {
    const part = await reader.next();
    if (!part) throw noFile();
    const name = part.name.toLowerCase();
    if (name === 'file') {
      const filename = /[^/\\]*$/.exec(part.filename ?? '')![0];
      const filled = [...fields].map(
        ([key, value]) => [key, value.replaceAll('${filename}', filename)] as const,
      );
      return { bucket: addressOf(head).bucket!, fields: new Map(filled), file: reader.content() };
    }
    // Of a field that comes twice, the first counts.
    const value = await readField(reader);
    if (!fields.has(name)) fields.set(name, value);
  }
}

async function readField(reader: MultipartReader): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of reader.content()) {
    pieces.push(piece);
    if (reader.consumed > MOST_BEFORE_FILE)
      throw new AwsError(
        'MaxPostPreDataLengthExceeded',
        'Your POST request fields preceding the upload file were too large.',
      );
  }
  return Buffer.concat(pieces).toString('utf8');
}

function boundaryOf(head: RequestHead): string {
  const type = header(head, 'content-type') ?? '';
  if (!/^multipart\/form-data\b/i.test(type))
    throw new AwsError(
      'PreconditionFailed',
      'At least one of the pre-conditions you specified did not hold',
      {
        fields: { Condition: 'Bucket POST must be of the enclosure-type multipart/form-data' },
      },
    );
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]{1,200})"|([^;\s"]{1,200}))/i.exec(type) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) throw malformed();
  return boundary;
}

const noFile = (): AwsError =>
  new AwsError('InvalidArgument', 'POST requires exactly one file upload per request.', {
    fields: { ArgumentName: 'file', ArgumentValue: '0' },
  });
