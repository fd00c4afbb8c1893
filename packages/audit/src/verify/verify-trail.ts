import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { ListPublicKeysCommand, type CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { AuditError } from '../audit-error.ts';
import type { Scope } from '../sources/key-layout.ts';
import { parseS3Uri } from '../sources/s3.ts';
import { type Digest, isSigned, parseDigest, sha256 } from './digest.ts';

export interface VerifyProblem {
  kind: 'digest-invalid' | 'digest-missing' | 'file-invalid' | 'file-missing';
  key: string;
  detail: string;
}

/** What the digests of trails come to. */
export interface TrailVerification {
  digests: number;
  files: number;
  problems: VerifyProblem[];
}

export interface VerifyClients {
  s3: S3Client;
  /** The keys of a region are its own. */
  cloudtrail(region: string): Promise<CloudTrailClient>;
}

const inflate = promisify(gunzip);
const DIGEST =
  /\/CloudTrail-Digest\/([a-z0-9-]+)\/(\d{4})\/(\d{2})\/(\d{2})\/(.+)_(\d{8}T\d{6}Z)(_backfill)?\.json\.gz$/;
const DAY = 86_400_000;

/** Checks every digest of trails, each one's link to the one before, and the log files that they name. */
export async function verifyTrail(
  uri: string,
  clients: VerifyClients,
  scope: Scope = {},
): Promise<TrailVerification> {
  const { bucket, prefix } = parseS3Uri(uri);
  const result: TrailVerification = { digests: 0, files: 0, problems: [] };
  const keys = new PublicKeys(clients, scope);
  for (const chain of await findChains(clients.s3, bucket, prefix, scope))
    await verifyChain(chain, { bucket, clients, keys, result, scope });
  return result;
}

interface Checking {
  bucket: string;
  clients: VerifyClients;
  keys: PublicKeys;
  result: TrailVerification;
  scope: Scope;
}

async function verifyChain(chain: readonly string[], checking: Checking): Promise<void> {
  const { bucket, clients, result } = checking;
  const add = (kind: VerifyProblem['kind'], key: string, detail: string) =>
    result.problems.push({ kind, key, detail });
  const hashes = new Map<string, string>();
  for (const [index, key] of chain.entries()) {
    result.digests++;
    const object = await read(clients.s3, bucket, key);
    const digest = object?.bytes === undefined ? undefined : parseDigest(object.bytes.toString());
    if (object?.bytes === undefined || digest === undefined) {
      add('digest-invalid', key, 'it is no digest');
      continue;
    }
    const hash = sha256(object.bytes);
    hashes.set(key, hash);
    const wrong = await faultOf(digest, key, hash, object.signature, checking);
    if (wrong !== undefined) {
      add('digest-invalid', key, wrong);
      continue;
    }
    const { previousDigestS3Object: previous, previousDigestHashValue: previousHash } = digest;
    const isLinked = previous === null || previous === chain[index - 1];
    // What came before the time that is asked for was not listed.
    const isAsked =
      index > 0 ||
      checking.scope.since === undefined ||
      Date.parse(digest.digestStartTime) >= checking.scope.since + DAY;
    if (!isLinked && isAsked) add('digest-missing', previous, `${key} names it as the one before`);
    const known = previous === null ? undefined : hashes.get(previous);
    if (isLinked && known !== undefined && known !== previousHash)
      add('digest-invalid', previous!, `its content is not what ${key} says`);
    await verifyFiles(digest, checking);
  }
}

async function faultOf(
  digest: Digest,
  key: string,
  hash: string,
  signature: string | undefined,
  { bucket, keys }: Checking,
): Promise<string | undefined> {
  if (digest.digestS3Bucket !== bucket || digest.digestS3Object !== key)
    return `it was made for s3://${digest.digestS3Bucket}/${digest.digestS3Object}`;
  if (signature === undefined) return 'it has no signature';
  const [, region = ''] = DIGEST.exec(key) ?? [];
  const publicKey = await keys.find(region, digest);
  if (publicKey === undefined) return `CloudTrail has no public key ${digest.digestPublicKeyFingerprint}`;
  return isSigned(digest, hash, signature, publicKey) ? undefined : 'its signature is not of its content';
}

async function verifyFiles(digest: Digest, { clients, result }: Checking): Promise<void> {
  for (const { s3Bucket, s3Object, hashValue } of digest.logFiles) {
    result.files++;
    const object = await read(clients.s3, s3Bucket, s3Object);
    const key = s3Object;
    if (object === undefined)
      result.problems.push({ kind: 'file-missing', key, detail: `${digest.digestS3Object} names it` });
    else if (object.bytes === undefined || sha256(object.bytes) !== hashValue)
      result.problems.push({ kind: 'file-invalid', key, detail: 'its content is not what was delivered' });
  }
}

/** Undefined where there is no such object; without bytes where they cannot be inflated. */
async function read(
  s3: S3Client,
  bucket: string,
  key: string,
): Promise<{ bytes?: Buffer; signature?: string | undefined } | undefined> {
  try {
    const { Body, Metadata } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const body = Buffer.from(await Body!.transformToByteArray());
    const bytes = await inflate(body).catch(() => undefined);
    return { ...(bytes && { bytes }), signature: Metadata?.['signature'] };
  } catch (error) {
    const { name } = error as { name?: string };
    if (name === 'NoSuchKey' || name === 'NotFound' || name === 'NoSuchBucket') return undefined;
    throw new AuditError(
      'source-failed',
      `\`s3://${bucket}/${key}\` cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      'whose credentials these are needs `s3:GetObject` there',
      { cause: error },
    );
  }
}

/** Keys of digests by chain, each in the order of its times. */
async function findChains(s3: S3Client, bucket: string, prefix: string, scope: Scope): Promise<string[][]> {
  const chains = new Map<string, string[]>();
  let token: string | undefined;
  do {
    const page = await s3.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token }),
    );
    token = page.NextContinuationToken;
    for (const { Key = '' } of page.Contents ?? []) {
      const [, region, year, month, day, name, , backfill = ''] = DIGEST.exec(Key) ?? [];
      if (name === undefined || !isInTime(Date.parse(`${year}-${month}-${day}`), scope)) continue;
      if (scope.regions !== undefined && !scope.regions.includes(region ?? '')) continue;
      const chain = `${region} ${name}${backfill}`;
      chains.set(chain, [...(chains.get(chain) ?? []), Key]);
    }
  } while (token !== undefined);
  return [...chains.values()].map((chain) => chain.toSorted());
}

const isInTime = (day: number, { since, until }: Scope): boolean =>
  (since === undefined || day + DAY > since) && (until === undefined || day < until + DAY);

/** CloudTrail's public keys, asked for once a region. */
class PublicKeys {
  readonly #clients: VerifyClients;
  readonly #scope: Scope;
  readonly #regions = new Map<string, Promise<Map<string, Uint8Array>>>();

  constructor(clients: VerifyClients, scope: Scope) {
    this.#clients = clients;
    this.#scope = scope;
  }

  async find(
    region: string,
    { digestPublicKeyFingerprint: fingerprint }: Digest,
  ): Promise<Uint8Array | undefined> {
    let keys = this.#regions.get(region);
    if (keys === undefined) {
      keys = this.#ask(region);
      this.#regions.set(region, keys);
    }
    return (await keys).get(fingerprint);
  }

  async #ask(region: string): Promise<Map<string, Uint8Array>> {
    const client = await this.#clients.cloudtrail(region);
    const found = new Map<string, Uint8Array>();
    let token: string | undefined;
    do {
      const page = await client.send(
        new ListPublicKeysCommand({
          StartTime: new Date(this.#scope.since ?? Date.parse('2015-01-01')),
          EndTime: new Date(this.#scope.until ?? Date.now() + DAY),
          NextToken: token,
        }),
      );
      token = page.NextToken;
      for (const { Fingerprint, Value } of page.PublicKeyList ?? [])
        if (Fingerprint !== undefined && Value !== undefined) found.set(Fingerprint, Value);
    } while (token !== undefined);
    return found;
  }
}
