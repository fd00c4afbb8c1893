import { createPrivateKey, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext, type SecureContext } from 'node:tls';
import { issue, makeAuthority, type Issued } from './certificates.ts';

/** What a client reaches the sandbox by without naming a host. */
const ALWAYS = ['127.0.0.1', 'localhost'];
/** Names of buckets, accounts and access points stand before it. */
const SUBDOMAIN = /^[a-z0-9-]+(\.[a-z0-9-]+)*\.localhost$/i;
const MOST_KEPT = 1000;
/** An authority that ends sooner is made anew. */
const STILL_GOOD = 30 * 86_400_000;

/** The sandbox's own certificate authority, and the certificates that it gives to the names it is called by. */
export class Authority {
  /** PEM: for `AWS_CA_BUNDLE` and `NODE_EXTRA_CA_CERTS`. */
  readonly file: string;
  readonly #signer: { key: KeyObject; publicKey: KeyObject };
  readonly #certificate: string;
  readonly #contexts = new Map<string, SecureContext>();

  private constructor(file: string, { key, certificate }: Issued) {
    this.file = file;
    this.#signer = { key, publicKey: createPublicKey(key) };
    this.#certificate = certificate;
  }

  /** The authority of a folder, made there at the first start. */
  static open(folder: string): Authority {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const [file, keyFile] = [join(folder, 'ca.pem'), join(folder, 'ca.key')];
    const kept = read(file, keyFile);
    if (kept) return new Authority(file, kept);
    const made = makeAuthority();
    write(keyFile, made.key.export({ type: 'pkcs8', format: 'pem' }) as string);
    write(file, made.certificate);
    return new Authority(file, made);
  }

  /** What a server of https needs. */
  get serverOptions() {
    const { certificate, key } = issue(this.#signer, ALWAYS);
    return {
      key: key.export({ type: 'pkcs8', format: 'pem' }),
      cert: certificate + this.#certificate,
      SNICallback: (name: string, done: (error: null, context?: SecureContext) => void): void =>
        done(null, this.#contextFor(name)),
    };
  }

  /** Clients take no wildcard for all of `localhost`, so each name gets a certificate of its own. */
  #contextFor(name: string): SecureContext | undefined {
    if (!SUBDOMAIN.test(name)) return undefined;
    let context = this.#contexts.get(name);
    if (!context) {
      const { certificate, key } = issue(this.#signer, [name]);
      context = createSecureContext({
        key: key.export({ type: 'pkcs8', format: 'pem' }),
        cert: certificate + this.#certificate,
      });
      if (this.#contexts.size >= MOST_KEPT) this.#contexts.clear();
      this.#contexts.set(name, context);
    }
    return context;
  }
}

/** Nothing where the two files are not there, are not one of the other, or will soon be out of date. */
function read(file: string, keyFile: string): Issued | undefined {
  try {
    const certificate = readFileSync(file, 'utf8');
    const key = createPrivateKey(readFileSync(keyFile, 'utf8'));
    const parsed = new X509Certificate(certificate);
    const isGood = parsed.checkPrivateKey(key) && Date.parse(parsed.validTo) > Date.now() + STILL_GOOD;
    return isGood ? { certificate, key } : undefined;
  } catch {
    return undefined;
  }
}

/** Whole or not at all. */
function write(file: string, text: string): void {
  const unfinished = `${file}.new`;
  writeFileSync(unfinished, text, { mode: 0o600 });
  renameSync(unfinished, file);
}
