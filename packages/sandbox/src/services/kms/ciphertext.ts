import { createCipheriv, createDecipheriv } from 'node:crypto';
import { fewRandomBytes } from '../../random.ts';
import type { KeyRecord } from '../../store/records.ts';

/** Pairs that whoever decrypts must know as well: they are authenticated, and not part of the ciphertext. */
export type EncryptionContext = Readonly<Record<string, string>>;

type Key = Pick<KeyRecord, 'arn' | 'material' | 'older'>;

// A ciphertext: version, length of the key's ARN in two bytes, ARN, nonce, tag, data.
const VERSION = 1;
const KEY_ARN = /^arn:aws:kms:[a-z0-9-]+:\d{12}:key\/[a-zA-Z0-9-]+$/;
const ARN_AT = 3;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts under a key, with AES-256-GCM. */
export function seal(key: Key, plaintext: Uint8Array, context: EncryptionContext = {}): Buffer {
  const header = headerOf(key.arn);
  const nonce = fewRandomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key.material, 'base64'), nonce);
  cipher.setAAD(authenticated(header, context));
  const data = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([header, nonce, cipher.getAuthTag(), data]);
}

/** Decrypts; nothing if key, context or ciphertext are not those of `seal`. */
export function open(key: Key, ciphertext: Uint8Array, context: EncryptionContext = {}): Buffer | undefined {
  return openWith(key, ciphertext, context)?.plaintext;
}

/** Decrypts with the material that a key has or had, and tells which it was. */
export function openWith(
  key: Key,
  ciphertext: Uint8Array,
  context: EncryptionContext = {},
): { plaintext: Buffer; material: string } | undefined {
  const header = headerOf(key.arn);
  const bytes = Buffer.from(ciphertext);
  const dataAt = header.length + NONCE_BYTES + TAG_BYTES;
  if (bytes.length < dataAt || !bytes.subarray(0, header.length).equals(header)) return undefined;
  const known = authenticated(header, context);
  const materials = [key.material, ...(key.older ?? []).map(({ material }) => material).toReversed()];
  for (const material of materials) {
    const plaintext = decipher(material, bytes, header.length, known);
    if (plaintext) return { plaintext, material };
  }
  return undefined;
}

function decipher(material: string, bytes: Buffer, nonceAt: number, known: Buffer): Buffer | undefined {
  const tagAt = nonceAt + NONCE_BYTES;
  const dataAt = tagAt + TAG_BYTES;
  const nonce = bytes.subarray(nonceAt, tagAt);
  const cipher = createDecipheriv('aes-256-gcm', Buffer.from(material, 'base64'), nonce, {
    authTagLength: TAG_BYTES,
  });
  cipher.setAAD(known);
  cipher.setAuthTag(bytes.subarray(tagAt, dataAt));
  try {
    return Buffer.concat([cipher.update(bytes.subarray(dataAt)), cipher.final()]);
  } catch {
    return undefined;
  }
}

/** ARN of the key that a ciphertext says it is under; nothing for what is no ciphertext. */
export function keyOf(ciphertext: Uint8Array): string | undefined {
  const bytes = Buffer.from(ciphertext);
  if (bytes.length < ARN_AT || bytes[0] !== VERSION) return undefined;
  const end = ARN_AT + bytes.readUInt16BE(1);
  const arn = bytes.subarray(ARN_AT, end).toString('utf8');
  return bytes.length >= end + NONCE_BYTES + TAG_BYTES && KEY_ARN.test(arn) ? arn : undefined;
}

function headerOf(arn: string): Buffer {
  const name = Buffer.from(arn);
  const header = Buffer.alloc(ARN_AT + name.length);
  header[0] = VERSION;
  header.writeUInt16BE(name.length, 1);
  name.copy(header, ARN_AT);
  return header;
}

/** The order of a context's pairs does not count. */
function authenticated(header: Buffer, context: EncryptionContext): Buffer {
  const pairs = Object.entries(context).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.concat([header, Buffer.from(JSON.stringify(pairs))]);
}
