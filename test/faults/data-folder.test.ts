import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  GetRoleCommand,
  GetUserPolicyCommand,
  ListAttachedUserPoliciesCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { startSandbox } from '@crossbucket/sandbox';
import { open } from 'lmdb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { assume, clientsOf, DESTINATION, documentOf, failureOf, SOURCE } from '../interop/clients.ts';
import { ChildSandbox, Ended } from './child-sandbox.ts';

let folder: string;
const children: ChildSandbox[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossbucket-data-'));
});
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.kill()));
  rmSync(folder, { recursive: true, force: true });
});

async function start(...args: string[]): Promise<ChildSandbox> {
  const child = await ChildSandbox.start(args);
  children.push(child);
  return child;
}

const refusalOf = async (...args: string[]) => {
  const ended = await start(...args).catch((error: unknown) => error);
  expect(ended).toBeInstanceOf(Ended);
  const { code, message } = ended as Ended;
  return { code, lines: message.trimEnd().split('\n') };
};

describe('two processes on one folder', () => {
  const inUse = () => [
    `error: the data folder \`${folder}\` is in use by another sandbox`,
    'help: stop the other one first, or name another folder with --data',
  ];

  test('the second is refused, and the first goes on', async () => {
    const first = await start('--data', folder);
    const s3 = first.s3(DESTINATION);
    await s3.send(new CreateBucketCommand({ Bucket: 'mine' }));
    expect(await refusalOf('--data', folder)).toEqual({ code: 3, lines: inUse() });
    await s3.send(new PutObjectCommand({ Bucket: 'mine', Key: 'k', Body: 'x' }));
    await first.stop();
    const next = await start('--data', folder);
    expect(
      await (
        await next.s3(DESTINATION).send(new GetObjectCommand({ Bucket: 'mine', Key: 'k' }))
      ).Body!.transformToString(),
    ).toBe('x');
  });

  test('also in one process', async () => {
    await using first = await startSandbox({ data: folder });
    await expect(startSandbox({ data: folder })).rejects.toMatchObject({ code: 'DataFolderInUse' });
    expect(first.accounts).toHaveLength(2);
  });

  test.each(['new', 'left by one that was killed'])(
    'that start at once on a folder that is %s: one wins',
    async (state) => {
      for (let round = 0; round < 3; round++) {
        const data = join(folder, String(round));
        if (state !== 'new') await (await start('--data', data)).kill();
        const starts = await Promise.allSettled(Array.from({ length: 3 }, () => start('--data', data)));
        const losers = starts.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
        const reasons = losers.map(({ reason }) => (reason as Ended).message.split('\n')[0]);
        const inUse = `error: the data folder \`${data}\` is in use by another sandbox`;
        expect(reasons).toEqual([inUse, inUse]);
        const [winner] = starts.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
        // What the losers did to the folder has not hurt it.
        const s3 = winner!.s3(DESTINATION);
        await s3.send(new CreateBucketCommand({ Bucket: 'mine' }));
        await winner!.kill();
        const again = await start('--data', data);
        expect(again.readiness.accounts).toEqual(winner!.readiness.accounts);
        await again.s3(DESTINATION).send(new PutObjectCommand({ Bucket: 'mine', Key: 'k', Body: 'x' }));
        await again.kill();
      }
    },
  );

  test('whose path is longer than a socket may have', async () => {
    const deep = join(folder, ...Array.from({ length: 4 }, () => 'a-folder-with-a-rather-long-name'));
    await start('--data', deep);
    expect(await refusalOf('--data', deep)).toMatchObject({ code: 3 });
  });
});

