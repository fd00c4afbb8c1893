import { createHash } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { encodeCrc } from '../checksums/crc.ts';
import { checksumHeader, readChecksum } from '../checksums/object-checksum.ts';
import { clockSkew } from '../credentials/clock-skew.ts';
import { sessionOf } from '../credentials/live-session.ts';
import { rejectsCredentials } from '../credentials/sts-failure.ts';
import type { BucketConnection } from '../s3/bucket-connection.ts';
import { readPage, type ListPage, type ListRequest } from '../s3/list-page.ts';
import type {
  GetRequest,
  ObjectAnswer,
  ObjectCalls,
  PutRequest,
  SlicedBody,
  UploadPartRequest,
  Written,
} from '../s3/object-calls.ts';
import { propertyHeaders, readProperties } from '../s3/object-properties.ts';
import { isKeyed } from '../s3/sdk-calls.ts';
import { ConnectionError, exchange, type Answer } from './exchange.ts';
import { backoff, isTemporary, pause } from './retry.ts';
import { readS3Error, S3Error } from './s3-error.ts';
import { EMPTY_PAYLOAD, encodeKey, queryText, sha256, signHeaders, UNSIGNED_PAYLOAD } from './signature.ts';
import type { Template } from './template.ts';
import { Templates, type Kind } from './templates.ts';
import { isSendable } from './wire/head.ts';

/** What one request has that its template has not. */
interface Variation {
  kind: Kind;
  settings?: object;
  key: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  body?: Uint8Array | SlicedBody;
  signal?: AbortSignal;
}

/** A thousand keys, each of its characters encoded. */
const LONGEST_PAGE = 16 * 1024 * 1024;
/** Larger bodies are signed only where nothing else protects them on their way. */
const SIGNED_ANYWAY = 65_536;

/** The calls that carry bytes without the SDK's middleware, which takes longer than all else about a small object. */
export class LeanCalls implements ObjectCalls {
  readonly #connection: BucketConnection;
  readonly #otherwise: ObjectCalls;
  readonly #templates: Templates;
  /** How far the server's clock is ahead of ours, once it has refused a request for that. */
  #skew = 0;

  /** `otherwise` takes the calls for which there is no template. */
  constructor(connection: BucketConnection, otherwise: ObjectCalls) {
    this.#connection = connection;
    this.#otherwise = otherwise;
    this.#templates = new Templates(connection.target);
  }

  async get(request: GetRequest): Promise<ObjectAnswer> {
    const { key, versionId, range, ifMatch, settings, signal } = request;
    const headers: Record<string, string> = {};
    if (range) headers['range'] = `bytes=${range.start}-${range.end}`;
    if (ifMatch !== undefined) headers['if-match'] = ifMatch;
    const query: Record<string, string> = versionId === undefined ? {} : { versionId };
    const answer = await this.#call({ kind: 'GetObject', settings, key, query, headers, signal });
    return answer ? objectAnswer(answer) : this.#otherwise.get(request);
  }

  async put(request: PutRequest): Promise<Written> {
    const { key, body, checksum, properties, settings, signal } = request;
    const headers = { ...propertyHeaders(properties ?? {}), ...checksumHeaders(checksum) };
    const answer = await this.#call({ kind: 'PutObject', settings, key, query: {}, headers, body, signal });
    return answer ? written(answer) : this.#otherwise.put(request);
  }

  async uploadPart(request: UploadPartRequest): Promise<Written> {
    const { key, uploadId, number, body, checksum, settings, signal } = request;
    const query = { partNumber: String(number), uploadId };
    const headers = checksumHeaders(checksum);
    const answer = await this.#call({ kind: 'UploadPart', settings, key, query, headers, body, signal });
    return answer ? written(answer) : this.#otherwise.uploadPart(request);
  }

