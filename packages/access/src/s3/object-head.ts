/** What S3 knows of an object besides its bytes. */
export interface ObjectHead {
  key: string;
  /** Bytes, of the range if one was asked for. */
  size: number;
  /** With its quotes, as S3 writes it. */
  etag: string;
  contentType?: string;
  modified?: Date;
  /** The user's own metadata, names in lower case. */
  metadata: Record<string, string>;
  versionId?: string;
}

interface HeadOutput {
  ContentLength?: number;
  ETag?: string;
  ContentType?: string;
  LastModified?: Date;
  Metadata?: Record<string, string>;
  VersionId?: string;
}

export function objectHead(key: string, output: HeadOutput): ObjectHead {
  return {
    key,
    size: output.ContentLength ?? 0,
    etag: output.ETag ?? '',
    contentType: output.ContentType,
    modified: output.LastModified,
    metadata: output.Metadata ?? {},
    versionId: output.VersionId,
  };
}