test('a restart keeps everything', async () => {
  const accounts = [
    { id: SOURCE, name: 'app', users: [{ name: 'app' }] },
    { id: DESTINATION, name: 'data' },
  ];
  const before = await startSandbox({ data: folder, accounts });
  const keys = before.accounts;
  const owner = clientsOf(before, before.account(DESTINATION).root);
  const source = clientsOf(before, before.account(SOURCE).root);
  await owner.s3.send(new CreateBucketCommand({ Bucket: 'kept' }));
  await owner.s3.send(
    new PutObjectCommand({
      Bucket: 'kept',
      Key: '__proto__',
      Body: 'text',
      Metadata: { team: 'reports' },
      Tagging: '__proto__=x',
    }),
  );
  const Policy = documentOf({
    Principal: { AWS: SOURCE },
    Action: 's3:GetObject',
    Resource: 'arn:aws:s3:::kept/*',
  });
  await owner.s3.send(new PutBucketPolicyCommand({ Bucket: 'kept', Policy }));
  const trust = documentOf({ Principal: { AWS: SOURCE }, Action: 'sts:AssumeRole' });
  const read = documentOf({ Action: ['s3:GetObject', 's3:GetObjectTagging'], Resource: '*' });
  const role = await owner.iam.send(
    new CreateRoleCommand({ RoleName: 'reader', AssumeRolePolicyDocument: trust }),
  );
  await owner.iam.send(
    new PutRolePolicyCommand({ RoleName: 'reader', PolicyName: 'read', PolicyDocument: read }),
  );
  const any = documentOf({ Action: 'sts:*', Resource: '*' });
  await source.iam.send(
    new PutUserPolicyCommand({ UserName: 'app', PolicyName: '__proto__', PolicyDocument: any }),
  );
  const managed = await source.iam.send(
    new CreatePolicyCommand({ PolicyName: 'managed', PolicyDocument: read }),
  );
  await source.iam.send(new AttachUserPolicyCommand({ UserName: 'app', PolicyArn: managed.Policy!.Arn! }));
  await source.iam.send(new CreateUserCommand({ UserName: 'made' }));
  const { AccessKey } = await source.iam.send(new CreateAccessKeyCommand({ UserName: 'made' }));
  const session = await assume(clientsOf(before, before.account(SOURCE).users['app']!).sts, {
    RoleArn: role.Role!.Arn!,
    RoleSessionName: 's1',
  });
  await before.close();

  await using after = await startSandbox({ data: folder, accounts });
  // The keys of what the config names, and the config's names, are what they were.
  expect(after.account(SOURCE)).toMatchObject(keys.find(({ id }) => id === SOURCE)!);
  expect(after.account(DESTINATION)).toEqual(keys.find(({ id }) => id === DESTINATION));
  expect(after.account(SOURCE).users['made']).toEqual({
    accessKeyId: AccessKey!.AccessKeyId,
    secretAccessKey: AccessKey!.SecretAccessKey,
  });
  const again = clientsOf(after, after.account(DESTINATION).root);
  expect(await again.s3.send(new GetBucketPolicyCommand({ Bucket: 'kept' }))).toMatchObject({ Policy });
  expect((await again.iam.send(new GetRoleCommand({ RoleName: 'reader' }))).Role).toEqual(role.Role);
  expect(await again.s3.send(new HeadObjectCommand({ Bucket: 'kept', Key: '__proto__' }))).toMatchObject({
    Metadata: { team: 'reports' },
    ContentLength: 4,
    TagCount: 1,
  });
  const app = clientsOf(after, after.account(SOURCE).root);
  const inline = await app.iam.send(new GetUserPolicyCommand({ UserName: 'app', PolicyName: '__proto__' }));
  expect(decodeURIComponent(inline.PolicyDocument!)).toBe(any);
  const { AttachedPolicies } = await app.iam.send(new ListAttachedUserPoliciesCommand({ UserName: 'app' }));
  expect(AttachedPolicies).toMatchObject([{ PolicyName: 'managed' }]);
  // Sessions live on, too.
  const reader = clientsOf(after, session);
  const got = await reader.s3.send(new GetObjectCommand({ Bucket: 'kept', Key: '__proto__' }));
  expect(await got.Body!.transformToString()).toBe('text');
});

/** Changes a folder that nobody uses. */
async function alter(change: (root: ReturnType<typeof open>) => Promise<unknown>): Promise<void> {
  const root = open({ path: join(folder, 'state'), noSubdir: false, maxDbs: 64 });
  await change(root);
  await root.close();
}

test('a folder of another format is refused, and left as it is', async () => {
  await (await startSandbox({ data: folder })).close();
  await alter((root) => root.openDB<unknown, string>({ name: 'meta' }).put('format', 99));
  const { code, lines } = await refusalOf('--data', folder);
  expect(code).toBe(3);
  expect(lines).toEqual([
    expect.stringContaining(
      `error: the data folder \`${folder}\` has format 99, and this version reads format `,
    ),
    'help: use the version of crossbucket that wrote it, or name another folder',
  ]);
  await alter(async (root) => expect(root.openDB({ name: 'meta' }).get('format')).toBe(99));
});

test('a folder of the first format, whose records are not JSON, is read and goes on', async () => {
  const before = await startSandbox({ data: folder });
  const { accounts } = before;
  const owner = clientsOf(before, before.account(DESTINATION).root);
  await owner.s3.send(new CreateBucketCommand({ Bucket: 'old' }));
  await owner.s3.send(new PutObjectCommand({ Bucket: 'old', Key: 'k', Body: 'text' }));
  await before.close();
  await alter(async (root) => {
    for (const name of ['accounts', 'access-keys', 'buckets', 'objects']) {
      const table = root.openDB<unknown, Buffer>({
        name,
        keyEncoding: name === 'objects' ? 'binary' : 'ordered-binary',
      });
      const entries = [...table.getRange()];
      expect(entries).not.toEqual([]);
      for (const { key, value } of entries) await table.put(key, JSON.parse(value as string));
    }
    await root.openDB<unknown, string>({ name: 'meta' }).put('format', 1);
  });
  await using after = await startSandbox({ data: folder });
  expect(after.accounts).toEqual(accounts);
  const { s3 } = clientsOf(after, after.account(DESTINATION).root);
  const text = async () =>
    (await s3.send(new GetObjectCommand({ Bucket: 'old', Key: 'k' }))).Body!.transformToString();
  expect(await text()).toBe('text');
  await s3.send(new PutObjectCommand({ Bucket: 'old', Key: 'k', Body: 'new' }));
  expect(await text()).toBe('new');
});

