import { setMaxListeners } from 'node:events';
import type { CrcName } from '../checksums/crc.ts';
import { AccessError } from '../errors.ts';
import { FilePace } from './file-pace.ts';
import { Flow } from './flow.ts';
import { PartBuffers } from './part-buffers.ts';
import { checkPartSize, DEFAULT_PART, MiB } from './parts.ts';
import type { TransferEvent, TransferListener } from './events.ts';

export interface TransferOptions {
  /** Bytes of one part, and above which an object is cut into parts. Default: 8 MiB. Uploads take what S3 asks for if that is more: 5 MiB, and 10,000 parts at most. */
  partSize?: number;
  /** Requests in flight at a time. Default: 16. */
  concurrency?: number;
  /** Goes on with what a process before has left. Default: true. */
  resume?: boolean;
  /** Sent with uploads, and checked by S3. Default: CRC64NVME. */
  checksum?: CrcName | false;
  /** Folder for the journals of uploads and copies. Default: in the user's state directory. */
  stateDirectory?: string;
  onEvent?: TransferListener;
  signal?: AbortSignal;
}

export const TRANSFER_OPTIONS = [
  'partSize',
  'concurrency',
  'resume',
  'checksum',
  'stateDirectory',
  'onEvent',
  'signal',
] as const satisfies (keyof TransferOptions)[];

/** What the transfers of one call share. */
export interface Run {
  flow: Flow;
  buffers: PartBuffers;
  /** Of the files that are read. */
  pace: FilePace;
  concurrency: number;
  partSize: number;
  /** Only if the caller has said so. */
  givenPartSize: number | undefined;
  resume: boolean;
  checksum: CrcName | undefined;
  stateDirectory: string | undefined;
  signal: AbortSignal;
  report: (event: TransferEvent) => void;
  /** A promise where whoever is told of events cannot take more yet. */
  held: () => Promise<unknown> | undefined;
}

/** Bytes of parts that are held in memory at a time, over all transfers of a run. */
const MEMORY = 40 * MiB;
const MOST_REQUESTS = 256;
const CHECKSUMS = new Set<unknown>(['CRC64NVME', 'CRC32', 'CRC32C', false]);

/** Throws `invalid-option`. */
export function openRun(options: TransferOptions): Run {
  const { partSize, concurrency = 16, resume = true, checksum = 'CRC64NVME', stateDirectory } = options;
  checkPartSize(partSize);
  if (!Number.isSafeInteger(concurrency) || concurrency < 1 || concurrency > MOST_REQUESTS)
    throw invalid('concurrency', concurrency, `pass a number from 1 to ${MOST_REQUESTS}`);
  if (!CHECKSUMS.has(checksum)) throw invalid('checksum', checksum, 'pass CRC64NVME, CRC32 or false');
  return {
    flow: new Flow(concurrency, Math.max(MEMORY, partSize ?? 0)),
    buffers: new PartBuffers(partSize ?? DEFAULT_PART),
    pace: new FilePace(),
    concurrency,
    partSize: partSize ?? DEFAULT_PART,
    givenPartSize: partSize,
    resume,
    checksum: checksum || undefined,
    stateDirectory,
    signal: ownSignal(options.signal),
    ...reportsTo(options.onEvent),
  };
}

function reportsTo(listener: TransferListener = () => {}): Pick<Run, 'report' | 'held'> {
  let waiting: Promise<unknown> | undefined;
  return {
    report(event) {
      const taken = listener(event);
      // Whoever writes `(event) => list.push(event)` returns something else.
      if (!(taken instanceof Promise)) return;
      // Without their results: of one large object there are events without end before anybody waits.
      waiting = waiting ? Promise.all([waiting, taken]).then(() => undefined) : taken;
      // Told to whoever waits for it.
      waiting.catch(() => {});
    },
    held() {
      const held = waiting;
      waiting = undefined;
      return held;
    },
  };
}

const invalid = (name: string, value: unknown, help: string) =>
  new AccessError('invalid-option', `\`${name}\` cannot be \`${String(value)}\``, help);

/** Every request listens to it, so it is not the caller's own: Node warns of more than ten listeners. */
function ownSignal(signal: AbortSignal | undefined): AbortSignal {
  const own = signal ? AbortSignal.any([signal]) : new AbortController().signal;
  setMaxListeners(0, own);
  return own;
}
