import type { PresignOptions } from '@crossbucket/access';
import { UsageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import type { AccessOptions } from './access-options.ts';
import { parseS3, showLocation } from './location.ts';
import { openLocation } from './open-location.ts';
import { humanTime } from './units.ts';

export interface PresignFlags extends AccessOptions {
  expires: string;
  method: 'GET' | 'PUT';
  versionId?: string;
  contentType?: string;
  json?: boolean;
}

/** `crossbucket presign`. */
export async function runPresign(
  place: string,
  flags: PresignFlags,
  { out, err }: Terminal,
): Promise<ExitCode> {
  const location = parseS3(place);
  if (location.key === '')
    throw new UsageError(`\`${showLocation(location)}\` names no object`, 'write s3://BUCKET/KEY');
  const { method, versionId, contentType } = flags;
  const bucket = await openLocation(location, method === 'GET' ? 'read' : 'write', flags);
  const expiresIn = flags.expires as NonNullable<PresignOptions['expiresIn']>;
  const url = await bucket.presign(location.key, {
    expiresIn,
    method,
    ...(versionId !== undefined && { versionId }),
    ...(contentType !== undefined && { contentType }),
  });
  const query = new URL(url).searchParams;
  const seconds = Number(query.get('X-Amz-Expires'));
  const expires = new Date(Date.now() + seconds * 1000).toISOString();
  out.write(flags.json ? `${JSON.stringify({ url, method, seconds, expires })}\n` : `${url}\n`);
  if (query.has('X-Amz-Security-Token') && !flags.json)
    err.write(`it is good for ${humanTime(seconds)}, and no longer than the session that has signed it\n`);
  return EXIT.done;
}
