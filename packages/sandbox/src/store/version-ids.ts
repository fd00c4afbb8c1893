import { randomBytes } from 'node:crypto';

// A version's place in its chain is a sequence number of 48 bits. Its id carries that number, hidden under random
// bytes: so an id leads to its version without an index, and tells nothing of when others were made.

/** Version id of the one version of a key that has no id of its own. */
export const NULL_VERSION = 'null';

const RANDOM_BYTES = 18;
const SEQUENCE_BYTES = 6;
/** Above every sequence number. */
const LIMIT = 2 ** 48;
const PER_MILLISECOND = 64;

let last = 0;

/** A sequence number above all given so far, and above `newest`: that of the newest version of a key. */
export function nextSequence(newest: number): number {
  last = Math.max(Date.now() * PER_MILLISECOND, last + 1, newest + 1);
  return last;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html */
export function newVersionId(sequence: number): string {
  const bytes = Buffer.alloc(RANDOM_BYTES + SEQUENCE_BYTES);
  randomBytes(RANDOM_BYTES).copy(bytes);
  bytes.writeUIntBE(sequence, RANDOM_BYTES, SEQUENCE_BYTES);
  hide(bytes);
  return bytes.toString('base64').replaceAll('+', '.').replaceAll('/', '_');
}

/** Whether a text has the form of a version id, `null` among them. */
export function isVersionId(text: string): boolean {
  return text === NULL_VERSION || /^[A-Za-z0-9._]{32}$/.test(text);
}

/** The sequence number that an id of `newVersionId`'s carries; some number for another text of its form. */
export function sequenceIn(id: string): number {
  const bytes = Buffer.from(id.replaceAll('.', '+').replaceAll('_', '/'), 'base64');
  hide(bytes);
  return bytes.readUIntBE(RANDOM_BYTES, SEQUENCE_BYTES);
}

/** Does and undoes it. */
function hide(bytes: Buffer): void {
  for (let index = 0; index < SEQUENCE_BYTES; index++) bytes[RANDOM_BYTES + index]! ^= bytes[index]!;
}

/** A sequence number as bytes that sort the newest first. */
export function newestFirst(sequence: number): Buffer {
  const bytes = Buffer.alloc(SEQUENCE_BYTES);
  bytes.writeUIntBE(LIMIT - 1 - sequence, 0, SEQUENCE_BYTES);
  return bytes;
}
