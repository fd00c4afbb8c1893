import { createPublicKey, verify, type JsonWebKey, type KeyObject } from 'node:crypto';

export interface Jwt {
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
  /** What the signature is of. */
  signed: string;
  signature: Buffer;
}

/** Takes a JSON Web Token (RFC 7519) apart; nothing if it is not one. */
export function parseJwt(token: string): Jwt | undefined {
  const parts = token.split('.');
  if (parts.length !== 3 || !parts.every((part) => /^[\w-]+$/.test(part))) return undefined;
  const [head, body, signature] = parts as [string, string, string];
  const header = readPart(head);
  const claims = readPart(body);
  if (!header || !claims) return undefined;
  return { header, claims, signed: `${head}.${body}`, signature: Buffer.from(signature, 'base64url') };
}

interface Algorithm {
  hash: string;
  type: 'rsa' | 'ec';
  curve?: string;
}

/** Those that AssumeRoleWithWebIdentity takes, as the SDK's model of STS says. */
const ALGORITHMS: ReadonlyMap<unknown, Algorithm> = new Map<unknown, Algorithm>([
  ['RS256', { hash: 'sha256', type: 'rsa' }],
  ['RS384', { hash: 'sha384', type: 'rsa' }],
  ['RS512', { hash: 'sha512', type: 'rsa' }],
  ['ES256', { hash: 'sha256', type: 'ec', curve: 'prime256v1' }],
  ['ES384', { hash: 'sha384', type: 'ec', curve: 'secp384r1' }],
  ['ES512', { hash: 'sha512', type: 'ec', curve: 'secp521r1' }],
]);

/** Whether one of the keys has signed the token: the key of the id that it names, where it names one. */
export function isSigned({ header, signed, signature }: Jwt, keys: readonly JsonWebKey[]): boolean {
  const algorithm = ALGORITHMS.get(header['alg']);
  if (!algorithm) return false;
  const { kid } = header;
  const candidates = kid === undefined ? keys : keys.filter((key) => key['kid'] === kid);
  return candidates.some((jwk) => {
    const key = publicKeyOf(jwk, algorithm);
    if (!key) return false;
    return verify(algorithm.hash, Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }, signature);
  });
}

/** The key, if it is of the kind that the algorithm needs. */
function publicKeyOf(jwk: JsonWebKey, { type, curve }: Algorithm): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    const fits = key.asymmetricKeyType === type && key.asymmetricKeyDetails?.namedCurve === curve;
    return fits ? key : undefined;
  } catch {
    return undefined;
  }
}

function readPart(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
