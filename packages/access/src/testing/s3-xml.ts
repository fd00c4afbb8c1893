import type { Reply } from './http-server.ts';

const XML = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** An error as S3 writes it. */
export const s3Error = (status: number, code: string, message = code, more = ''): Reply => ({
  status,
  headers: { 'content-type': 'application/xml', 'x-amz-request-id': 'REQ1' },
  body: `${XML}<Error><Code>${code}</Code><Message>${message}</Message>${more}<RequestId>REQ1</RequestId></Error>`,
});

export interface Page {
  keys?: string[];
  prefixes?: string[];
  next?: string;
  /** As `encoding-type=url` asks for. */
  encoded?: boolean;
}

/** A page of ListObjectsV2. */
export function listPage({ keys = [], prefixes = [], next, encoded }: Page): Reply {
  const contents = keys.map(
    (key) =>
      `<Contents><Key>${key}</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>&quot;e&quot;</ETag><Size>${key.length}</Size></Contents>`,
  );
  const common = prefixes.map((prefix) => `<CommonPrefixes><Prefix>${prefix}</Prefix></CommonPrefixes>`);
  const more = next
    ? `<IsTruncated>true</IsTruncated><NextContinuationToken>${next}</NextContinuationToken>`
    : '<IsTruncated>false</IsTruncated>';
  const encoding = encoded ? '<EncodingType>url</EncodingType>' : '';
  return {
    headers: { 'content-type': 'application/xml' },
    body: `${XML}<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${encoding}${more}${contents.join('')}${common.join('')}</ListBucketResult>`,
  };
}
