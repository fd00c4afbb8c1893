import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { ChildSandbox } from '../faults/child-sandbox.ts';

const COMMAND = resolve(import.meta.dirname, '../../packages/crossbucket/bin/crossbucket.js');

// TLS hands on what it has decrypted even to a reader that has asked it to wait; and no certificate covers a name with dots.
test('over TLS, large and small files come back as they were', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'crossbucket-tls-'));
  const config = join(folder, 'config.yaml');
  writeFileSync(config, 'accounts:\n  - { id: "222222222222", name: data }\n');
  const sandbox = await ChildSandbox.start(['--tls', '--config', config]);
  const { configFile, credentialsFile, caFile, endpoint } = sandbox.readiness;
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    AWS_CONFIG_FILE: configFile,
    AWS_SHARED_CREDENTIALS_FILE: credentialsFile,
    NODE_EXTRA_CA_CERTS: caFile,
  };
  const node = async (...argv: string[]) => {
    const child = spawn(process.execPath, argv, { env, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    const [err, [code]] = await Promise.all([buffer(child.stderr), once(child, 'exit')]);
    expect({ code, err: err.toString() }).toEqual({ code: 0, err: '' });
  };
  try {
    const bytes = randomBytes(12_000_001);
    writeFileSync(join(folder, 'large'), bytes);
    writeFileSync(join(folder, 'small'), bytes.subarray(0, 5000));
    const client = resolve(import.meta.dirname, '../../node_modules/@aws-sdk/client-s3');
    const make = `const { S3Client, CreateBucketCommand } = require('${client}');
      new S3Client({ profile: 'data', endpoint: '${endpoint}', forcePathStyle: true })
        .send(new CreateBucketCommand({ Bucket: 'tls.bucket' }));`;
    await node('--no-warnings', '-e', make);
    for (const file of ['large', 'small']) {
      await node(COMMAND, 'cp', file, 's3://tls.bucket/', '--profile', 'data', '--quiet');
      await node(
        COMMAND,
        'cp',
        `s3://tls.bucket/${file}`,
        `${file}.back`,
        '--profile',
        'data',
        '--quiet',
        '--part-size',
        '1MiB',
      );
      expect(readFileSync(join(folder, `${file}.back`)).equals(readFileSync(join(folder, file)))).toBe(true);
    }
  } finally {
    await sandbox.kill();
    rmSync(folder, { recursive: true });
  }
});
