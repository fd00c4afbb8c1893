import type { Caller } from '../gate/caller.ts';
import type { IncomingBody } from '../wire/body.ts';
import type { RequestHead } from '../wire/message.ts';
import { S3 } from '../services/registry.ts';
import type { LoadedService } from '../services/service.ts';
import { asAwsError } from './as-aws-error.ts';
import type { Pipeline } from './pipeline.ts';
import { newRequestId } from './request-id.ts';
import type { Members, Progress } from './progress.ts';

/** A service of AWS, and for whom it calls: `aws:SourceArn`, `aws:SourceAccount`. */
export interface ServiceCaller {
  /** `cloudtrail.amazonaws.com` */
  principal: string;
  context: Record<string, string>;
}

/** A call of S3 that a service of AWS makes. */
export interface ServiceCall {
  operation: string;
  input: Members & { Bucket: string };
  region: string;
  body?: Buffer;
}

/** Calls that services of AWS make of S3 in their own name: decided by the bucket's policy and recorded, as everybody's. */
export class ServiceCalls {
  readonly #pipeline: () => Pipeline;

  /** @param pipeline Asked for when there is a call: its handlers can make such calls themselves. */
  constructor(pipeline: () => Pipeline) {
    this.#pipeline = pipeline;
  }

  /** @throws AwsError as S3 answers it. */
  async perform(as: ServiceCaller, call: ServiceCall): Promise<Members> {
    const { progress, service } = await begin(as, call);
    try {
      return await this.#pipeline().run(progress, service, bodyOf(call.body));
    } catch (error) {
      throw (progress.error = asAwsError(error));
    } finally {
      this.#pipeline().record(progress, { status: 200, headers: {} });
    }
  }

  /**
   * Whether a call would be allowed, without making it.
   * @throws AwsError where it would fail before that is asked.
   */
  async allows(as: ServiceCaller, call: ServiceCall): Promise<boolean> {
    const { progress, service } = await begin(as, call);
    return this.#pipeline().allows(progress, service);
  }
}

async function begin(
  as: ServiceCaller,
  { operation, input, region, body }: ServiceCall,
): Promise<{ progress: Progress; service: LoadedService }> {
  const service = await S3.load();
  const progress: Progress = {
    head: headOf(as, input, region, body),
    requestId: newRequestId(S3),
    definition: S3,
    service,
    operation: service.model.operations.get(operation)!,
    authenticated: true,
    caller: callerOf(as),
    region,
    input,
    survey: {},
  };
  return { progress, service };
}

function callerOf({ principal, context }: ServiceCaller): Caller {
  return { kind: 'service', arn: principal, account: '', userId: principal, context };
}

function headOf(
  { principal }: ServiceCaller,
  { Bucket: bucket }: ServiceCall['input'],
  region: string,
  body: Buffer | undefined,
): RequestHead {
  return {
    method: body ? 'PUT' : 'GET',
    rawPath: '/',
    query: [],
    headers: {
      host: `${bucket}.s3.${region}.amazonaws.com`,
      'user-agent': principal,
      ...(body && { 'content-length': String(body.length) }),
    },
    rawHeaders: [],
    remoteAddress: principal,
  };
}

function bodyOf(bytes: Buffer | undefined): IncomingBody | undefined {
  return (
    bytes && {
      length: bytes.length,
      checksum: undefined,
      async *chunks() {
        yield bytes;
      },
      collect: async () => bytes,
    }
  );
}
