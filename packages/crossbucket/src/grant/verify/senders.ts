import type { S3Client } from '@aws-sdk/client-s3';

type S3 = typeof import('@aws-sdk/client-s3');

/** Where a call goes, and what else it takes: the SDK's input. */
export interface Place {
  Bucket: string;
  ExpectedBucketOwner: string;
  Key: string;
  VersionId?: string;
  UploadId?: string;
}

export const BODY = 'Written by `crossbucket grant verify`, which removes it again.\n';

type Sender = (s3: S3, client: S3Client, at: Place) => Promise<unknown>;

/** Every call that a grant may promise. */
export const SENDERS: Partial<Record<string, Sender>> = {
  ListObjectsV2: (s3, client, at) => client.send(new s3.ListObjectsV2Command({ ...at, MaxKeys: 1 })),
  ListObjectVersions: (s3, client, at) =>
    client.send(new s3.ListObjectVersionsCommand({ ...at, MaxKeys: 1 })),
  GetObject: async (s3, client, at) => {
    const { Body } = await client.send(new s3.GetObjectCommand({ ...at, Range: 'bytes=0-0' }));
    await Body?.transformToByteArray();
  },
  GetObjectTagging: (s3, client, at) => client.send(new s3.GetObjectTaggingCommand(at)),
  PutObject: (s3, client, at) => client.send(new s3.PutObjectCommand({ ...at, Body: BODY })),
  PutObjectTagging: (s3, client, at) =>
    client.send(new s3.PutObjectTaggingCommand(at as Place & { Tagging: { TagSet: [] } })),
  DeleteObject: (s3, client, at) => client.send(new s3.DeleteObjectCommand(at)),
  DeleteObjectTagging: (s3, client, at) => client.send(new s3.DeleteObjectTaggingCommand(at)),
  CreateMultipartUpload: (s3, client, at) => client.send(new s3.CreateMultipartUploadCommand(at)),
  UploadPart: (s3, client, at) =>
    client.send(new s3.UploadPartCommand({ ...upload(at), PartNumber: 1, Body: BODY })),
  ListParts: (s3, client, at) => client.send(new s3.ListPartsCommand(upload(at))),
  CompleteMultipartUpload: async (s3, client, at) => {
    const { ETag } = await client.send(
      new s3.UploadPartCommand({ ...upload(at), PartNumber: 1, Body: BODY }),
    );
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    return client.send(new s3.CompleteMultipartUploadCommand({ ...upload(at), MultipartUpload }));
  },
  AbortMultipartUpload: (s3, client, at) => client.send(new s3.AbortMultipartUploadCommand(upload(at))),
};

const upload = ({ UploadId = '', ...at }: Place) => ({ ...at, UploadId });
