import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { CreateBucketCommand, DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { script, startChild } from './children.ts';
import { canMeasure, measure, type Cost } from './measured.ts';

const MiB = 1024 * 1024;
const LARGE = 1024 * MiB;
const SMALL = 2000;
const UNCHANGED = 10_000;
const BUCKET = 'bench-transfer';

/** How a tool does each row. Places are a file or folder, and a prefix of the bucket with a slash at its end. */
interface Tool {
  name: string;
  up(path: string, prefix: string): string[];
  down(prefix: string, path: string): string[];
  sync(folder: string, prefix: string): string[];
  env?: NodeJS.ProcessEnv;
}

const isFile = (path: string) => path.endsWith('large');
const command = script('../../packages/crossbucket/bin/crossbucket.js');
const at = (prefix: string, path = '') => `s3://${BUCKET}/${prefix}${isFile(path) ? 'large' : ''}`;

function tools(endpoint: string, { accessKeyId, secretAccessKey }: Key): Tool[] {
  const node = process.execPath;
  const aws = [existsSync('/usr/bin/aws') ? '/usr/bin/aws' : 'aws', '--endpoint-url', endpoint, 's3'];
  const remote = `:s3:${BUCKET}/`;
  const host = endpoint.replace('http://', '');
  const s3cmd = [
    's3cmd',
    '-c',
    '/dev/null',
    '--no-ssl',
    '--region=us-east-1',
    `--host=${host}`,
    `--host-bucket=${host}`,
  ];
  const keys = [`--access_key=${accessKeyId}`, `--secret_key=${secretAccessKey}`, '--no-progress', '-q'];
  const recursive = (path: string) => (isFile(path) ? [] : ['--recursive']);
  return [
    {
      name: 'crossbucket',
      up: (path, prefix) => [node, command, 'cp', path, at(prefix, path), ...recursive(path)],
      down: (prefix, path) => [node, command, 'cp', at(prefix, path), path, ...recursive(path)],
      sync: (folder, prefix) => [node, command, 'sync', folder, at(prefix)],
    },
    {
      name: 'aws',
      up: (path, prefix) => [...aws, 'cp', path, at(prefix, path), ...recursive(path), '--quiet'],
      down: (prefix, path) => [...aws, 'cp', at(prefix, path), path, ...recursive(path), '--quiet'],
      sync: (folder, prefix) => [...aws, 'sync', folder, at(prefix), '--quiet'],
    },
    {
      name: 'rclone',
      up: (path, prefix) => [
        'rclone',
        isFile(path) ? 'copyto' : 'copy',
        path,
        `${remote}${prefix}${isFile(path) ? 'large' : ''}`,
      ],
      down: (prefix, path) => [
        'rclone',
        isFile(path) ? 'copyto' : 'copy',
        `${remote}${prefix}${isFile(path) ? 'large' : ''}`,
        path,
      ],
      // Without these it asks for each object by itself.
      sync: (folder, prefix) => [
        'rclone',
        'sync',
        '--update',
        '--use-server-modtime',
        folder,
        remote + prefix,
      ],
      env: {
        RCLONE_CONFIG: '/dev/null',
        RCLONE_S3_PROVIDER: 'Other',
        RCLONE_S3_ENDPOINT: endpoint,
        RCLONE_S3_ENV_AUTH: 'true',
        RCLONE_TRANSFERS: '16',
        RCLONE_S3_UPLOAD_CONCURRENCY: '8',
        RCLONE_S3_NO_CHECK_BUCKET: 'true',
      },
    },
    {
      name: 's3cmd',
      up: (path, prefix) => [
        ...s3cmd,
        ...keys,
        'put',
        isFile(path) ? path : `${path}/`,
        at(prefix, path),
        ...recursive(path),
      ],
      down: (prefix, path) => [
        ...s3cmd,
        ...keys,
        'get',
        '--force',
        at(prefix, path),
        isFile(path) ? path : `${path}/`,
        ...recursive(path),
      ],
      sync: (folder, prefix) => [...s3cmd, ...keys, 'sync', `${folder}/`, at(prefix)],
    },
    {
      name: 'SDK + lib-storage',
      up: (path, prefix) => [node, script('transfer-sdk.js'), 'up', path, BUCKET, prefix],
      down: (prefix, path) => [node, script('transfer-sdk.js'), 'down', path, BUCKET, prefix],
      sync: (folder, prefix) => [node, script('transfer-sdk.js'), 'sync', folder, BUCKET, prefix],
    },
  ];
}

interface Key {
  accessKeyId: string;
  secretAccessKey: string;
}

/** Files up and down and an unchanged folder, beside other tools, against the sandbox in this same run. */
export async function benchTransfer(): Promise<void> {
  if (!canMeasure()) {
    process.stdout.write("\nTransfers: left out, because Debian's `time` is not here.\n");
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'crossbucket-transfer-'));
  const sandbox = await startChild(command, ['sandbox', '--json']);
  try {
    const { endpoint, accounts } = JSON.parse(sandbox.firstLine) as { endpoint: string; accounts: Key[] };
    await benchTools(folder, endpoint, accounts[0]!);
  } finally {
    await sandbox.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function benchTools(folder: string, endpoint: string, key: Key): Promise<void> {
  const { accessKeyId, secretAccessKey } = key;
  const client = new S3Client({ region: 'us-east-1', endpoint, credentials: key, forcePathStyle: true });
  // rclone sends an ACL with everything.
  await client.send(new CreateBucketCommand({ Bucket: BUCKET, ObjectOwnership: 'ObjectWriter' }));
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: endpoint,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
  const all = tools(endpoint, key);
  const present = all.filter(({ up }) => isInstalled(up('x', '')[0]!));
  const large = join(folder, 'large');
  await writeLarge(large);
  const small = writeMany(join(folder, 'small'), SMALL, 4096);
  const unchanged = writeMany(join(folder, 'unchanged'), UNCHANGED, 100);
  const run = (tool: Tool, argv: string[]) => measure(argv, { ...env, ...tool.env });

  await row('1 GiB up', present, (tool) => run(tool, tool.up(large, `${idOf(tool)}/`)));
  await row('1 GiB down', present, async (tool) => {
    const target = join(folder, `${idOf(tool)}-large`);
    const cost = await run(tool, tool.down('aws/', target));
    rmSync(target);
    return cost;
  });
  for (const tool of present)
    await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: `${idOf(tool)}/large` }));
  await row('2,000 x 4 KiB up', present, (tool) => run(tool, tool.up(small, `${idOf(tool)}-small/`)), SMALL);
  await row(
    '2,000 x 4 KiB down',
    present,
    async (tool) => {
      const target = join(folder, `${idOf(tool)}-small`);
      mkdirSync(target);
      return run(tool, tool.down('crossbucket-small/', target));
    },
    SMALL,
  );
  const first = present[0]!;
  await run(first, first.up(unchanged, 'unchanged/'));
  await row('sync of 10,000 unchanged', present, (tool) => run(tool, tool.sync(unchanged, 'unchanged/')));
}

