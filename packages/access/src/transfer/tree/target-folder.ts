import { lstat, mkdir, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { AccessError } from '../../errors.ts';
import { fileError } from '../file-error.ts';
import { makeFolder } from '../make-folder.ts';

/** Bytes of one name, on the file systems that matter. */
const LONGEST_NAME = 255;
const WINDOWS_REFUSES = /[<>:"\\|?*]|[ .]$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** A folder that objects are written to. No name leads out of it, by dots, by an absolute path or by a link inside it. */
export class TargetFolder {
  readonly #root: string;
  #real: Promise<string> | undefined;
  readonly #safe = new Map<string, Promise<void>>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Makes the folder itself. Rejects with an error of the file system. */
  async open(): Promise<void> {
    await this.#secure('').catch((error: unknown) => {
      throw fileError(error, this.#root);
    });
  }

  /** The path of a file of this name; the folders above it are made. Rejects with `bad-key`, `unsafe-key` or an error of the file system. */
  async place(name: string): Promise<string> {
    checkName(name);
    const path = join(this.#root, ...name.split('/'));
    try {
      await this.#secure(name.slice(0, name.lastIndexOf('/') + 1));
      return path;
    } catch (error) {
      throw fileError(error, path);
    }
  }

  /** The path where a file of this name would be, without making anything. */
  pathOf(name: string): string {
    checkName(name);
    return join(this.#root, ...name.split('/'));
  }

  /** `folder` ends in a slash, or is empty for the root. */
  #secure(folder: string): Promise<void> {
    const known = this.#safe.get(folder);
    if (known) return known;
    const made = this.#make(folder);
    this.#safe.set(folder, made);
    made.catch(() => this.#safe.delete(folder));
    return made;
  }

  async #make(folder: string): Promise<void> {
    if (folder === '') {
      await makeFolder(this.#root);
      this.#real = realpath(this.#root);
      await this.#real;
      return;
    }
    await this.#secure(folder.slice(0, folder.lastIndexOf('/', folder.length - 2) + 1));
    const path = join(this.#root, ...folder.split('/').slice(0, -1));
    await mkdir(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    const stats = await lstat(path);
    if (stats.isDirectory()) return;
    if (!stats.isSymbolicLink()) throw Object.assign(new Error('is a file'), { code: 'ENOTDIR' });
    const [root, real] = await Promise.all([this.#real!, realpath(path)]);
    if (real === root || real.startsWith(root.endsWith(sep) ? root : root + sep)) return;
    throw new AccessError(
      'unsafe-key',
      `\`${folder}\` is a link in \`${this.#root}\` that leads out of it, to \`${real}\``,
      'remove the link, or choose another folder',
    );
  }
}

function checkName(name: string): void {
  const unsafe = name.split('/').find((part) => part === '.' || part === '..');
  if (unsafe !== undefined)
    throw refused('unsafe-key', name, `would lead to another folder by its \`${unsafe}\``);
  const reason = reasonAgainst(name);
  if (reason !== undefined) throw refused('bad-key', name, reason);
}

function reasonAgainst(name: string): string | undefined {
  if (name.startsWith('/')) return 'begins with a slash';
  if (name.endsWith('/') || name === '') return 'ends in a slash';
  for (const part of name.split('/')) {
    if (part === '') return 'has two slashes in a row';
    if (part.includes('\0')) return 'holds NUL';
    if (Buffer.byteLength(part) > LONGEST_NAME) return `has a part of more than ${LONGEST_NAME} bytes`;
    if (process.platform === 'win32' && WINDOWS_REFUSES.test(part))
      return `has a part that Windows refuses, \`${part}\``;
  }
  return undefined;
}

const refused = (code: 'unsafe-key' | 'bad-key', name: string, why: string) =>
  new AccessError(
    code,
    `no file can have the name of the key \`${name}\`, which ${why}`,
    'copy it under a name of your own: crossbucket cp s3://BUCKET/KEY FILE; or leave it out with --exclude',
  );
