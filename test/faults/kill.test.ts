import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ChildSandbox } from './child-sandbox.ts';

const ACCOUNT = '222222222222';
const BUCKET = 'killed';
const WRITERS = 16;
const ROUNDS = Array.from({ length: 10 }, (_, round) => round + 1);

let folder: string;
let sandbox: ChildSandbox | undefined;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossbucket-kill-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => sandbox?.kill());

const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
/** On both sides of the size from which bodies are files of their own. */
const sizes = [0, 10, 4096, 60_000, 70_000, 300_000];

/** What a key may hold: what was acknowledged last, or what was under way after that. `undefined` is nothing. */
type Allowed = Map<string, Set<string | undefined>>;

/** Writes and deletes without end, noting what was acknowledged, until the process is gone. */
async function write(
  s3: S3Client,
  writer: number,
  round: number,
  allowed: Allowed,
  acknowledged: () => void,
): Promise<void> {
  for (let turn = 0; ; turn++) {
    // Some keys are new, some are written again and again.
    const key = turn % 3 === 0 ? `again/${writer}` : `new/${round}/${writer}/${turn}`;
    const at = { Bucket: BUCKET, Key: key };
    const body = randomBytes(sizes[(turn + writer) % sizes.length]!);
    const isDelete = turn % 10 === 9;
    const under = allowed.get(key) ?? new Set([undefined]);
    allowed.set(key, under);
    const outcome = isDelete ? undefined : hashOf(body);
    under.add(outcome);
    try {
      await (isDelete
        ? s3.send(new DeleteObjectCommand(at))
        : s3.send(new PutObjectCommand({ ...at, Body: body })));
    } catch {
      return;
    }
    allowed.set(key, new Set([outcome]));
    acknowledged();
  }
}

class Countdown {
  #left: number;
  readonly reached: Promise<void>;
  #reach = (): void => {};

  constructor(count: number) {
    this.#left = count;
    this.reached = new Promise((resolve) => (this.#reach = resolve));
  }

  count(): void {
    this.#left -= 1;
    if (this.#left === 0) this.#reach();
  }
}

async function contentOf(s3: S3Client, key: string): Promise<string | undefined> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
    return hashOf(await Body!.transformToByteArray());
  } catch (error) {
    expect((error as Error).name).toBe('NoSuchKey');
    return undefined;
  }
}

describe('a sandbox that is killed while it writes', () => {
  const allowed: Allowed = new Map();

  test.each(ROUNDS)('keeps every byte that it has acknowledged: round %i', async (round) => {
    sandbox = await ChildSandbox.start(['--data', folder]);
    let s3 = sandbox.s3(ACCOUNT);
    if (round === 1) await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    const enough = new Countdown(20 + round * 5);
    const writers = Array.from({ length: WRITERS }, (_, writer) =>
      write(s3, writer, round, allowed, () => enough.count()),
    );
    await enough.reached;
    await sandbox.kill();
    await Promise.all(writers);

    sandbox = await ChildSandbox.start(['--data', folder]);
    s3 = sandbox.s3(ACCOUNT);
    expect(readdirSync(join(folder, 'staging'))).toEqual([]);
    await Promise.all(
      [...allowed].map(async ([key, outcomes]) => {
        // What no round touches again is read once more at the end.
        if (!key.startsWith('again/') && !key.startsWith(`new/${round}/`)) return;
        const content = await contentOf(s3, key);
        expect(outcomes, key).toContain(content);
        allowed.set(key, new Set([content]));
      }),
    );
    const listed: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, ContinuationToken }));
      listed.push(...(page.Contents ?? []).map(({ Key }) => Key!));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    expect(listed).toEqual(
      [...allowed]
        .filter(([, [content]]) => content !== undefined)
        .map(([key]) => key)
        .toSorted(),
    );
    await sandbox.stop();
  });

  test('has all of it at the end, and no file that no object has', async () => {
    sandbox = await ChildSandbox.start(['--data', folder]);
    const s3 = sandbox.s3(ACCOUNT);
    await Promise.all(
      [...allowed].map(async ([key, outcomes]) => expect(outcomes, key).toContain(await contentOf(s3, key))),
    );
    const remove = (Key: string) => s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }));
    await Promise.all([...allowed.keys()].map(remove));
    expect(readdirSync(join(folder, 'blobs'))).toEqual([]);
  });
});
