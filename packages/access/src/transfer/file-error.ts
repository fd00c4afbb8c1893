import { AccessError, type AccessErrorCode } from '../errors.ts';

interface Meaning {
  code: AccessErrorCode;
  says: (path: string) => string;
  help: string;
}

const full: Meaning = {
  code: 'disk-full',
  says: (path) => `there is no room left for \`${path}\``,
  help: 'make room and run it again: large objects go on where they stopped',
};
const refused: Meaning = {
  code: 'file-denied',
  says: (path) => `\`${path}\` is not open to this user`,
  help: 'check who owns it and its mode',
};
const missing: Meaning = {
  code: 'file-missing',
  says: (path) => `there is no \`${path}\``,
  help: 'check the name',
};
const unnameable: Meaning = {
  code: 'bad-key',
  says: (path) => `no file can be named \`${path}\` here`,
  help: 'leave it out with --exclude, or copy it under a name of your own',
};
const inTheWay: Meaning = {
  code: 'file-failed',
  says: (path) => `\`${path}\` cannot be both a file and a folder`,
  help: 'move what is in the way, or leave it out with --exclude',
};

const BY_CODE: Readonly<Record<string, Meaning>> = {
  ENOSPC: full,
  EDQUOT: full,
  EFBIG: { ...full, says: (path) => `\`${path}\` would be larger than its file system or limits allow` },
  EACCES: refused,
  EPERM: refused,
  EROFS: { ...refused, says: (path) => `\`${path}\` is on a file system that cannot be written` },
  ENOENT: missing,
  ENAMETOOLONG: unnameable,
  EILSEQ: unnameable,
  EINVAL: unnameable,
  EISDIR: inTheWay,
  ENOTDIR: inTheWay,
  EEXIST: inTheWay,
  ENOTEMPTY: inTheWay,
};

/** An error of the file system, with what to do; others are returned as they are. */
export function fileError(error: unknown, path: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof AccessError || typeof code !== 'string') return error;
  const meaning = Object.hasOwn(BY_CODE, code) ? BY_CODE[code] : undefined;
  if (!meaning)
    return new AccessError('file-failed', `\`${path}\`: ${message}`, 'see the cause', { cause: error });
  return new AccessError(meaning.code, `${meaning.says(path)} (${code})`, meaning.help, { cause: error });
}
