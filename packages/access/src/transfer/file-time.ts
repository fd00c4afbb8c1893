import type { ObjectFacts } from '../s3/object-calls.ts';

/** `kept` is the time that an upload has written into the object's metadata, where there is one; `object` is S3's own. */
export type FileTime = 'kept' | 'object';

/** Seconds with a fraction, as rclone writes it too. */
const NAME = 'mtime';

/** Metadata that keeps a file's time. */
export const timeMetadata = (mtimeMs: number): Record<string, string> => ({
  [NAME]: (mtimeMs / 1000).toFixed(3),
});

/** The time that a file gets for an object. */
export function fileTime({ modified, properties }: ObjectFacts, time: FileTime): Date | undefined {
  const seconds = Number(time === 'kept' ? properties.metadata?.[NAME] : undefined);
  const kept = new Date(seconds * 1000);
  return Number.isNaN(kept.getTime()) ? modified : kept;
}