const idOf = ({ name }: Tool) => name.split(' ')[0]!.toLowerCase();

function isInstalled(program: string): boolean {
  if (program.includes('/')) return existsSync(program);
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}

async function row(
  title: string,
  present: readonly Tool[],
  run: (tool: Tool) => Promise<Cost>,
  objects?: number,
): Promise<void> {
  process.stdout.write(`\n${title}\n`);
  let ours: Cost | undefined;
  for (const tool of present) {
    // Else a tool pays for what the one before it has left to be written.
    execFileSync('sync');
    const cost = await run(tool);
    ours ??= cost;
    const each = objects === undefined ? '' : `  ${((cost.cpu * 1000) / objects).toFixed(2)} ms CPU each`;
    const ratio =
      cost === ours ? '' : `  ours takes ${((ours.cpu / cost.cpu) * 100).toFixed(0)} % of its CPU`;
    const figures =
      `${cost.wall.toFixed(1)} s`.padStart(8) +
      `${cost.cpu.toFixed(2)} s CPU`.padStart(14) +
      `${cost.memory.toFixed(0)} MiB`.padStart(10);
    process.stdout.write(`  ${tool.name.padEnd(18)}${figures}${each}${ratio}\n`);
  }
}

async function writeLarge(path: string): Promise<void> {
  const file = await open(path, 'w');
  const block = randomBytes(16 * MiB);
  for (let at = 0; at < LARGE; at += block.length) {
    block.writeUInt32LE(at / block.length);
    await file.write(block);
  }
  await file.close();
}

/** In folders of a hundred, and old enough not to look as if they had just changed. */
function writeMany(folder: string, count: number, size: number): string {
  const bytes = randomBytes(size);
  const time = Date.now() / 1000 - 3600;
  for (let index = 0; index < count; index++) {
    const inner = join(folder, `d${Math.floor(index / 100)}`);
    if (index % 100 === 0) mkdirSync(inner, { recursive: true });
    const path = join(inner, `file-${index}.dat`);
    bytes.writeUInt32LE(index);
    writeFileSync(path, bytes);
    utimesSync(path, time, time);
  }
  return folder;
}
