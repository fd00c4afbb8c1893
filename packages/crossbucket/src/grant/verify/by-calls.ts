import { randomBytes } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import { covers, globOf } from '@crossbucket/policy';
import type { AccountConnection } from '../../accounts/index.ts';
import { asAwsError, failureKind, statusOf } from '../../accounts/aws-error.ts';
import { Clients } from '../../accounts/clients.ts';
import { pauses } from '../../changes/settle.ts';
import type { GrantFacts } from '../facts.ts';
import { assume, type Caller } from './caller.ts';
import type { Check } from './check.ts';
import { isOpen, keyFor, probesFor, type Probe } from './probes.ts';

type S3 = typeof import('@aws-sdk/client-s3');

export interface CallContext {
  facts: GrantFacts;
  caller: Caller;
  source: AccountConnection;
  /** The bucket's owner, who puts what is to be read and cleans up; without, only what the grant can do itself is tried. */
  destination: AccountConnection | undefined;
  /** For how long a grant that was just made may not work yet, in milliseconds. */
  patience?: number;
}

/** Makes the calls, on objects whose names begin with `crossbucket-probe-`, and leaves nothing behind. */
export async function checkCalls(context: CallContext): Promise<Check[]> {
  const { facts, caller, source, patience = 20_000 } = context;
  const clients = new Clients({
    credentials: caller.credentials,
    profile: source.profile,
    endpoint: source.endpoint,
  });
  const checks: Check[] = [];
  const row = (as: string, call: string, expected: Check['expected'], { actual, detail }: Answer): void => {
    const ok = actual === expected;
    checks.push({
      grant: facts.spec.name,
      by: 'calls',
      as,
      call,
      expected,
      actual,
      ok,
      ...(detail !== undefined && !ok && { detail }),
    });
  };
  let session: Clients = clients;
  let as = caller.arn;
  if (facts.route === 'role') {
    const here = { clients, region: source.region };
    const { role, externalId } = facts;
    const assumed = await patiently(patience, () => answerOf(() => assume(here, role.arn, externalId)));
    row(caller.arn, 'AssumeRole', 'allowed', assumed);
    if (externalId !== undefined)
      row(
        caller.arn,
        'AssumeRole without the external id',
        'denied',
        await answerOf(() => assume(here, role.arn)),
      );
    if (assumed.value === undefined) return checks;
    session = new Clients({ credentials: assumed.value, profile: source.profile, endpoint: source.endpoint });
    as = role.arn;
  }
  const tried = new Trial(context, await session.s3(facts.region));
  try {
    for (const probe of await tried.probes()) {
      const call = `${probe.operation} s3://${facts.bucket}/${probe.at}`;
      const answer =
        probe.expected === 'allowed'
          ? await patiently(patience, () => tried.send(probe))
          : await tried.send(probe);
      row(as, call, probe.expected, answer);
    }
  } finally {
    await tried.cleanUp();
  }
  return checks;
}

interface Answer<T = unknown> {
  actual: 'allowed' | 'denied' | 'failed';
  detail?: string;
  value?: T;
}

/** Access that was just given takes AWS a while. https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html */
async function patiently<T>(patience: number, call: () => Promise<Answer<T>>): Promise<Answer<T>> {
  let answer = await call();
  if (answer.actual !== 'denied') return answer;
  for await (const _ of pauses(500, patience)) {
    answer = await call();
    if (answer.actual !== 'denied') return answer;
  }
  return answer;
}

async function answerOf<T>(call: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { actual: 'allowed', value: await call() };
  } catch (error) {
    const { name, message } = asAwsError(error);
    const detail = [name, message].filter(Boolean).join(': ') || String(error);
    if (failureKind(error) === 'denied') return { actual: 'denied', detail };
    // Whoever may not read is told 403, whether the key is there or not.
    if (statusOf(error) === 404 && name !== 'NoSuchBucket') return { actual: 'allowed' };
    // An empty object has no first byte.
    if (statusOf(error) === 416) return { actual: 'allowed' };
    return { actual: 'failed', detail };
  }
}

/** The calls of one session, and what they leave. */
class Trial {
  readonly #context: CallContext;
  readonly #client: S3Client;
  readonly #id = randomBytes(6).toString('hex');
  /** Keys and versions that somebody of us has put. */
  readonly #written: { Key: string; VersionId?: string | undefined }[] = [];

  constructor(context: CallContext, client: S3Client) {
    this.#context = context;
    this.#client = client;
  }

