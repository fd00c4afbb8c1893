import { UsageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import type { AccessOptions } from './access-options.ts';
import { parseS3, showLocation } from './location.ts';
import { openLocation } from './open-location.ts';
import { endQuietlyOnBrokenPipe } from './standard-output.ts';

export interface CatFlags extends AccessOptions {
  versionId?: string;
}

/** `crossbucket cat`. Every name is looked at before the first byte is written. */
export async function runCat(
  objects: readonly string[],
  flags: CatFlags,
  { out }: Terminal,
): Promise<ExitCode> {
  const places = objects.map((text) => {
    const place = parseS3(text);
    if (place.key === '')
      throw new UsageError(`\`${showLocation(place)}\` names no object`, 'write s3://BUCKET/KEY');
    return place;
  });
  endQuietlyOnBrokenPipe(out);
  for (const place of places) {
    const bucket = await openLocation(place, 'read', flags);
    await bucket.download(
      place.key,
      out,
      flags.versionId === undefined ? {} : { versionId: flags.versionId },
    );
  }
  return EXIT.done;
}
