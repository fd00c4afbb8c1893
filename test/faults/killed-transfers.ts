import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const COMMAND = resolve(import.meta.dirname, '../../packages/crossbucket/bin/crossbucket.js');
const MiB = 1024 * 1024;
const NEAR = '111111111111';
const FAR = '222222222222';

interface Stage {
  folder: string;
  near: Sandbox;
  far: Sandbox;
  env: NodeJS.ProcessEnv;
}

interface Transfer {
  /** Bytes for a few kills; more for many. */
  size: number;
  argv: (stage: Stage) => string[];
  prepare: (stage: Stage, bytes: Buffer) => Promise<void>;
  /** What is at the target; undefined for nothing. */
  read: (stage: Stage) => Promise<Buffer | undefined>;
  /** What must not be left once it is done. */
  leftovers: (stage: Stage) => Promise<unknown[]>;
}

const client = (aws: Sandbox, account: string) =>
  new S3Client({
    region: 'us-east-1',
    endpoint: aws.endpoint,
    credentials: aws.account(account).root,
    forcePathStyle: true,
  });
const put = (aws: Sandbox, account: string, Bucket: string, Key: string, Body: Buffer) =>
  client(aws, account).send(new PutObjectCommand({ Bucket, Key, Body }));
async function get(aws: Sandbox, account: string, Bucket: string, Key: string): Promise<Buffer | undefined> {
  try {
    const { Body } = await client(aws, account).send(new GetObjectCommand({ Bucket, Key }));
    return Buffer.from(await Body!.transformToByteArray());
  } catch (error) {
    if ((error as Error).name === 'NoSuchKey') return undefined;
    throw error;
  }
}
const uploads = async (aws: Sandbox, account: string, Bucket: string) =>
  (await client(aws, account).send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? [];
const journals = ({ folder }: Stage) => {
  const state = join(folder, 'state/crossbucket/transfers');
  return existsSync(state) ? readdirSync(state) : [];
};

const TRANSFERS: Record<string, Transfer> = {
  download: {
    size: 6 * MiB + 5,
    argv: ({ folder }) => [
      's3://near-bucket/down',
      join(folder, 'to/file'),
      '--part-size',
      '256KiB',
      '--profile',
      NEAR,
    ],
    async prepare({ near, folder }, bytes) {
      mkdirSync(join(folder, 'to'), { recursive: true });
      await put(near, NEAR, 'near-bucket', 'down', bytes);
    },
    read: async ({ folder }) => {
      const path = join(folder, 'to/file');
      return existsSync(path) ? readFileSync(path) : undefined;
    },
    leftovers: async ({ folder }) => readdirSync(join(folder, 'to')).filter((name) => name !== 'file'),
  },
  upload: {
    size: 11 * MiB + 5,
    argv: ({ folder }) => [
      join(folder, 'source'),
      's3://near-bucket/up',
      '--part-size',
      '5MiB',
      '--profile',
      NEAR,
    ],
    prepare: async ({ folder }, bytes) => writeFileSync(join(folder, 'source'), bytes),
    read: ({ near }) => get(near, NEAR, 'near-bucket', 'up'),
    leftovers: async (stage) => [...(await uploads(stage.near, NEAR, 'near-bucket')), ...journals(stage)],
  },
  copy: {
    size: 11 * MiB + 5,
    argv: () => [
      's3://near-bucket/copied',
      's3://far-bucket/copied',
      '--part-size',
      '5MiB',
      '--from-profile',
      NEAR,
      '--to-profile',
      FAR,
    ],
    prepare: async ({ near }, bytes) => void (await put(near, NEAR, 'near-bucket', 'copied', bytes)),
    read: ({ far }) => get(far, FAR, 'far-bucket', 'copied'),
    leftovers: async (stage) => [...(await uploads(stage.far, FAR, 'far-bucket')), ...journals(stage)],
  },
};

/** Kills `cp` at random moments, so many for each kind of transfer; each time it is run again until it ends by itself. */
export function describeKills(kills: number): void {
  describe.each(Object.keys(TRANSFERS))(`a killed %s (${kills} times)`, (name) => {
    const transfer = TRANSFERS[name]!;
    const stage = {} as Stage;
    const bytes = randomBytes(kills < 20 ? transfer.size : transfer.size * 2.5);

    beforeAll(async () => {
      stage.folder = mkdtempSync(join(tmpdir(), 'crossbucket-killed-'));
      [stage.near, stage.far] = await Promise.all([
        startSandbox({ accounts: [NEAR] }),
        startSandbox({ accounts: [FAR] }),
      ]);
      await client(stage.near, NEAR).send(new CreateBucketCommand({ Bucket: 'near-bucket' }));
      await client(stage.far, FAR).send(new CreateBucketCommand({ Bucket: 'far-bucket' }));
      const config = join(stage.folder, 'config');
      writeFileSync(
        config,
        readFileSync(stage.near.profiles, 'utf8') + readFileSync(stage.far.profiles, 'utf8'),
      );
      stage.env = {
        PATH: process.env['PATH'],
        HOME: stage.folder,
        AWS_CONFIG_FILE: config,
        XDG_STATE_HOME: join(stage.folder, 'state'),
      };
      await transfer.prepare(stage, bytes);
    });
    afterAll(async () => {
      await Promise.all([stage.near.close(), stage.far.close()]);
      rmSync(stage.folder, { recursive: true });
    });

    test('is run again, and the bytes are the same', { timeout: 20_000 + kills * 8000 }, async () => {
      const whole = await run(transfer.argv(stage), stage);
      expect(whole.code).toBe(0);
      let resumed = 0;
      for (let kill = 0; kill < kills;) {
        await remove(transfer, stage);
        let ended: Ended;
        do {
          const moment = Math.random() * whole.took;
          ended = await run(transfer.argv(stage), stage, kill < kills ? moment : undefined);
          resumed += ended.resumed;
          if (ended.code === null) kill++;
          const there = await transfer.read(stage);
          expect(there === undefined || there.equals(bytes), `after ${moment} ms`).toBe(true);
        } while (ended.code === null);
        expect(ended.code, ended.out).toBe(0);
        expect((await transfer.read(stage))?.equals(bytes)).toBe(true);
        expect(await transfer.leftovers(stage)).toEqual([]);
      }
      // Chance may have it that no kill of a few falls into the transfer itself.
      if (kills >= 20) expect(resumed).toBeGreaterThan(0);
    });
  });
}

async function remove(transfer: Transfer, stage: Stage): Promise<void> {
  if (transfer === TRANSFERS['download']) rmSync(join(stage.folder, 'to/file'), { force: true });
  else {
    const { DeleteObjectCommand } = await import('@aws-sdk/client-s3');
    const [aws, account, Bucket, Key] =
      transfer === TRANSFERS['upload']
        ? ([stage.near, NEAR, 'near-bucket', 'up'] as const)
        : ([stage.far, FAR, 'far-bucket', 'copied'] as const);
    await client(aws, account).send(new DeleteObjectCommand({ Bucket, Key }));
  }
}

interface Ended {
  /** Null if it was killed. */
  code: number | null;
  took: number;
  resumed: number;
  out: string;
}

async function run(argv: string[], { env }: Stage, killAfter?: number): Promise<Ended> {
  const started = performance.now();
  const child = spawn(process.execPath, [COMMAND, 'cp', '--json', ...argv], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => (out += bytes.toString()));
  const closed = once(child, 'close');
  if (killAfter !== undefined) void sleep(killAfter).then(() => child.kill('SIGKILL'));
  const [code] = (await closed) as [number | null];
  const resumed = [...out.matchAll(/"type":"resumed",[^}]*"bytes":(\d+)/g)].map(([, bytes]) => Number(bytes));
  return {
    code,
    took: performance.now() - started,
    resumed: resumed.reduce((sum, bytes) => sum + bytes, 0),
    out,
  };
}
