import { createHash, randomBytes } from 'node:crypto';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { expect } from 'vitest';

/** A version as a writer knows it: its id, and the hash of its bytes; a delete marker has none. */
interface Version {
  id: string;
  hash: string | undefined;
}

/** What was not acknowledged, and may have been done or not. */
type Pending = { kind: 'add'; hash: string | undefined } | { kind: 'remove'; id: string };

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
/** On both sides of the size from which bodies are files of their own. */
const SIZES = [0, 10, 4096, 60_000, 70_000, 200_000];

/** One writer's key: what was acknowledged of it, and what was under way when the server went. */
export class VersionHistory {
  readonly #bucket: string;
  readonly key: string;
  /** The newest first. */
  #versions: Version[] = [];
  #pending: Pending | undefined;
  #turn = 0;

  constructor(bucket: string, key: string) {
    this.#bucket = bucket;
    this.key = key;
  }

  /** Writes, deletes and removes versions without end, until the server is gone. */
  async write(s3: S3Client, acknowledged: () => void): Promise<void> {
    for (;;) {
      try {
        await this.#change(s3);
      } catch {
        return;
      }
      this.#pending = undefined;
      acknowledged();
    }
  }

  async #change(s3: S3Client): Promise<void> {
    const at = { Bucket: this.#bucket, Key: this.key };
    const turn = this.#turn++;
    // Now the newest goes for good, whose place the next takes; now one from the middle.
    const gone = this.#versions[turn % 2 === 0 ? 0 : Math.floor(this.#versions.length / 2)];
    if (turn % 4 === 3 && gone) {
      this.#pending = { kind: 'remove', id: gone.id };
      await s3.send(new DeleteObjectCommand({ ...at, VersionId: gone.id }));
      this.#versions = this.#versions.filter(({ id }) => id !== gone.id);
      return;
    }
    const isDeletion = turn % 7 === 5;
    const Body = randomBytes(SIZES[turn % SIZES.length]!);
    const hash = isDeletion ? undefined : hashOf(Body);
    this.#pending = { kind: 'add', hash };
    const { VersionId } = await (isDeletion
      ? s3.send(new DeleteObjectCommand(at))
      : s3.send(new PutObjectCommand({ ...at, Body })));
    this.#versions.unshift({ id: VersionId!, hash });
  }

  /** Holds what is there against what was acknowledged, and goes on from there. */
  async check(s3: S3Client): Promise<void> {
    const found = await this.#read(s3);
    const known = new Map(this.#versions.map(({ id, hash }) => [id, hash]));
    const [newest] = found;
    const pending = this.#pending;
    const isNew = newest !== undefined && !known.has(newest.id);
    if (isNew) expect(pending, this.key).toEqual({ kind: 'add', hash: newest.hash });
    const rest = isNew ? found.slice(1) : found;
    const isGone = pending?.kind === 'remove' && !rest.some(({ id }) => id === pending.id);
    const expected = isGone ? this.#versions.filter(({ id }) => id !== pending.id) : this.#versions;
    expect(rest, this.key).toEqual(expected);
    this.#versions = found;
    this.#pending = undefined;
  }

  /** All versions with their bytes, as the server has them. */
  async #read(s3: S3Client): Promise<Version[]> {
    const at = { Bucket: this.#bucket, Key: this.key };
    const input = { Bucket: this.#bucket, Prefix: this.key };
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand(input));
    const markers = new Set(DeleteMarkers.map(({ VersionId }) => VersionId!));
    const latest = [...Versions, ...DeleteMarkers].filter(({ IsLatest }) => IsLatest);
    const order = await this.#idsInOrder(s3);
    expect(latest.map(({ VersionId }) => VersionId)).toEqual(order.slice(0, 1));
    return Promise.all(
      order.map(async (id) => {
        if (markers.has(id)) return { id, hash: undefined };
        const { Body } = await s3.send(new GetObjectCommand({ ...at, VersionId: id }));
        return { id, hash: hashOf(await Body!.transformToByteArray()) };
      }),
    );
  }

  /** A listing tells versions and markers apart; page by page, it also tells their order. */
  async #idsInOrder(s3: S3Client): Promise<string[]> {
    const ids: string[] = [];
    const input = { Bucket: this.#bucket, Prefix: this.key, MaxKeys: 1 };
    let markers = {};
    for (;;) {
      const page = await s3.send(new ListObjectVersionsCommand({ ...input, ...markers }));
      const [found] = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
      if (found) ids.push(found.VersionId!);
      if (!page.IsTruncated) return ids;
      markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
    }
  }

  /** Removes all but the newest versions for good. */
  async keep(s3: S3Client, count: number): Promise<void> {
    for (const { id } of this.#versions.splice(count))
      await s3.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: this.key, VersionId: id }));
  }
}
