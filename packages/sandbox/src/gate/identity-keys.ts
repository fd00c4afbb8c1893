import type { JsonWebKey } from 'node:crypto';
import type { Settings } from '../config/settings.ts';

const PATIENCE = 5_000;
const LARGEST_DOCUMENT = 1_048_576;

/** The keys of identity providers: from the config, or from where the provider publishes them. */
export class IdentityKeys {
  readonly #known: Settings['identityKeys'];
  readonly #fetched = new Map<string, readonly JsonWebKey[]>();

  constructor(settings: Settings) {
    this.#known = settings.identityKeys;
  }

  /**
   * @param issuer Address without its scheme.
   * @param options.fresh Not those that were fetched before: a provider may have new ones.
   * @throws whatever keeps the provider from being reached, or from being understood.
   */
  async keysOf(issuer: string, options: { fresh?: boolean } = {}): Promise<readonly JsonWebKey[]> {
    const known = this.#known.get(issuer);
    if (known !== undefined && typeof known !== 'string') return known.keys;
    const before = options.fresh ? undefined : this.#fetched.get(issuer);
    if (before) return before;
    const url = known ?? (await discover(issuer));
    const { keys } = await fetchDocument(url);
    if (!Array.isArray(keys)) throw new Error(`\`${url}\` has no keys`);
    const usable = keys.filter((key): key is JsonWebKey => typeof key === 'object' && key !== null);
    this.#fetched.set(issuer, usable);
    return usable;
  }
}

/** By OpenID Connect Discovery 1.0. */
async function discover(issuer: string): Promise<string> {
  const { jwks_uri: url } = await fetchDocument(`https://${issuer}/.well-known/openid-configuration`);
  if (typeof url === 'string' && url.startsWith('https://')) return url;
  throw new Error(`the provider \`${issuer}\` names no key set`);
}

async function fetchDocument(url: string): Promise<Record<string, unknown>> {
  const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE), redirect: 'error' });
  if (!response.ok) throw new Error(`\`${url}\` answers ${response.status}`);
  const document: unknown = JSON.parse(await textOf(response, url));
  if (typeof document === 'object' && document !== null) return document as Record<string, unknown>;
  throw new Error(`\`${url}\` is not an object`);
}

/** No more of it than there may be. */
async function textOf({ body }: Response, url: string): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body ?? []) {
    size += part.length;
    if (size > LARGEST_DOCUMENT) throw new Error(`\`${url}\` is too large`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
