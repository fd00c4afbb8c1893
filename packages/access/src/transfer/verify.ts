import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { combineCrc, crcOf, encodeCrc, isCrcName, type CrcName } from '../checksums/crc.ts';
import { AccessError } from '../errors.ts';
import type { ObjectFacts } from '../s3/object-calls.ts';
import { countParts, MiB, partAt, type Cut } from './parts.ts';

/** How the bytes of an object can be checked. */
export type Check =
  | { by: CrcName; expected: string }
  /** As they come one after the other. */
  | { by: 'SHA256' | 'SHA1' | 'MD5'; expected: string }
  | undefined;

const PLAIN_ETAG = /^"[0-9a-f]{32}"$/;

/** The check that S3 gives means for. https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html says when an ETag is an MD5. */
export function checkOf({ checksum, etag, keyed }: Pick<ObjectFacts, 'checksum' | 'etag' | 'keyed'>): Check {
  if (checksum) return { by: checksum.algorithm, expected: checksum.value };
  return !keyed && PLAIN_ETAG.test(etag) ? { by: 'MD5', expected: etag.slice(1, -1) } : undefined;
}

/** True for a digest of the digests of the parts: it takes knowing where these begin. */
export const isComposite = (check: Check): boolean => check?.expected.includes('-') === true;

/** The checksum of the whole from those of the pieces of a cut; `align` of a composite is the size of its parts. */
export function foldCrcs(name: CrcName, crcs: readonly bigint[], cut: Cut, composite: boolean): string {
  if (!composite) return encodeCrc(name, crcOfPieces(name, crcs, cut));
  const parts: bigint[] = [];
  crcs.forEach((crc, index) => {
    const { start, length } = partAt(cut, index);
    if (start % (cut.align ?? cut.total) === 0) parts.push(crc);
    else parts.push(combineCrc(name, parts.pop()!, crc, length));
  });
  const bytes = parts.map((part) => Buffer.from(encodeCrc(name, part), 'base64'));
  return `${encodeCrc(name, crcOf(name, Buffer.concat(bytes)))}-${parts.length}`;
}

/** The checksum of all pieces one after the other. */
export const crcOfPieces = (name: CrcName, crcs: readonly bigint[], cut: Cut): bigint =>
  crcs.reduce((sum, crc, index) => combineCrc(name, sum, crc, partAt(cut, index).length), 0n);

/** A digest of the bytes of a file, or of the digests of its parts, as S3 writes it. */
export async function digestFile(
  file: FileHandle,
  name: 'SHA256' | 'SHA1' | 'MD5',
  total: number,
  partSize: number | undefined,
): Promise<string> {
  const encoding = name === 'MD5' ? 'hex' : 'base64';
  const cut: Cut = { total, size: partSize ?? Math.max(total, 1) };
  const parts: Buffer[] = [];
  const buffer = Buffer.allocUnsafe(MiB);
  for (let index = 0; index < Math.max(countParts(cut), 1); index++) {
    const { start, length } = partAt(cut, index);
    const hash = createHash(name);
    for (let at = 0; at < length;) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, length - at), start + at);
      if (bytesRead === 0) break;
      hash.update(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
    parts.push(hash.digest());
  }
  if (partSize === undefined) return parts[0]!.toString(encoding);
  const whole = createHash(name).update(Buffer.concat(parts)).digest(encoding);
  return `${whole}-${parts.length}`;
}

/** The same of bytes in memory. */
export function digestBytes(check: NonNullable<Check>, bytes: Buffer, partSize: number | undefined): string {
  const { by } = check;
  const encoding = by === 'MD5' ? 'hex' : 'base64';
  const digest = (part: Uint8Array) =>
    isCrcName(by)
      ? Buffer.from(encodeCrc(by, crcOf(by, part)), 'base64')
      : createHash(by).update(part).digest();
  if (partSize === undefined) return digest(bytes).toString(encoding);
  const cut: Cut = { total: bytes.length, size: partSize };
  const parts = Array.from({ length: countParts(cut) }, (_, index) => {
    const { start, length } = partAt(cut, index);
    return digest(bytes.subarray(start, start + length));
  });
  return `${digest(Buffer.concat(parts)).toString(encoding)}-${parts.length}`;
}

/** Throws `checksum-mismatch`. */
export function requireSame(location: string, check: NonNullable<Check>, actual: string): void {
  if (actual === check.expected) return;
  throw new AccessError(
    'checksum-mismatch',
    `the bytes of \`${location}\` are not those that S3 keeps: their ${check.by} is ${actual}, and should be ${check.expected}`,
    'run it again; if that does not help, something between here and S3 alters what it passes on',
  );
}
