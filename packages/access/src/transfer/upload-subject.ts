import type { BucketConnection } from '../s3/bucket-connection.ts';
import type { WriteSettings, Written } from '../s3/object-calls.ts';
import type { ObjectProperties } from '../s3/object-properties.ts';

/** Where an upload goes, and what the object carries. */
export interface UploadSubject {
  connection: BucketConnection;
  key: string;
  properties: ObjectProperties;
  settings?: WriteSettings;
}

/** What was uploaded. */
export interface Uploaded extends Written {
  key: string;
  /** Bytes. */
  size: number;
  /** Bytes that an earlier process had uploaded. */
  resumed: number;
}

export const locationOf = ({ connection, key }: { connection: BucketConnection; key: string }): string =>
  `s3://${connection.target.Bucket}/${key}`;
