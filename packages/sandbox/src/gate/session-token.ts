import { createCipheriv, createDecipheriv } from 'node:crypto';
import { fewRandomBytes } from '../random.ts';
import { HmacKey } from '../wire/hmac-key.ts';
import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** What a session token says of its session; it is all there is of it: nothing is stored. */
export type SessionClaims = RoleSession | UserSession | FederatedSession;

interface Session {
  accessKeyId: string;
  account: string;
  /** Milliseconds since 1970. */
  issued: number;
  expires: number;
  /** Text of the inline session policy. */
  policy?: string;
  /** ARNs of the managed session policies. */
  policyArns?: string[];
  tags?: Record<string, string>;
  /** Keys of the tags that pass on to sessions made by this one. */
  transitiveTags?: string[];
  sourceIdentity?: string;
}

/** Of AssumeRole and AssumeRoleWithWebIdentity. */
export interface RoleSession extends Session {
  kind: 'role';
  /** The role's `AROA...` and ARN. */
  roleId: string;
  roleArn: string;
  sessionName: string;
  /** Condition keys that stay with a session that an identity provider vouched for. */
  federation?: Record<string, string | string[]>;
}

/** Of GetSessionToken. */
export interface UserSession extends Session {
  kind: 'user';
  /** `AIDA...`; without it, the session is the account root's. */
  userId?: string;
  /** When an MFA code was given. */
  authenticated?: number;
}

/** Of GetFederationToken. */
export interface FederatedSession extends Session {
  kind: 'federated-user';
  name: string;
  /** `AIDA...` of the user that made the session; without it, the account root did. */
  userId?: string;
}

const PLAIN = 2;
const DEFLATED = 3;
const FORMS = { [PLAIN]: Buffer.from([PLAIN]), [DEFLATED]: Buffer.from([DEFLATED]) };
const IV_BYTES = 12;
const TAG_BYTES = 16;
const OVERHEAD = 1 + IV_BYTES + TAG_BYTES;
/** Shorter claims are not worth the time. */
const WORTH_DEFLATING = 600;
const MAX_CACHED = 10_000;

/** Makes and reads session tokens, sealed with AES-256-GCM under the sandbox's own key. */
export class SessionTokens {
  readonly #key: Buffer;
  readonly #secrets: HmacKey;
  readonly #read = new Map<string, SessionClaims>();

  constructor(key: Buffer) {
    this.#key = key;
    this.#secrets = new HmacKey(key);
  }

  /** @param shortest Bytes that the token must have at least. */
  seal(claims: SessionClaims, shortest = 0): string {
    const text = JSON.stringify(claims);
    let bytes: Buffer = Buffer.from(text);
    let form: typeof PLAIN | typeof DEFLATED = PLAIN;
    if (bytes.length > WORTH_DEFLATING) {
      bytes = deflateRawSync(bytes);
      form = DEFLATED;
    }
    const missing = Math.ceil(shortest / 4) * 3 - OVERHEAD - bytes.length;
    // White space after JSON, and whatever stands after a deflated stream, count for nothing.
    if (missing > 0) bytes = Buffer.concat([bytes, Buffer.alloc(missing, ' ')]);
    const iv = fewRandomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv);
    // GCM gives as many bytes as it takes: there are none left for `final`.
    const sealed = cipher.update(bytes);
    cipher.final();
    return Buffer.concat([FORMS[form], iv, cipher.getAuthTag(), sealed]).toString('base64');
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
    return this.#secrets.base64(`secret of ${accessKeyId}`).slice(0, 40);
  }

  #unseal(token: string): SessionClaims | undefined {
    const bytes = Buffer.from(token, 'base64');
    const form = bytes[0];
    if (bytes.length <= OVERHEAD || (form !== PLAIN && form !== DEFLATED)) return undefined;
    const iv = bytes.subarray(1, 1 + IV_BYTES);
    const tag = bytes.subarray(1 + IV_BYTES, OVERHEAD);
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#key, iv, { authTagLength: TAG_BYTES });
      decipher.setAuthTag(tag);
      const opened = Buffer.concat([decipher.update(bytes.subarray(OVERHEAD)), decipher.final()]);
      const text = form === DEFLATED ? inflateRawSync(opened) : opened;
      return JSON.parse(text.toString('utf8')) as SessionClaims;
    } catch {
      return undefined;
    }
  }
}
