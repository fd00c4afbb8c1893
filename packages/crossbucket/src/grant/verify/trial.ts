import { randomBytes } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import { covers, globOf } from '@crossbucket/policy';
import type { AccountConnection } from '../../accounts/index.ts';
import type { GrantFacts } from '../facts.ts';
import { answerOf, type Answer } from './answer.ts';
import { isOpen, keyFor, probesFor, type Probe } from './probes.ts';
import { BODY, SENDERS, type Place } from './senders.ts';

/** A call that is not made, and why: the documents alone decide it. */
export interface NotCalled {
  call: string;
  why: string;
}

interface Written {
  Key: string;
  VersionId?: string | undefined;
}

interface Upload {
  Key: string;
  UploadId: string;
}

/** The calls of one session, on objects whose names begin with `crossbucket-probe-`, and what they leave. */
export class Trial {
  readonly #facts: GrantFacts;
  readonly #destination: AccountConnection | undefined;
  readonly #client: S3Client;
  readonly #id = randomBytes(6).toString('hex');
  /** Objects and versions that somebody of us has put, and that nobody has removed. */
  #written: Written[] = [];
  /** Uploads in parts that nobody has ended. */
  #uploads: Upload[] = [];
  readonly notCalled: NotCalled[] = [];

  /** @param destination The bucket's owner, who puts what is to be read and cleans up; without, the grant does what it can. */
  constructor(facts: GrantFacts, destination: AccountConnection | undefined, client: S3Client) {
    this.#facts = facts;
    this.#destination = destination;
    this.#client = client;
  }

