import type { HeadObjectCommandInput, HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import { AccessError } from '../errors.ts';
import { asServiceError } from '../sdk-error.ts';
import type { BucketConnection } from './bucket-connection.ts';
import { loadS3 } from './s3-client.ts';

/**
 * The answer to a HEAD has no body: a 400 may mean expired credentials or anything else. A GET of the first byte tells
 * them apart, and has the credentials renewed if it was them.
 */
export async function headObject(
  connection: BucketConnection,
  input: HeadObjectCommandInput,
  signal?: AbortSignal,
): Promise<HeadObjectCommandOutput> {
  const { HeadObjectCommand, GetObjectCommand } = await loadS3();
  const head = () => connection.send('HeadObject', new HeadObjectCommand(input), signal);
  try {
    return await head();
  } catch (error) {
    if (!isUnclear(error)) throw error;
  }
  try {
    const { Body } = await connection.send(
      'GetObject',
      new GetObjectCommand({ ...input, Range: 'bytes=0-0' }),
      signal,
    );
    await Body?.transformToByteArray();
  } catch (error) {
    if (!isEmptyObject(error)) throw error;
  }
  return head();
}

const causeOf = (error: unknown) => asServiceError(error instanceof AccessError ? error.cause : undefined);

const isUnclear = (error: unknown) =>
  error instanceof AccessError &&
  error.code === 's3-failed' &&
  causeOf(error).$metadata?.httpStatusCode === 400;

/** An object without bytes has no first one. */
const isEmptyObject = (error: unknown) => causeOf(error).$metadata?.httpStatusCode === 416;
