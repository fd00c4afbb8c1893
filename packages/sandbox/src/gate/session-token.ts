import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

/** What a session token says of its session; it is all there is of it: nothing is stored. */
export interface SessionClaims {
  accessKeyId: string;
  account: string;
  /** The role's `AROA...` and ARN. */
  roleId: string;
  roleArn: string;
  sessionName: string;
  /** Milliseconds since 1970. */
  issued: number;
  expires: number;
  /** Session policies: name (an ARN, or `session policy`) and document text. */
  policies?: { name: string; text: string }[];
  tags?: Record<string, string>;
  /** Keys of the tags that pass on to sessions made by this one. */
  transitiveTags?: string[];
  sourceIdentity?: string;
  /** ARN of the caller that assumed the role. */
  issuedTo: string;
}

const VERSION = Buffer.from([1]);
const IV_BYTES = 12;
const TAG_BYTES = 16;
const MAX_CACHED = 10_000;

/** Makes and reads session tokens, sealed with AES-256-GCM under the sandbox's own key. */
export class SessionTokens {
  readonly #key: Buffer;
  readonly #read = new Map<string, SessionClaims>();

  constructor(key: Buffer) {
    this.#key = key;
  }

  seal(claims: SessionClaims): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv);
    const sealed = Buffer.concat([cipher.update(JSON.stringify(claims), 'utf8'), cipher.final()]);
    return Buffer.concat([VERSION, iv, cipher.getAuthTag(), sealed]).toString('base64');
  }

  /** The claims of a token that was made here, expired or not; nothing for any other text. */
  open(token: string): SessionClaims | undefined {
    const known = this.#read.get(token);
    if (known) return known;
    const claims = this.#unseal(token);
    if (!claims) return undefined;
    if (this.#read.size >= MAX_CACHED) this.#read.clear();
    this.#read.set(token, claims);
    return claims;
  }

  /** The secret of a session's access key. */
  secretOf(accessKeyId: string): string {
    return createHmac('sha256', this.#key).update(`secret of ${accessKeyId}`).digest('base64').slice(0, 40);
  }

  #unseal(token: string): SessionClaims | undefined {
    const bytes = Buffer.from(token, 'base64');
    if (bytes.length <= VERSION.length + IV_BYTES + TAG_BYTES || !bytes.subarray(0, 1).equals(VERSION))
      return undefined;
    const iv = bytes.subarray(1, 1 + IV_BYTES);
    const tag = bytes.subarray(1 + IV_BYTES, 1 + IV_BYTES + TAG_BYTES);
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#key, iv, { authTagLength: TAG_BYTES });
      decipher.setAuthTag(tag);
      const text = Buffer.concat([
        decipher.update(bytes.subarray(1 + IV_BYTES + TAG_BYTES)),
        decipher.final(),
      ]);
      return JSON.parse(text.toString('utf8')) as SessionClaims;
    } catch {
      return undefined;
    }
  }
}
