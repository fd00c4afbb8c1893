import type {
  $Command,
  S3Client,
  S3ClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes,
} from '@aws-sdk/client-s3';
import {
  fromCrossAccountRole,
  type CrossAccountRoleProvider,
} from '../credentials/from-cross-account-role.ts';
import type { CrossAccountRoleOptions } from '../credentials/role-options.ts';
import { parseRoleArn } from '../credentials/role-arn.ts';
import { bucketError } from './bucket-error.ts';
import type { BucketOptions } from './bucket-options.ts';
import { failedCall, type CallSource } from '../denial/denied-call.ts';
import { otherRegion } from './other-region.ts';
import { reportCredentials } from './report-credentials.ts';
import { loadS3, makeS3Client } from './s3-client.ts';

/** Any command of the S3 client. */
export type S3Command<I extends ServiceInputTypes, O extends ServiceOutputTypes> = $Command<
  I,
  O,
  S3ClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes
>;

/** What every request to a bucket carries. */
export interface BucketTarget {
  Bucket: string;
  ExpectedBucketOwner: string | undefined;
}

/** Sends commands to a bucket, wherever it is, and makes errors of this package of what goes wrong. */
export class BucketConnection {
  readonly target: BucketTarget;
  readonly #options: BucketOptions;
  readonly #role: CrossAccountRoleOptions | undefined;
  readonly #provider: CrossAccountRoleProvider | undefined;
  readonly partition: string;
  readonly #others = new Map<string, BucketConnection>();
  #client: Promise<S3Client> | undefined;
  /** A call went through, so the client's region is the bucket's. */
  #regionKnown = false;

  constructor(options: BucketOptions, role: CrossAccountRoleOptions | undefined, owner: string | undefined) {
    this.target = { Bucket: options.bucket, ExpectedBucketOwner: owner };
    this.#options = options;
    this.#role = role;
    this.#provider = options.client || !role ? undefined : fromCrossAccountRole(role);
    this.partition = role ? parseRoleArn(role.roleArn).partition : 'aws';
    this.#regionKnown = options.client !== undefined;
  }

  /** The client is ours, and nothing in it but the SDK's own way of sending. */
  get plain(): boolean {
    const { client, clientConfig } = this.#options;
    return client === undefined && !(clientConfig?.requestHandler ?? clientConfig?.extensions);
  }

  /** The same credentials at another bucket. */
  at({ Bucket, ExpectedBucketOwner }: BucketTarget): BucketConnection {
    const name = `${Bucket} ${ExpectedBucketOwner}`;
    const known = this.#others.get(name);
    if (known) return known;
    const { region: _, ...options } = this.#options;
    const made = new BucketConnection({ ...options, bucket: Bucket }, this.#role, ExpectedBucketOwner);
    this.#others.set(name, made);
    return made;
  }

  /** Rejects with an `AccessError`, or the reason of an abort; `operation` is the command's name without its ending. */
  async send<I extends ServiceInputTypes, O extends ServiceOutputTypes>(
    operation: string,
    command: S3Command<I, O>,
    abortSignal?: AbortSignal,
  ): Promise<O> {
    try {
      command.middlewareStack.use(reportCredentials());
      return await this.#sendWhereItIs(command, abortSignal);
    } catch (error) {
      // The SDK has an error of its own for it.
      if (abortSignal?.aborted) throw abortSignal.reason;
      throw await this.failure(error, operation, command.input);
    }
  }

  /** What went wrong with a call, as an error of this package. */
  async failure(error: unknown, operation: string, input: object): Promise<unknown> {
    return bucketError(error, await failedCall(operation, input, this.#provider?.describe(), this.#source));
  }

  get #source(): CallSource {
    const { profile = this.#options.profile, externalId, chain = [] } = this.#role ?? {};
    const roles = chain.map((link) => (typeof link === 'string' ? link : link.roleArn));
    return { profile, externalId, chain: roles };
  }

  /** A stream cannot be sent twice, so a bucket whose region is unknown is looked for first. */
  async findRegion(): Promise<void> {
    if (this.#regionKnown) return;
    const { HeadBucketCommand } = await loadS3();
    // Who may not list the bucket learns its region all the same, and the write itself reports everything else.
    await this.#sendWhereItIs(new HeadBucketCommand(this.target)).catch(() => {});
  }

  /** The client for where the bucket is, as far as that is known. */
  client(): Promise<S3Client> {
    return (this.#client ??= this.#connect());
  }

  /** A call of the client was answered as asked. */
  reached(): void {
    this.#regionKnown = true;
  }

  /** The client for where the bucket really is, if that is why a call of `from` failed. */
  async follow(error: unknown, from: S3Client): Promise<S3Client | undefined> {
    const region = this.#options.client ? undefined : otherRegion(error, await from.config.region());
    if (region === undefined) return undefined;
    // Requests that find out together make one client.
    if ((await this.#client) === from) this.#client = this.#connect(region);
    return this.#client;
  }

  async #sendWhereItIs<I extends ServiceInputTypes, O extends ServiceOutputTypes>(
    command: S3Command<I, O>,
    abortSignal?: AbortSignal,
  ): Promise<O> {
    const client = await this.client();
    try {
      const output = await client.send(command, { abortSignal });
      this.reached();
      return output;
    } catch (error) {
      const there = await this.follow(error, client);
      if (!there) throw error;
      return await there.send(command, { abortSignal });
    }
  }

  #connect(region = this.#options.region): Promise<S3Client> {
    const { client, profile, clientConfig, credentials } = this.#options;
    if (client) return Promise.resolve(client);
    const given = Object.entries({ profile, region, credentials: this.#provider ?? credentials });
    const config = {
      ...clientConfig,
      ...Object.fromEntries(given.filter(([, value]) => value !== undefined)),
    };
    return makeS3Client(config, this.partition, this.target.Bucket);
  }
}
