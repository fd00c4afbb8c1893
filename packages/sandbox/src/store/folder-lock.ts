import { mkdtempSync, readdirSync, readlinkSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SandboxError } from '../errors.ts';

/**
 * Keeps a second process off the data folder, before it touches anything in it. Each process listens on a socket of
 * its own in the folder, which the kernel closes however the process ends, and claims the folder with a link to it
 * under the next number: `lock.7`. Whoever finds that the latest claim's socket answers is second. Of two that find it
 * dead, one makes the next link. The latest link is never removed, so that nobody can claim what was claimed since.
 */
export class FolderLock {
  readonly #server: Server;
  readonly #path: string;

  private constructor(server: Server, path: string) {
    this.#server = server;
    this.#path = path;
  }

  /** @throws SandboxError `DataFolderInUse` */
  static async acquire(folder: string): Promise<FolderLock> {
    const name = `lock-${randomBytes(6).toString('hex')}.sock`;
    const lock = new FolderLock(await listen(folder, name), join(folder, name));
    try {
      while (!(await claim(folder, name)));
      return lock;
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  async release(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.#path, { force: true });
  }
}

/** False if somebody else was faster: then there is a later claim to look at. */
async function claim(folder: string, name: string): Promise<boolean> {
  const latest = latestClaim(folder);
  const holder = latest === 0 ? undefined : readClaim(folder, latest);
  if (holder !== undefined && (await answers(folder, holder)))
    throw new SandboxError(
      'DataFolderInUse',
      `the data folder \`${folder}\` is in use by another sandbox`,
      'stop the other one first, or name another folder with --data',
    );
  const own = latest + 1;
  if (!makeClaim(folder, own, name)) return false;
  if (latestClaim(folder) !== own) {
    // The number had been used and removed while this process slept.
    unlinkSync(join(folder, `lock.${own}`));
    return false;
  }
  for (const number of claimsOf(folder)) if (number < own) removeClaim(folder, number);
  return true;
}

function claimsOf(folder: string): number[] {
  return readdirSync(folder).flatMap((entry) => {
    const number = /^lock\.(\d{1,15})$/.exec(entry)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
}

function latestClaim(folder: string): number {
  return Math.max(0, ...claimsOf(folder));
}

/** Name of the socket of a claim; nothing if it has just been removed for a later one. */
function readClaim(folder: string, number: number): string | undefined {
  try {
    return readlinkSync(join(folder, `lock.${number}`));
  } catch {
    return undefined;
  }
}

function makeClaim(folder: string, number: number, name: string): boolean {
  try {
    symlinkSync(name, join(folder, `lock.${number}`));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function removeClaim(folder: string, number: number): void {
  const holder = readClaim(folder, number);
  if (holder !== undefined) rmSync(join(folder, holder), { force: true });
  rmSync(join(folder, `lock.${number}`), { force: true });
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