  /** Those that can be tried without touching what is there, with the objects that they need in place. */
  async probes(): Promise<Probe[]> {
    const { access } = this.#facts.spec;
    const tried: Probe[] = [];
    for (const probe of probesFor(access, this.#id)) {
      const why = isWrite(probe) && !this.#isOurs(probe) ? OTHERS_KEY : await this.#prepare(probe);
      if (why === undefined) tried.push(probe);
      else if (probe.expected === 'allowed') this.notCalled.push({ call: this.describe(probe), why });
    }
    // What is deleted cannot be read any more.
    return tried.toSorted((one, other) => rank(one) - rank(other));
  }

  describe({ operation, at, input }: Probe): string {
    return `${operation} s3://${this.#facts.bucket}/${at}${input['VersionId'] === undefined ? '' : ' (a version)'}`;
  }

  async send({ operation, input }: Probe): Promise<Answer> {
    const { bucket, destination } = this.#facts;
    const s3 = await import('@aws-sdk/client-s3');
    const Key = String(input['Key'] ?? '');
    const at = {
      ...input,
      Key,
      Bucket: bucket,
      ExpectedBucketOwner: destination,
      ...(input['VersionId'] !== undefined && { VersionId: this.#versionOf(Key) }),
      ...(input['UploadId'] !== undefined && { UploadId: await this.#uploadOf(operation, Key) }),
    };
    const answer = await answerOf(() => SENDERS[operation]!(s3, this.#client, at));
    if (answer.actual === 'allowed') this.#note(operation, at, answer.value as Outcome | undefined);
    return answer;
  }

  /** Everything that was written goes, by the owner, else by the grant; what nobody could remove comes out. */
  async cleanUp(): Promise<string[]> {
    const { bucket, region, destination } = this.#facts;
    const { AbortMultipartUploadCommand, DeleteObjectCommand } = await import('@aws-sdk/client-s3');
    const owner = await this.#destination?.clients.s3(region);
    const clients = [...(owner ? [owner] : []), this.#client];
    const remove = async (send: (client: S3Client) => Promise<unknown>): Promise<boolean> => {
      for (const client of clients)
        if ((await answerOf(() => send(client))).actual === 'allowed') return true;
      return false;
    };
    const own = { Bucket: bucket, ExpectedBucketOwner: destination };
    const left: string[] = [];
    for (const at of this.#uploads)
      if (!(await remove((client) => client.send(new AbortMultipartUploadCommand({ ...own, ...at })))))
        left.push(`an upload of s3://${bucket}/${at.Key}`);
    for (const at of this.#written.toReversed())
      if (!(await remove((client) => client.send(new DeleteObjectCommand({ ...own, ...at })))))
        left.push(`s3://${bucket}/${at.Key}${at.VersionId === undefined ? '' : `, version ${at.VersionId}`}`);
    return left;
  }

  /** Whether the key is one that nobody else uses. */
  #isOurs({ at, expected }: Probe): boolean {
    return expected === 'denied' || at.includes(this.#id);
  }

  /** Makes sure that there is what the call is about. Gives why that cannot be. */
  async #prepare(probe: Probe): Promise<string | undefined> {
    if (probe.expected === 'denied' || !NEEDS_OBJECT.test(probe.operation)) return undefined;
    if (probe.operation === 'DeleteObject' && probe.input['VersionId'] === undefined) return undefined;
    const { at } = probe;
    const isThere = () => this.#written.some(({ Key }) => Key === at);
    if (this.#isOurs(probe) && (isThere() || (await this.#putAsOwner(at)) || this.#putsItself(probe)))
      return undefined;
    const readable = probe.operation.startsWith('Get') ? await this.#readable(at) : undefined;
    if (readable === undefined) return NOTHING_THERE;
    Object.assign(probe, { at: readable, input: { ...probe.input, Key: readable } });
    return undefined;
  }

  /** Whether the grant itself puts an object there before. */
  #putsItself({ at }: Probe): boolean {
    const { write = [] } = this.#facts.spec.access;
    return write.some((pattern) => isOpen(pattern) && keyFor(pattern, this.#id) === at);
  }

  /** An object of others that the same pattern covers. */
  async #readable(probe: string): Promise<string | undefined> {
    const { bucket, region, destination, spec } = this.#facts;
    const pattern = (spec.access.read ?? []).find((one) => keyFor(one, this.#id) === probe) ?? probe;
    const { ListObjectsV2Command } = await import('@aws-sdk/client-s3');
    const client = (await this.#destination?.clients.s3(region)) ?? this.#client;
    const list = {
      Bucket: bucket,
      ExpectedBucketOwner: destination,
      Prefix: pattern.split('*', 1)[0]!,
      MaxKeys: 100,
    };
    const { Contents = [] } = await client
      .send(new ListObjectsV2Command(list))
      .catch(() => ({ Contents: [] }));
    return Contents.map(({ Key }) => Key!).find((key) => covers(globOf(pattern), globOf(key)));
  }

  /** False for an owner who may not write: who plans grants need not be able to. */
  async #putAsOwner(Key: string): Promise<boolean> {
    const { bucket, region, destination } = this.#facts;
    const client = await this.#destination?.clients.s3(region);
    if (client === undefined) return false;
    const { PutObjectCommand } = await import('@aws-sdk/client-s3');
    const put = { Bucket: bucket, ExpectedBucketOwner: destination, Key, Body: BODY };
    const answer = await client.send(new PutObjectCommand(put)).catch(() => undefined);
    if (answer !== undefined) this.#written.push({ Key, VersionId: answer.VersionId });
    return answer !== undefined;
  }

  /** In a bucket without versions, what is there is the version `null`. */
  #versionOf(Key: string): string {
    return this.#written.findLast((one) => one.Key === Key)?.VersionId ?? 'null';
  }

  /** An upload in parts is begun for each call that ends one, and for the first that needs one. */
  async #uploadOf(operation: string, Key: string): Promise<string> {
    if (operation === 'CreateMultipartUpload') return '';
    const begun = () => this.#uploads.findLast((one) => one.Key === Key)?.UploadId;
    if (begun() === undefined) {
      const { bucket, destination } = this.#facts;
      const { CreateMultipartUploadCommand } = await import('@aws-sdk/client-s3');
      const command = { Bucket: bucket, ExpectedBucketOwner: destination, Key };
      const answer = await this.#client
        .send(new CreateMultipartUploadCommand(command))
        .catch(() => undefined);
      if (answer !== undefined) this.#uploads.push({ Key, UploadId: answer.UploadId! });
    }
    return begun() ?? 'none';
  }

  #note(operation: string, { Key, VersionId, UploadId }: Place, value: Outcome | undefined): void {
    if (operation === 'CreateMultipartUpload') this.#uploads.push({ Key, UploadId: value!.UploadId! });
    if (operation === 'CompleteMultipartUpload' || operation === 'AbortMultipartUpload')
      this.#uploads = this.#uploads.filter((one) => one.UploadId !== UploadId);
    if (operation === 'PutObject' || operation === 'CompleteMultipartUpload')
      this.#written.push({ Key, VersionId: value?.VersionId });
    if (operation !== 'DeleteObject') return;
    // In a bucket with versions, a deletion that names none leaves a marker of its own.
    if (value?.DeleteMarker === true && VersionId === undefined)
      this.#written.push({ Key, VersionId: value.VersionId });
    else
      this.#written = this.#written.filter(
        (one) => one.Key !== Key || (VersionId !== undefined && (one.VersionId ?? 'null') !== VersionId),
      );
  }
}

interface Outcome {
  VersionId?: string;
  UploadId?: string;
  DeleteMarker?: boolean;
}

const OTHERS_KEY = 'it would change an object that is not ours: the grant names one key, and no pattern';
const NOTHING_THERE = 'there is no object to try it on, and nobody here may put one';

const NEEDS_OBJECT = /Tagging$|^GetObject|^DeleteObject/;
const isWrite = ({ operation }: Probe): boolean => !/^(Get|List)/.test(operation);

const LAST = ['DeleteObjectTagging', 'DeleteObject'];
const rank = ({ operation }: Probe): number => LAST.indexOf(operation);
