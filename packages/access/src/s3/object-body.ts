import type { Readable } from 'node:stream';
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { AccessError } from '../errors.ts';

/** An object's bytes, to be read once, in one of these ways. Checked against the object's checksum where it has one. */
export interface ObjectBody {
  stream(): Readable;
  bytes(): Promise<Uint8Array>;
  /** As UTF-8. */
  text(): Promise<string>;
  /** Rejects with `not-json`. */
  json(): Promise<unknown>;
}

export function objectBody(output: GetObjectCommandOutput, location: string): ObjectBody {
  const body = output.Body!;
  const text = () => body.transformToString('utf-8');
  return {
    stream: () => body as Readable,
    bytes: () => body.transformToByteArray(),
    text,
    async json() {
      const read = await text();
      try {
        return JSON.parse(read) as unknown;
      } catch (cause) {
        const says = `\`${location}\` is not JSON: ${(cause as Error).message}`;
        throw new AccessError('not-json', says, 'read it as text or bytes', { cause });
      }
    },
  };
}