  async list(request: ListRequest): Promise<ListPage> {
    const { prefix, delimiter, startAfter, pageSize, token, signal } = request;
    const query: Record<string, string> = {};
    if (prefix) query['prefix'] = prefix;
    if (delimiter) query['delimiter'] = delimiter;
    if (startAfter) query['start-after'] = startAfter;
    if (pageSize !== undefined) query['max-keys'] = String(pageSize);
    if (token !== undefined) query['continuation-token'] = token;
    for (let failures = 1; ; failures++) {
      const answer = await this.#call({ kind: 'ListObjectsV2', key: '', query, headers: {}, signal });
      if (!answer) return this.#otherwise.list(request);
      try {
        return readPage(await answer.body.text(LONGEST_PAGE));
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        if (failures >= (await attemptsOf(await this.#connection.client())))
          throw await this.#connection.failure(error, 'ListObjectsV2', this.#connection.target);
        await pause(backoff(failures), signal);
      }
    }
  }

  async #call(variation: Variation): Promise<Answer | undefined> {
    try {
      return await this.#persist(variation);
    } catch (error) {
      if (variation.signal?.aborted) throw variation.signal.reason;
      const { kind, key } = variation;
      const input = { ...this.#connection.target, ...(key !== '' && { Key: key }) };
      throw await this.#connection.failure(error, kind, input);
    }
  }

  /** Until it is answered, or nothing is left to try. */
  async #persist(variation: Variation): Promise<Answer | undefined> {
    const tried = new Set<string>();
    let failures = 0;
    let payload: string | undefined;
    for (;;) {
      const client = await this.#connection.client();
      const template = await this.#templates.of(client, variation.kind, variation.settings);
      if (!template || !isSendable(variation.headers)) return undefined;
      const credentials = await client.config.credentials();
      payload ??= await payloadOf(variation.body, template.secure);
      try {
        return await this.#attempt(template, credentials, variation, payload);
      } catch (error) {
        const cure = await this.#cure(error, client, credentials);
        if (cure !== undefined && !tried.has(cure)) tried.add(cure);
        else if (!isTemporary(error) || ++failures >= (await attemptsOf(client))) throw error;
        else await pause(backoff(failures), variation.signal);
      }
    }
  }

  async #attempt(
    template: Template,
    credentials: AwsCredentialIdentity,
    { key, query, headers, body, signal }: Variation,
    payload: string,
  ): Promise<Answer> {
    const { method, secure, hostname, port, base, scope } = template;
    const merged = { ...template.query, ...query };
    const path = base + encodeKey(key);
    const request = { method, path, query: merged, headers: { ...template.headers, ...headers }, payload };
    const signed = signHeaders(request, credentials, scope, Date.now() + this.#skew);
    if (body) signed['content-length'] = String(body.length);
    const text = queryText(merged);
    const outgoing = { secure, hostname, port, method, path: text === '' ? path : `${path}?${text}` };
    const answer = await exchange({ ...outgoing, headers: signed, body }, signal);
    if (answer.status >= 300) throw await readS3Error(answer);
    sessionOf(credentials)?.accepted(credentials.accessKeyId);
    this.#connection.reached();
    return answer;
  }

  /** Names what was changed so that the next attempt may do better: each is worth one attempt more. */
  async #cure(
    error: unknown,
    client: S3Client,
    credentials: AwsCredentialIdentity,
  ): Promise<string | undefined> {
    if (error instanceof ConnectionError) return error.stale ? 'connection' : undefined;
    if (!(error instanceof S3Error)) return undefined;
    if (rejectsCredentials(error))
      return sessionOf(credentials)?.rejected(credentials.accessKeyId) ? 'credentials' : undefined;
    if (ALTERED.has(error.name)) return 'bytes';
    if (error.name === 'RequestTimeTooSkewed') {
      const now = Date.now();
      this.#skew = clockSkew(error.$response.headers['date'], now, now);
      return 'clock';
    }
    return (await this.#connection.follow(error, client)) ? 'region' : undefined;
  }
}

/** The bytes were altered on their way, unless they were wrong from the start. */
const ALTERED = new Set(['BadDigest', 'XAmzContentSHA256Mismatch']);

/** More patient than the SDK unless its configuration says something else: a part that fails fails its whole object. */
const ATTEMPTS = 5;
const USUAL_ATTEMPTS = 3;

async function attemptsOf(client: S3Client): Promise<number> {
  const configured = await client.config.maxAttempts();
  return configured === USUAL_ATTEMPTS ? ATTEMPTS : configured;
}

async function payloadOf(body: Variation['body'], secure: boolean): Promise<string> {
  if (!body) return EMPTY_PAYLOAD;
  if (secure && body.length > SIGNED_ANYWAY) return UNSIGNED_PAYLOAD;
  if (body instanceof Uint8Array) return sha256(body);
  const hash = createHash('sha256');
  for await (const chunk of body.chunks()) hash.update(chunk);
  return hash.digest('hex');
}

const checksumHeaders = (checksum: PutRequest['checksum']): Record<string, string> =>
  checksum ? { [checksumHeader(checksum.name)]: encodeCrc(checksum.name, checksum.value) } : {};

function objectAnswer({ headers, body }: Answer): ObjectAnswer {
  const length = Number(headers['content-length'] ?? 0);
  const modified = Date.parse(headers['last-modified'] ?? '');
  return {
    size: Number(headers['content-range']?.split('/')[1] ?? length),
    length,
    etag: headers['etag'] ?? '',
    modified: Number.isNaN(modified) ? undefined : new Date(modified),
    versionId: headers['x-amz-version-id'],
    properties: readProperties(headers),
    checksum: readChecksum(headers),
    tags: Number(headers['x-amz-tagging-count'] ?? 0),
    keyed: isKeyed(
      headers['x-amz-server-side-encryption'],
      headers['x-amz-server-side-encryption-customer-algorithm'],
    ),
    body,
  };
}

function written({ headers, body }: Answer): Written {
  body.close();
  return { etag: headers['etag'] ?? '', versionId: headers['x-amz-version-id'] };
}
