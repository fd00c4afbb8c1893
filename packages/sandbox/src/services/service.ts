import type { Readable } from 'node:stream';
import type { ApiCall, ContextValue, ObjectFacts } from '@crossbucket/policy';
import type { Caller } from '../gate/caller.ts';
import type { Clock } from '../clock.ts';
import type { Settings } from '../config/settings.ts';
import type { IdentityKeys } from '../gate/identity-keys.ts';
import type { LastUses } from '../gate/last-uses.ts';
import type { SessionTokens } from '../gate/session-token.ts';
import type {
  AccessPointRecord,
  AccountRecord,
  BucketRecord,
  GrantRecord,
  KeyRecord,
  ObjectRecord,
  RoleRecord,
  UploadRecord,
} from '../store/records.ts';
import type { Store } from '../store/store.ts';
import type { ServiceCalls } from '../pipeline/service-calls.ts';
import type { TrailDeliveries } from '../trail/delivery/deliveries.ts';
import type { EventRecorder } from '../trail/event-recorder.ts';
import type { Trail } from '../trail/trail.ts';
import type { IncomingBody } from '../wire/body.ts';
import type { RequestHead } from '../wire/message.ts';
import type { ServiceModel } from '../wire/model.ts';
import type { Protocol } from '../wire/protocol.ts';
import type { Router } from '../wire/template-router.ts';

/** Which accounts there are. */
export interface Accounts {
  get(id: string): AccountRecord | undefined;
  has(id: string): boolean;
}

/** What all services share. */
export interface Context {
  store: Store;
  clock: Clock;
  tokens: SessionTokens;
  trail: Trail;
  /** What LookupEvents knows. */
  events: EventRecorder;
  accounts: Accounts;
  settings: Settings;
  lastUses: LastUses;
  identityKeys: IdentityKeys;
  /** Calls that a service makes of S3 in its own name. */
  serviceCalls: ServiceCalls;
  deliveries: TrailDeliveries;
}

/** One call, as a handler sees it: authenticated and allowed. */
export interface Call extends Context {
  head: RequestHead;
  requestId: string;
  caller: Caller;
  region: string;
  survey: Survey;
  /** Of an S3 request. */
  body: IncomingBody | undefined;
  /**
   * Asks for a further permission that only the handler can know of; throws the denial.
   * @param object What it is about, where that is not what the call names.
   */
  requireAlso(operation: string, input: Record<string, unknown>, object?: ObjectFacts): void;
  /** Whether the caller has a further permission, on which it depends what the answer says. */
  allows(operation: string, input: Record<string, unknown>): boolean;
}

/** What a call names, found before the decision and kept for the handler. */
export interface Survey {
  bucket?: BucketRecord;
  /** What a copy reads. */
  source?: SurveyedSource;
  /** The upload in parts that a call is about. */
  upload?: UploadRecord;
  /** The object, or the version of it, as it was when the decision was made. */
  object?: ObjectRecord;
  /** The access point that the call goes through; `bucket` is then its bucket. */
  accessPoint?: AccessPointRecord;
  /** The role that is to be assumed. */
  role?: RoleRecord;
  /** Who calls, where a token in the input tells it and not a signature. */
  caller?: Caller;
  /** The keys of KMS that the call uses, as far as they are there. */
  keys?: KeyRecord[];
  /** The grant that is to be retired. */
  grant?: GrantRecord;
  /** What the decision needs to know besides the input. */
  facts?: Pick<ApiCall, 'object' | 'copySource' | 'resourceArns' | 'resourceTags'>;
  /** Condition keys that what the call names gives. */
  context?: Record<string, ContextValue>;
  /** For the trail. */
  resources?: { type: string; arn: string; account?: string }[];
}

/** The object that a copy reads, in its bucket; whether it is there is another matter. */
export interface SurveyedSource {
  bucket: BucketRecord;
  /** The access point that it is read through. */
  accessPoint?: AccessPointRecord;
  key: string;
  versionId?: string;
}

export type Handler = (
  input: Record<string, unknown>,
  call: Call,
) => Record<string, unknown> | Promise<Record<string, unknown>>;

/** A service as the router knows it; the rest is loaded with its first call. */
export interface ServiceDefinition {
  /** As calls name it: the prefix of its actions, mostly. */
  name: string;
  /** The service of its signatures' scope, where that is not the name. */
  scope?: string;
  /** Of a service that shares its scope and host: whether a request is for it. */
  owns?: (head: RequestHead) => boolean;
  protocol: Protocol;
  /** Of XML answers. */
  namespace: string;
  /** Of the query protocol: the `Version` that tells an unsigned call's service. */
  version?: string;
  /** Of the JSON protocol: `X-Amz-Target` is this, a dot and the operation. */
  target?: string;
  /** A promise until it is loaded. */
  load(): LoadedService | Promise<LoadedService>;
}

export interface LoadedService {
  model: ServiceModel;
  /** Of a service whose operations are told by method and path. */
  router?: Router;
  /** By operation. An operation without one is authorised and answers `NotImplemented`. */
  handlers: ReadonlyMap<string, Handler>;
  /** Finds what a call names. Throws AwsError for what AWS refuses before it decides: a bucket that does not exist. */
  survey(
    operation: string,
    input: Record<string, unknown>,
    context: Context & { caller: Caller; region: string },
  ): Survey | Promise<Survey>;
  /** None of its operations writes more than one record: room for it is seen to as it is written. */
  writesLittle?: true;
  /** Operations whose handler asks for the decisions: one for each of many things, not one for the whole call. */
  decidedByHandler?: ReadonlySet<string>;
  /** Operations that need no signature. */
  unsigned?: ReadonlySet<string>;
  isData(operation: string): boolean;
}

/**
 * Types a service's handlers by its client's module: the SDK's own input and output of each operation, by name.
 */
export type HandlersOf<Module> = {
  [
    Name in keyof Module as Name extends `${infer Operation}Command` ? Operation : never
  ]?: Module[Name] extends new (...parameters: never[]) => {
    input: infer Input;
    resolveMiddleware(...parameters: never[]): (...parameters: never[]) => Promise<{ output: infer Output }>;
  }
    ? (input: Input, call: Call) => WithoutMetadata<Output> | Promise<WithoutMetadata<Output>>
    : never;
};

/** What a handler gives: the SDK's output, but that bodies are bytes or a stream of node's. */
type WithoutMetadata<Output> = {
  [Member in keyof Output as Member extends '$metadata' ? never : Member]: Member extends 'Body'
    ? Uint8Array | Readable
    : Output[Member];
} & {
  /** HTTP status, where it is not the operation's own. */
  $status?: number;
};

export function handlersOf<Module>(handlers: HandlersOf<Module>): ReadonlyMap<string, Handler> {
  return new Map(Object.entries(handlers)) as ReadonlyMap<string, Handler>;
}
