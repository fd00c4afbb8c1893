import { mkdtempSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SandboxError } from '../errors.ts';
import type { Database } from './database.ts';

/**
 * Keeps a second process off the data folder. Each process listens on a socket of its own in the folder, which the
 * kernel closes however the process ends, and writes its name into the database: whoever finds a name whose socket
 * answers is second; whoever finds one that does not replaces it in one transaction.
 */
export class FolderLock {
  readonly #server: Server;
  readonly #path: string;

  private constructor(server: Server, path: string) {
    this.#server = server;
    this.#path = path;
  }

  /** @throws SandboxError `DataFolderInUse` */
  static async acquire(folder: string, database: Database): Promise<FolderLock> {
    const name = `lock-${randomBytes(6).toString('hex')}.sock`;
    const server = await listen(folder, name);
    const lock = new FolderLock(server, join(folder, name));
    for (;;) {
      const holder = database.getMeta('holder') as string | undefined;
      if (holder !== undefined && (await answers(folder, holder))) {
        await lock.release();
        throw new SandboxError(
          'DataFolderInUse',
          `the data folder \`${folder}\` is in use by another sandbox`,
          'stop the other one first, or name another folder with --data',
        );
      }
      if (!database.replaceMeta('holder', holder, name)) continue;
      if (holder !== undefined) rmSync(join(folder, holder), { force: true });
      return lock;
    }
  }

  async release(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.#path, { force: true });
  }
}

async function listen(folder: string, name: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  await throughShortPath(folder, name, (path) => {
    return new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
  });
  server.unref();
  return server;
}

async function answers(folder: string, name: string): Promise<boolean> {
  return throughShortPath(folder, name, (path) => {
    return new Promise<boolean>((resolve) => {
      const socket = connect(path);
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
  });
}

/** The kernel takes about a hundred bytes of a socket's path, and a data folder's may be longer. */
const MAX_SOCKET_PATH = 100;

async function throughShortPath<T>(
  folder: string,
  name: string,
  use: (path: string) => Promise<T>,
): Promise<T> {
  const path = join(folder, name);
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH) return use(path);
  const shortcut = mkdtempSync(join(tmpdir(), 'crossbucket-'));
  symlinkSync(folder, join(shortcut, 'd'));
  try {
    return await use(join(shortcut, 'd', name));
  } finally {
    unlinkSync(join(shortcut, 'd'));
    rmSync(shortcut, { recursive: true, force: true });
  }
}
