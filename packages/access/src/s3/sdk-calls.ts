import { Readable } from 'node:stream';
import { encodeCrc } from '../checksums/crc.ts';
import { outputChecksum } from '../checksums/object-checksum.ts';
import type { BucketConnection } from './bucket-connection.ts';
import { outputPage, type ListPage, type ListRequest } from './list-page.ts';
import type {
  GetRequest,
  ObjectAnswer,
  ObjectCalls,
  PutRequest,
  UploadPartRequest,
  Written,
} from './object-calls.ts';
import { outputProperties, propertyInput } from './object-properties.ts';
import { readableSource } from './readable-source.ts';
import { loadS3 } from './s3-client.ts';

/** By the client's own commands: for clients that do more than the SDK's, or sign in other ways. */
export class SdkCalls implements ObjectCalls {
  readonly #connection: BucketConnection;

  constructor(connection: BucketConnection) {
    this.#connection = connection;
  }

  async get({ key, versionId, range, ifMatch, settings, signal }: GetRequest): Promise<ObjectAnswer> {
    const { GetObjectCommand } = await loadS3();
    const command = new GetObjectCommand({
      ...settings,
      ...this.#connection.target,
      Key: key,
      VersionId: versionId,
      IfMatch: ifMatch,
      Range: range && `bytes=${range.start}-${range.end}`,
      ChecksumMode: 'ENABLED',
    });
    const output = await this.#connection.send('GetObject', command, signal);
    const { ContentLength = 0, ContentRange, ServerSideEncryption, SSECustomerAlgorithm } = output;
    return {
      size: Number(ContentRange?.split('/')[1] ?? ContentLength),
      length: ContentLength,
      etag: output.ETag ?? '',
      modified: output.LastModified,
      versionId: output.VersionId,
      properties: outputProperties(output),
      checksum: outputChecksum(output),
      tags: output.TagCount ?? 0,
      keyed: isKeyed(ServerSideEncryption, SSECustomerAlgorithm),
      body: readableSource(output.Body as Readable, ContentLength),
    };
  }

  async put({ key, body, checksum, properties, settings, signal }: PutRequest): Promise<Written> {
    const { PutObjectCommand } = await loadS3();
    const command = new PutObjectCommand({
      ...settings,
      ...propertyInput(properties ?? {}),
      ...this.#connection.target,
      ...checksumInput(checksum),
      Key: key,
      Body: body,
    });
    const { ETag = '', VersionId } = await this.#connection.send('PutObject', command, signal);
    return { etag: ETag, versionId: VersionId };
  }

  async uploadPart(request: UploadPartRequest): Promise<Written> {
    const { key, uploadId, number, body, checksum, settings, signal } = request;
    const { UploadPartCommand } = await loadS3();
    const command = new UploadPartCommand({
      ...partSettings(settings),
      ...this.#connection.target,
      ...checksumInput(checksum),
      Key: key,
      UploadId: uploadId,
      PartNumber: number,
      ContentLength: body.length,
      Body: body instanceof Uint8Array ? body : Readable.from(body.chunks()),
    });
    const { ETag = '' } = await this.#connection.send('UploadPart', command, signal);
    return { etag: ETag };
  }

  async list({ prefix, delimiter, startAfter, pageSize, token, signal }: ListRequest): Promise<ListPage> {
    const { ListObjectsV2Command } = await loadS3();
    const command = new ListObjectsV2Command({
      ...this.#connection.target,
      Prefix: prefix,
      Delimiter: delimiter,
      StartAfter: startAfter,
      MaxKeys: pageSize,
      // XML 1.0 has no way to write some characters that keys may hold.
      EncodingType: 'url',
      ContinuationToken: token,
    });
    return outputPage(await this.#connection.send('ListObjectsV2', command, signal));
  }
}

/** Those members of PutObject that UploadPart takes too. */
export function partSettings({
  RequestPayer,
  SSECustomerAlgorithm,
  SSECustomerKey,
  SSECustomerKeyMD5,
}: Partial<NonNullable<UploadPartRequest['settings']>> = {}) {
  return { RequestPayer, SSECustomerAlgorithm, SSECustomerKey, SSECustomerKeyMD5 };
}

export const isKeyed = (encryption: string | undefined, customer: string | undefined) =>
  (encryption ?? 'AES256') !== 'AES256' || customer !== undefined;

const checksumInput = (checksum: PutRequest['checksum']) =>
  checksum && { [`Checksum${checksum.name}`]: encodeCrc(checksum.name, checksum.value) };
