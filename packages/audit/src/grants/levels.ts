import type { Level } from '@crossbucket/policy';

/** What of a grant an allowed call makes use of. */
export const LEVEL_OF_CALL: Readonly<Record<string, Level>> = {
  GetObject: 'read',
  HeadObject: 'read',
  GetObjectTagging: 'read',
  GetObjectAttributes: 'read',
  PutObject: 'write',
  CopyObject: 'write',
  PutObjectTagging: 'write',
  CreateMultipartUpload: 'write',
  UploadPart: 'write',
  UploadPartCopy: 'write',
  CompleteMultipartUpload: 'write',
  AbortMultipartUpload: 'write',
  ListParts: 'write',
  DeleteObject: 'delete',
  DeleteObjectTagging: 'delete',
  ListObjects: 'list',
  ListObjectsV2: 'list',
  ListObjectVersions: 'list',
  HeadBucket: 'list',
};