  /** Those that can be tried without touching what is there, with the objects that they read in place. */
  async probes(): Promise<Probe[]> {
    const { access } = this.#context.facts.spec;
    const open = {
      ...access,
      read: access.read?.filter(isOpen),
      write: access.write?.filter(isOpen),
      delete: access.delete?.filter(isOpen),
    };
    const probes = probesFor(open, this.#id).filter(
      ({ operation, input }) => SENDERS[operation] !== undefined && input['VersionId'] === undefined,
    );
    for (const pattern of open.read ?? []) {
      const probe = keyFor(pattern, this.#id);
      const readable = await this.#readable(pattern, probe);
      for (const one of probes)
        if (one.at === probe && one.expected === 'allowed' && one.operation.startsWith('Get')) {
          if (readable === undefined) one.operation = '';
          else if (readable !== probe) Object.assign(one, { at: readable, input: { Key: readable } });
        }
    }
    const tried = probes.filter(({ operation }) => operation !== '');
    // What is deleted cannot be read any more.
    const rank = ({ operation }: Probe) => (operation === 'DeleteObject' ? 1 : 0);
    return tried.toSorted((one, other) => rank(one) - rank(other));
  }

  /** An object to read: one that the owner puts there, else one that is there. */
  async #readable(pattern: string, probe: string): Promise<string | undefined> {
    const { destination, facts } = this.#context;
    if (destination !== undefined && (await this.#putAsOwner(destination, probe))) return probe;
    const { ListObjectsV2Command } = await import('@aws-sdk/client-s3');
    const client = destination === undefined ? this.#client : await destination.clients.s3(facts.region);
    const list = new ListObjectsV2Command({
      Bucket: facts.bucket,
      Prefix: pattern.split('*', 1)[0]!,
      MaxKeys: 100,
    });
    const { Contents = [] } = await client.send(list).catch(() => ({ Contents: [] }));
    return Contents.map(({ Key }) => Key!).find((key) => covers(globOf(pattern), globOf(key)));
  }

  async send({ operation, input }: Probe): Promise<Answer> {
    const { facts } = this.#context;
    const s3 = await import('@aws-sdk/client-s3');
    const at = { Key: '', Bucket: facts.bucket, ExpectedBucketOwner: facts.destination, ...input };
    const answer = await answerOf(() => SENDERS[operation]!(s3, this.#client, at));
    if (operation === 'PutObject' && answer.actual === 'allowed') {
      const { VersionId } = answer.value as { VersionId?: string };
      this.#written.push({ Key: String(input['Key']), VersionId });
    }
    return answer;
  }

  /** False for an owner who may not write: who plans grants need not be able to. */
  async #putAsOwner(destination: AccountConnection, Key: string): Promise<boolean> {
    const { facts } = this.#context;
    const { PutObjectCommand } = await import('@aws-sdk/client-s3');
    const client = await destination.clients.s3(facts.region);
    const put = new PutObjectCommand({
      Bucket: facts.bucket,
      ExpectedBucketOwner: facts.destination,
      Key,
      Body: BODY,
    });
    const answer = await client.send(put).catch(() => undefined);
    if (answer !== undefined) this.#written.push({ Key, VersionId: answer.VersionId });
    return answer !== undefined;
  }

  /** Every version that was written, as the owner, else as the grant; versions that deletions made, too. */
  async cleanUp(): Promise<void> {
    const { destination, facts } = this.#context;
    const { DeleteObjectCommand } = await import('@aws-sdk/client-s3');
    const owner = await destination?.clients.s3(facts.region);
    for (const at of this.#written.toReversed()) {
      const command = () => new DeleteObjectCommand({ Bucket: facts.bucket, ...at });
      const isGone = await (owner ?? this.#client).send(command()).then(
        () => true,
        () => false,
      );
      if (!isGone && owner) await this.#client.send(command()).catch(() => {});
    }
    if (owner) await this.#removeMarkers(owner);
  }

  /** In a bucket with versions, a deletion leaves a marker of its own. */
  async #removeMarkers(owner: S3Client): Promise<void> {
    if (!this.#written.some(({ VersionId }) => VersionId !== undefined)) return;
    const { DeleteObjectCommand, ListObjectVersionsCommand } = await import('@aws-sdk/client-s3');
    const { bucket } = this.#context.facts;
    for (const Key of new Set(this.#written.map((one) => one.Key))) {
      const found = await owner
        .send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: Key }))
        .catch(() => undefined);
      for (const { VersionId } of [...(found?.DeleteMarkers ?? []), ...(found?.Versions ?? [])])
        await owner.send(new DeleteObjectCommand({ Bucket: bucket, Key, VersionId })).catch(() => {});
    }
  }
}

const BODY = 'Written by `crossbucket grant verify`, which removes it again.\n';

interface Place {
  Bucket: string;
  Key: string;
}

type Sender = (s3: S3, client: S3Client, at: Place) => Promise<unknown>;

/** The calls that are tried; the rest is decided on the documents. */
const SENDERS: Partial<Record<string, Sender>> = {
  ListObjectsV2: (s3, client, at) => client.send(new s3.ListObjectsV2Command({ ...at, MaxKeys: 1 })),
  GetObject: async (s3, client, at) => {
    const { Body } = await client.send(new s3.GetObjectCommand({ ...at, Range: 'bytes=0-0' }));
    await Body?.transformToByteArray();
  },
  PutObject: (s3, client, at) => client.send(new s3.PutObjectCommand({ ...at, Body: BODY })),
  DeleteObject: (s3, client, at) => client.send(new s3.DeleteObjectCommand(at)),
  GetObjectTagging: (s3, client, at) => client.send(new s3.GetObjectTaggingCommand(at)),
};
