import type { Readable } from 'node:stream';
import { SandboxError } from '../errors.ts';
import type { BodyRecord, ObjectRecord, StoredPart, VersionRecord } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import {
  data,
  flag,
  list,
  matching,
  number,
  object,
  optional,
  required,
  text,
  type Fields,
} from './codec.ts';

/** What the objects of a state may come to together, in bytes: a file of it is read whole. */
const LARGEST = 256 * 1_048_576;

const content = matching(/^[A-Za-z0-9+/]*={0,2}$/, 'base64');

const part: Fields = {
  size: required(number),
  checksum: optional(data),
  id: optional(text),
  content: optional(content),
};

/** A version of an object, as it is stored: its bytes stay encrypted, and its record holds their key. */
export const version: Fields = {
  bucket: required(text),
  key: required(text),
  latest: optional(flag),
  record: required(data),
  id: optional(text),
  content: optional(content),
  parts: optional(list(object(part))),
};

interface Stored {
  id?: string;
  content?: string;
}

export interface StateVersion extends Stored {
  bucket: string;
  key: string;
  latest?: boolean;
  record: VersionRecord;
  parts?: (Stored & Pick<StoredPart, 'size' | 'checksum'>)[];
}

/** All versions of all objects. @throws SandboxError `StateTooLarge` */
export async function exportObjects(store: Store): Promise<StateVersion[]> {
  const versions: StateVersion[] = [];
  let size = 0;
  const read = async (body: BodyRecord | undefined): Promise<Stored> => {
    if (!body) return {};
    const bytes = await collect(store.bodies.read(body));
    size += bytes.length;
    if (size > LARGEST) throw tooLarge();
    return { id: body.id, content: bytes.toString('base64') };
  };
  for (const { name: bucket, id } of [...store.buckets.values()].toSorted((a, b) =>
    a.name < b.name ? -1 : 1,
  ))
    for (const { key, record, isLatest } of store.objects.listing.scanVersions(id, '')) {
      const { body, ...described } = record as ObjectRecord;
      const parts: StateVersion['parts'] = [];
      if (body?.place === 'parts')
        for (const one of store.bodies.parts(body.id))
          parts.push({
            size: one.size,
            ...(one.checksum && { checksum: one.checksum }),
            ...(await read(one.body)),
          });
      versions.push({
        bucket,
        key: key.toString(),
        ...(isLatest && { latest: true }),
        record: described as VersionRecord,
        ...(body?.place === 'parts' ? { id: body.id, parts } : await read(body)),
      });
    }
  return versions;
}

/** Stores the versions of a state; their buckets are there. Whoever calls waits until the store has settled. */
export function importObjects(versions: readonly StateVersion[], store: Store): void {
  for (const { bucket, key, latest = false, record, id, content: bytes, parts } of versions) {
    const body: BodyRecord | undefined =
      id === undefined ? undefined : { id, place: parts ? 'parts' : 'table' };
    store.objects.restore(
      store.buckets.get(bucket)!.id,
      key,
      { ...record, ...(body && { body }) } as VersionRecord,
      latest,
      {
        bytes: [[id, bytes] as const, ...(parts ?? []).map((one) => [one.id, one.content] as const)].flatMap(
          ([of, text]) =>
            of === undefined || text === undefined ? [] : { id: of, bytes: Buffer.from(text, 'base64') },
        ),
        ...(parts && {
          parts: parts.map(({ size, checksum, id: of }) => ({
            size,
            ...(checksum && { checksum }),
            ...(of !== undefined && { body: { id: of, place: 'table' as const } }),
          })),
        }),
      },
    );
  }
}

async function collect(from: Buffer | Readable): Promise<Buffer> {
  if (Buffer.isBuffer(from)) return from;
  const pieces: Buffer[] = [];
  for await (const piece of from) pieces.push(Buffer.from(piece as Buffer));
  return Buffer.concat(pieces);
}

function tooLarge(): SandboxError {
  return new SandboxError(
    'StateTooLarge',
    `the objects come to more than ${LARGEST / 1_048_576} MB, which is too much for one file`,
    'export without objects, and copy the data folder instead',
  );
}
