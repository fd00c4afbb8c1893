import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Filter, TransferOptions, UploadOptions } from '@crossbucket/access';
import { parseBytes } from './units.ts';

/** What `cp` and `sync` have in common, as commander gives it. */
export interface TransferFlags {
  partSize?: number;
  concurrency?: number;
  resume: boolean;
  checksum?: 'CRC64NVME' | 'CRC32' | 'CRC32C' | 'none';
  contentType?: string;
  metadata?: Record<string, string>;
  tag?: Record<string, string>;
  tags: boolean;
  storageClass?: string;
  sse?: string;
  sseKmsKeyId?: string;
  acl?: string;
  requestPayer?: boolean;
  dryRun?: boolean;
  json?: boolean;
  quiet?: boolean;
  verbose?: boolean;
}

const OBJECT = 'Of the objects that are written:';
const WAY = 'How:';

/** They are kept in the order in which they are given, includes and excludes together. */
export function addFilters(command: Command): Filter[] {
  const filters: Filter[] = [];
  const add = (kind: 'include' | 'exclude') => (glob: string) => {
    filters.push(kind === 'include' ? { include: glob } : { exclude: glob });
  };
  const include = new Option(
    '--include <glob>',
    'only names that fit; may be repeated, and the last filter that fits decides',
  );
  const exclude = new Option(
    '--exclude <glob>',
    'not names that fit: `*` is any characters, `?` one, `[a-z]` one of a set',
  );
  command.addOption(include.argParser(add('include'))).addOption(exclude.argParser(add('exclude')));
  return filters;
}

export function addTransferOptions(command: Command): { filters: Filter[] } {
  const filters = addFilters(command);
  const option = (flags: string, description: string, group?: string) => {
    const made = new Option(flags, description);
    if (group !== undefined) made.helpGroup(group);
    command.addOption(made);
    return made;
  };
  option('--dry-run', 'tell what would be done, and do nothing');
  option('--json', 'events and the summary as JSON lines');
  option('--quiet', 'no progress');
  option('--verbose', 'a line for every object');

  option('--content-type <type>', 'default: by the name of the file', OBJECT);
  option('--metadata <name=value>', 'may be repeated', OBJECT).argParser(pairs);
  option('--tag <name=value>', 'may be repeated', OBJECT).argParser(pairs);
  option('--no-tags', 'leave the tags of the source behind when copying between buckets', OBJECT);
  option('--storage-class <class>', 'STANDARD_IA, INTELLIGENT_TIERING, GLACIER_IR, ...', OBJECT);
  option('--sse <kind>', 'AES256, aws:kms or aws:kms:dsse', OBJECT);
  option('--sse-kms-key-id <arn>', 'ARN of the key', OBJECT);
  option('--acl <acl>', 'bucket-owner-full-control, where the bucket still has ACLs', OBJECT);
  option('--request-payer', 'pay for the requests where the bucket asks its callers to', OBJECT);

  option('--part-size <size>', 'of large objects, such as 16MiB; default: 8MiB', WAY).argParser(size);
  option('--concurrency <n>', 'requests at a time; default: 16', WAY).argParser(number);
  option('--no-resume', 'begin anew, and leave nothing to go on with', WAY);
  option('--checksum <algorithm>', 'that S3 checks and keeps; default: CRC64NVME', WAY).choices([
    'CRC64NVME',
    'CRC32',
    'CRC32C',
    'none',
  ]);
  return { filters };
}

/** The same in the words of `@crossbucket/access`. */
export function transferOptions(flags: TransferFlags): TransferOptions & {
  input: NonNullable<UploadOptions['input']>;
  readInput: { RequestPayer?: 'requester' };
} {
  const { partSize, concurrency, resume, checksum, storageClass, sse, sseKmsKeyId, acl, requestPayer } =
    flags;
  const payer = requestPayer === true ? { RequestPayer: 'requester' as const } : {};
  const input = {
    ...payer,
    ...(storageClass !== undefined && { StorageClass: storageClass }),
    ...(sse !== undefined && { ServerSideEncryption: sse }),
    ...(sseKmsKeyId !== undefined && { SSEKMSKeyId: sseKmsKeyId }),
    ...(acl !== undefined && { ACL: acl }),
  } as NonNullable<UploadOptions['input']>;
  return {
    resume,
    ...(partSize !== undefined && { partSize }),
    ...(concurrency !== undefined && { concurrency }),
    ...(checksum !== undefined && { checksum: checksum === 'none' ? false : checksum }),
    input,
    readInput: payer,
  };
}

export function size(text: string): number {
  const bytes = parseBytes(text);
  if (bytes === undefined) throw new InvalidArgumentError('a size is written 8MiB, or in bytes.');
  return bytes;
}

function number(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError('it is a number.');
  return Number(text);
}

function pairs(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('it is written name=value.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}
