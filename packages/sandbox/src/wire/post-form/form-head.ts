import { readXmlPayload } from '../xml.ts';
import type { RequestHead } from '../message.ts';
import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from '../errors.ts';

/** Fields that are headers of the same name; those that begin with `x-amz-` are, too. */
const HEADERS = new Set([
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-md5',
  'content-type',
  'expires',
]);

/** What the signature is of, and no header of a PUT. */
const SIGNATURE = new Set([
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-signature',
]);

/** What a form has of its request's headers: who sent it, not what it says of the object. */
const KEPT = ['host', 'user-agent', 'referer'];

/**
 * The head of the PUT that a form comes to.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html
 * @param tagging Schema of the `Tagging` document that the field `tagging` holds.
 */
export function headOfForm(
  head: RequestHead,
  fields: ReadonlyMap<string, string>,
  tagging: NormalizedSchema,
): RequestHead {
  const headers: Record<string, string> = {};
  for (const name of KEPT) {
    const value = head.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  for (const [name, value] of fields) {
    if (HEADERS.has(name) || (name.startsWith('x-amz-') && !SIGNATURE.has(name))) headers[name] = value;
    else if (name === 'acl') headers['x-amz-acl'] = value;
    else if (name === 'tagging') headers['x-amz-tagging'] = taggingHeader(value, tagging);
  }
  return { ...head, headers, rawHeaders: [] };
}

function taggingHeader(document: string, schema: NormalizedSchema): string {
  const { TagSet = [] } = readXmlPayload(schema, Buffer.from(document)) as {
    TagSet?: { Key?: string; Value?: string }[];
  };
  return TagSet.map(({ Key, Value }) => {
    if (Key === undefined || Value === undefined)
      throw new AwsError(
        'MalformedXML',
        'The XML you provided was not well-formed or did not validate against our published schema',
      );
    return `${encodeURIComponent(Key)}=${encodeURIComponent(Value)}`;
  }).join('&');
}
