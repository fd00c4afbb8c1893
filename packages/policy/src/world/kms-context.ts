import { parseArn } from '../arn.ts';
import type { ContextValue } from '../request.ts';
import type { KeySnapshot, World } from '../snapshot.ts';
import { findAccessPoint } from './owners.ts';

/** https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html */
export function addKeyFacts(
  derived: Record<string, ContextValue>,
  { aliases, tags, spec, usage, origin, multiRegion }: KeySnapshot,
): void {
  if (aliases !== undefined && aliases.length > 0) derived['kms:ResourceAliases'] = aliases.map(nameOf);
  if (spec !== undefined) derived['kms:KeySpec'] = spec;
  if (usage !== undefined) derived['kms:KeyUsage'] = usage;
  if (origin !== undefined) derived['kms:KeyOrigin'] = origin;
  if (multiRegion !== undefined) derived['kms:MultiRegion'] = multiRegion;
  for (const [name, value] of Object.entries(tags ?? {})) derived[`aws:ResourceTag/${name}`] = value;
}

/** `alias/reports`, be it written so, as `reports` or as an ARN. */
function nameOf(alias: string): string {
  const name = alias.startsWith('arn:') ? (parseArn(alias)?.resource ?? alias) : alias;
  return name.startsWith('alias/') ? name : `alias/${name}`;
}

export const S3_CONTEXT = 'kms:EncryptionContext:aws:s3:arn';

/**
 * What S3 tells KMS of an object that it reaches through an access point: the object in its bucket.
 * @returns Nothing where the context names no access point; `unknown` for one that is not in the world.
 */
export function objectBehind(world: World, named: ContextValue | undefined): string | 'unknown' | undefined {
  if (typeof named !== 'string' || !named.includes(':accesspoint/')) return undefined;
  const through = findAccessPoint(world, named)?.accessPoint;
  return through === undefined ? 'unknown' : bucketForm(named, through.arn, through.bucket);
}

/** ARN of a bucket, or of an object in it, for that of its access point, or of an object through it. */
export function bucketForm(resource: string, accessPoint: string, bucket: string): string {
  const object = resource.startsWith(`${accessPoint}/object/`)
    ? resource.slice(`${accessPoint}/object`.length)
    : '';
  return `arn:${parseArn(accessPoint)?.partition ?? 'aws'}:s3:::${bucket}${object}`;
}
