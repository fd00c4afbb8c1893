import type { ObjectFacts } from '../s3/object-calls.ts';

/** `kept` is the time that an upload has written into the object's metadata, where there is one; `object` is S3's own. */
export type FileTime = 'kept' | 'object';

/** Seconds with a fraction, as rclone writes it too. */
const NAME = 'mtime';

/** Metadata that keeps a file's time. */
export function timeMetadata(mtimeNs: bigint): Record<string, string> {
  const digits = mtimeNs.toString().padStart(10, '0');
  return { [NAME]: `${digits.slice(0, -9)}.${digits.slice(-9)}` };
}

/** The time that a file gets for an object, in seconds. */
export function fileTime({ modified, properties }: ObjectFacts, time: FileTime): number | undefined {
  const kept = Number(time === 'kept' ? (properties.metadata?.[NAME] ?? Number.NaN) : Number.NaN);
  if (Number.isFinite(kept)) return kept;
  return modified && modified.getTime() / 1000;
}
