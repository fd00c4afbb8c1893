import { Recent } from '../recent.ts';
import { HmacKey } from '../wire/hmac-key.ts';
import { sameHex } from '../wire/digests.ts';
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

/** Of the claims: JSON, or JSON deflated. The forms before these were encrypted. */
const PLAIN = 4;
const DEFLATED = 5;
type Form = typeof PLAIN | typeof DEFLATED;
const MAC_BYTES = 32;
/** The code, and the form behind it. */
const OVERHEAD = MAC_BYTES + 1;
/** Shorter claims are not worth the time. */
const WORTH_DEFLATING = 600;
const MAX_CACHED = 10_000;

/**
 * Makes and reads session tokens: the claims, and a code of them under the sandbox's own key. They are no secret to
 * whoever holds the token, and a cipher costs more than the rest of a session.
 */
export class SessionTokens {
  readonly #codes: HmacKey;
  readonly #secrets: HmacKey;
  readonly #read = new Recent<SessionClaims>(MAX_CACHED);

  constructor(key: Buffer) {
    this.#secrets = new HmacKey(key);
    this.#codes = new HmacKey(Buffer.from(this.#secrets.hex('key of session tokens'), 'hex'));
  }

  /** @param shortest Bytes that the token must have at least. */
  seal(claims: SessionClaims, shortest = 0): string {
    let bytes: Buffer = Buffer.from(JSON.stringify(claims));
    let form: Form = PLAIN;
    if (bytes.length > WORTH_DEFLATING) {
      bytes = deflateRawSync(bytes);
      form = DEFLATED;
    }
    const missing = Math.max(0, Math.ceil(shortest / 4) * 3 - OVERHEAD - bytes.length);
    const token = Buffer.allocUnsafe(OVERHEAD + bytes.length + missing);
    token[MAC_BYTES] = form;
    bytes.copy(token, OVERHEAD);
    // White space after JSON, and whatever stands after a deflated stream, count for nothing.
    token.fill(' ', OVERHEAD + bytes.length);
    this.#codes.writeCode(token, MAC_BYTES);
    return token.toString('base64');
  }

  /** The claims of a token that was made here, expired or not; nothing for any other text. */
  open(token: string): SessionClaims | undefined {
    const known = this.#read.get(token);
    if (known) return known;
    const claims = this.#unseal(token);
    if (!claims) return undefined;
    this.#read.set(token, claims);
    return claims;
  }

  /** The secret of a session's access key. */
  secretOf(accessKeyId: string): string {
    return this.#secrets.base64(`secret of ${accessKeyId}`).slice(0, 40);
  }

  #unseal(token: string): SessionClaims | undefined {
    const bytes = Buffer.from(token, 'base64');
    const form = bytes[MAC_BYTES];
    if (bytes.length <= OVERHEAD || (form !== PLAIN && form !== DEFLATED)) return undefined;
    if (!sameHex(this.#codes.hexOfBytes(bytes.subarray(MAC_BYTES)), bytes.toString('hex', 0, MAC_BYTES)))
      return undefined;
    const claims = bytes.subarray(OVERHEAD);
    const text = form === DEFLATED ? inflateRawSync(claims) : claims;
    return JSON.parse(text.toString('utf8')) as SessionClaims;
  }
}