test.each([
  ['a file', (path: string) => writeFileSync(path, 'x')],
  [
    'a folder with a file where the state should be',
    (path: string) => {
      mkdirSync(path);
      writeFileSync(join(path, 'state'), 'x');
    },
  ],
  [
    'a folder whose state is not ours',
    (path: string) => {
      mkdirSync(join(path, 'state'), { recursive: true });
      writeFileSync(join(path, 'state', 'data.mdb'), 'not a database'.repeat(1000));
    },
  ],
])('%s is no data folder', async (_, make) => {
  const path = join(folder, 'data');
  make(path);
  const { code, lines } = await refusalOf('--data', path);
  expect(code).toBe(3);
  expect(lines[0]).toMatch(/^error: cannot use `.*` as the data folder: /);
  expect(lines[1]).toMatch(/^help: name a folder that you may write to/);
  expect(lines).toHaveLength(2);
});

describe('a database that was damaged while nobody used it', () => {
  const data = () => join(folder, 'state', 'data.mdb');
  const damage = async (change: () => void) => {
    const aws = await startSandbox({ accounts: [DESTINATION], data: folder });
    const { s3 } = clientsOf(aws, aws.account(DESTINATION).root);
    await s3.send(new CreateBucketCommand({ Bucket: 'bucket' }));
    await s3.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'k', Body: Buffer.alloc(100_000) }));
    await aws.close();
    change();
    const error = await startSandbox({ accounts: [DESTINATION], data: folder }).catch((caught) => caught);
    expect(error).toMatchObject({ code: 'DataFolderDamaged', message: expect.stringContaining(data()) });
    expect(readdirSync(join(folder, 'blobs'))).toHaveLength(1);
  };

  test('that ends early is refused', () => damage(() => truncateSync(data(), 20_000)));
  test('that ends within its first pages is refused', () => damage(() => truncateSync(data(), 4096)));
  test('that is empty is refused: what it named is still there', () => damage(() => truncateSync(data(), 0)));
  test('that is gone is refused', () => damage(() => rmSync(data())));
});

test('nobody but its owner reads what is in it', async () => {
  // A folder that was there may be open to everyone.
  const data = join(folder, 'open');
  mkdirSync(data, { mode: 0o755 });
  await using aws = await startSandbox({ data });
  const s3 = clientsOf(aws, aws.account(DESTINATION).root).s3;
  await s3.send(new CreateBucketCommand({ Bucket: 'mine' }));
  await s3.send(new PutObjectCommand({ Bucket: 'mine', Key: 'large', Body: Buffer.alloc(100_000) }));
  const open: string[] = [];
  const visit = (path: string): void => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const at = join(path, entry.name);
      if ((statSync(at).mode & 0o077) === 0) continue;
      if (entry.isDirectory()) visit(at);
      else if (entry.isFile()) open.push(at);
    }
  };
  visit(data);
  expect(open).toEqual([]);
  expect(readFileSync(aws.profiles, 'utf8')).toContain(aws.account(SOURCE).root.secretAccessKey);
});

describe('without a data folder', () => {
  test('everything is gone after close', async () => {
    const aws = await startSandbox();
    const temporary = dirname(dirname(aws.profiles));
    expect(existsSync(temporary)).toBe(true);
    const { s3 } = clientsOf(aws, aws.account(DESTINATION).root);
    await s3.send(new CreateBucketCommand({ Bucket: 'mine' }));
    await s3.send(new PutObjectCommand({ Bucket: 'mine', Key: 'large', Body: Buffer.alloc(100_000) }));
    await aws.close();
    await aws.close();
    expect(existsSync(temporary)).toBe(false);
    expect(await failureOf(fetch(aws.endpoint))).toMatchObject({ code: 'TypeError' });
  });

  test('also after a signal', async () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const child = await start();
      const temporary = dirname(dirname(child.readiness.configFile));
      expect(existsSync(temporary)).toBe(true);
      expect(await child.stop(signal)).toBe(0);
      expect(existsSync(temporary)).toBe(false);
    }
  });
});
