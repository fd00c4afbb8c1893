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
import { failedCall } from './denied-call.ts';
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

/** Sends commands to a bucket, wherever it is, and makes errors of this package of what goes wrong. */
export class BucketConnection {
  readonly #options: BucketOptions;
  readonly #provider: CrossAccountRoleProvider | undefined;
  readonly #partition: string;
  #client: Promise<S3Client> | undefined;
  /** A call went through, so the client's region is the bucket's. */
  #regionKnown = false;

  constructor(options: BucketOptions, role: CrossAccountRoleOptions | undefined) {
    this.#options = options;
    this.#provider = options.client || !role ? undefined : fromCrossAccountRole(role);
    this.#partition = role ? parseRoleArn(role.roleArn).partition : 'aws';
    this.#regionKnown = options.client !== undefined;
  }

  /** Rejects with an `AccessError`; `operation` is the command's name without its ending. */
  async send<I extends ServiceInputTypes, O extends ServiceOutputTypes>(
    operation: string,
    command: S3Command<I, O>,
    abortSignal?: AbortSignal,
  ): Promise<O> {
    try {
      command.middlewareStack.use(reportCredentials());
      return await this.#sendWhereItIs(command, abortSignal);
    } catch (error) {
      throw bucketError(error, await failedCall(operation, command.input, this.#provider?.describe()));
    }
  }

  /** A stream cannot be sent twice, so a bucket whose region is unknown is looked for first. */
  async findRegion(bucket: string, owner: string | undefined): Promise<void> {
    if (this.#regionKnown) return;
    const { HeadBucketCommand } = await loadS3();
    const command = new HeadBucketCommand({ Bucket: bucket, ExpectedBucketOwner: owner });
    // Who may not list the bucket learns its region all the same, and the write itself reports everything else.
    await this.#sendWhereItIs(command).catch(() => {});
  }

  async #sendWhereItIs<I extends ServiceInputTypes, O extends ServiceOutputTypes>(
    command: S3Command<I, O>,
    abortSignal?: AbortSignal,
  ): Promise<O> {
    const client = await (this.#client ??= this.#connect());
    try {
      const output = await client.send(command, { abortSignal });
      this.#regionKnown = true;
      return output;
    } catch (error) {
      const region = this.#options.client ? undefined : otherRegion(error, await client.config.region());
      if (region === undefined) throw error;
      return await (await this.#moveTo(region, client)).send(command, { abortSignal });
    }
  }

  /** Requests that find out together make one client. */
  async #moveTo(region: string, from: S3Client): Promise<S3Client> {
    if ((await this.#client) === from) this.#client = this.#connect(region);
    return this.#client!;
  }

  #connect(region = this.#options.region): Promise<S3Client> {
    const { client, profile, clientConfig, credentials } = this.#options;
    if (client) return Promise.resolve(client);
    const given = Object.entries({ profile, region, credentials: this.#provider ?? credentials });
    const config = {
      ...clientConfig,
      ...Object.fromEntries(given.filter(([, value]) => value !== undefined)),
    };
    return makeS3Client(config, this.#partition);
  }
}
