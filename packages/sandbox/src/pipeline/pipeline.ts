import type { IncomingMessage, ServerResponse } from 'node:http';
import { internalErrors } from '../internal-errors.ts';
import { authenticate } from '../gate/authenticate.ts';
import { AUTH_ERRORS } from '../gate/auth-errors.ts';
import { ANONYMOUS } from '../gate/caller.ts';
import type { Endpoint } from '../gate/network.ts';
import type { Worlds } from '../gate/world.ts';
import { S3 } from '../services/registry.ts';
import { answerPreflight, crossOriginHeaders } from '../services/s3/configuration/cross-origin.ts';
import type { Context, LoadedService, ServiceDefinition } from '../services/service.ts';
import { isReadOnly, makesRoom } from '../services/read-only.ts';
import { definitionOf, isForm, operationNamed } from './identify.ts';
import type { Members, Progress } from './progress.ts';
import { asAwsError } from './as-aws-error.ts';
import { DecidedCalls } from './decided-calls.ts';
import { newRequestId } from './request-id.ts';
import { kmsEntriesOf } from './kms-entries.ts';
import { entryOf } from './trail-entry.ts';
import { send, writeError, writeOutput, type AnswerContext } from '../wire/answer.ts';
import { readWhole, RequestBody, type IncomingBody } from '../wire/body.ts';
import { isPostForm } from '../wire/post-form/post-form.ts';
import { withHoistedHeaders } from '../wire/hoisted-headers.ts';
import { readPostedObject, type PostedObject } from './post-object.ts';
import { AwsError } from '../wire/errors.ts';
import { readJsonInput, requireJsonMembers } from '../wire/json-protocol.ts';
import { header, type RequestHead, type WireResponse } from '../wire/message.ts';
import type { Protocol } from '../wire/protocol.ts';
import { parseForm, readQueryInput, requireQueryMembers } from '../wire/query-protocol.ts';
import { bodyKind, readRestBody, readRestInput, requireRestMembers } from '../wire/rest-xml.ts';
import { readSignatureV2, requireSignedV2 } from '../wire/sigv2.ts';
import { sha256 } from '../wire/digests.ts';
import { readSignature } from '../wire/read-signature.ts';
import type { Signature } from '../wire/signature.ts';
import { signingKey } from '../wire/sigv4.ts';

/** Longest body of a call that is not an object's. */
const MAX_DOCUMENT = 1_048_576 * 4;

/**
 * Takes each request through the one way that there is: which service and operation, who signed it, what it asks,
 * whether that is allowed, the handler, the answer, the trail.
 */
export class Pipeline {
  readonly #context: Context;
  readonly #calls: DecidedCalls;

  constructor(context: Context, worlds: Worlds) {
    this.#context = context;
    this.#calls = new DecidedCalls(context, worlds);
  }

  /** Answers a request. Never rejects: an answer that cannot be sent ends its connection, and not the process. */
  async handle(
    head: RequestHead,
    request: IncomingMessage,
    response: ServerResponse,
    beforeReading: () => void,
    endpoint?: Endpoint,
  ): Promise<void> {
    try {
      await this.#answer(head, request, response, beforeReading, endpoint);
    } catch (error) {
      internalErrors.publish({ error });
      response.destroy();
    }
  }

  async #answer(
    head: RequestHead,
    request: IncomingMessage,
    response: ServerResponse,
    beforeReading: () => void,
    endpoint: Endpoint | undefined,
  ): Promise<void> {
    const unsignedForm = isUnsignedForm(head) ? await readAll(request).catch(() => NOTHING) : undefined;
    const progress: Progress = {
      head,
      requestId: '',
      definition: S3,
      authenticated: false,
      caller: ANONYMOUS,
      region: 'us-east-1',
      endpoint,
      input: {},
      survey: {},
    };
    let answer: WireResponse;
    let shared: Record<string, string> | undefined;
    try {
      progress.definition = definitionOf(head, unsignedForm);
      progress.requestId = newRequestId(progress.definition);
      if (progress.definition === S3 && head.headers.origin !== undefined)
        shared = crossOriginHeaders(head, this.#context.store);
      if (progress.definition === S3 && head.method === 'OPTIONS')
        answer = answerPreflight(head, this.#context.store);
      else {
        const output = await this.#serve(progress, request, beforeReading, unsignedForm);
        const written = writeOutput(progress.operation!, output, answerContext(progress));
        answer = progress.posted?.answer(written) ?? written;
      }
    } catch (error) {
      progress.error = asAwsError(error);
      progress.requestId ||= newRequestId(progress.definition);
      answer = writeError(progress.error, answerContext(progress));
      // The sandbox teaches what AWS keeps to itself: see `control/`.
      if (progress.decision) answer.headers['x-crossbucket-decision'] = progress.requestId;
    }
    if (shared) Object.assign(answer.headers, shared);
    if (!request.complete) leaveUnread(request, response);
    // Before the answer, so that whoever has it finds the call in the trail.
    this.record(progress, answer);
    const { protocol } = progress.definition;
    await send(response, answer, {
      requestId: progress.requestId,
      omitBody: head.method === 'HEAD',
      protocol,
    });
  }

  /** Keeps a call in the trail. */
  record(progress: Progress, answer: WireResponse): void {
    const { trail, clock } = this.#context;
    const entry = entryOf(progress, answer, clock.now());
    if (!entry) return;
    trail.record(entry);
    for (const one of kmsEntriesOf(progress, entry)) trail.record(one);
  }

  async #serve(
    progress: Progress,
    request: IncomingMessage,
    beforeReading: () => void,
    unsignedForm: Buffer | undefined,
  ): Promise<Members> {
    const { definition } = progress;
    const loaded = definition.load();
    const service = (progress.service = loaded instanceof Promise ? await loaded : loaded);
    if (definition.protocol === 'rest-xml') return this.#serveRest(progress, service, request, beforeReading);
    beforeReading();
    const body = unsignedForm ?? (await readAll(request));
    const { protocol } = definition;
    const signature = readSignatureIn(protocol, progress.head);
    // S3 alone states its body's hash; the other services sign the hash of what they send.
    if (signature) signature.payloadHash = sha256(body);
    this.#authenticate(progress, signature);
    if (protocol === 'query') {
      const form = body.length > 0 ? parseForm(body.toString('utf8')) : new Map(progress.head.query);
      if (!signature && !service.unsigned?.has(form.get('Action') ?? ''))
        throw AUTH_ERRORS[protocol].unsigned();
      progress.operation = operationNamed(service, form.get('Action'), definition);
      progress.input = readQueryInput(progress.operation, form);
      requireQueryMembers(progress.operation, progress.input);
    } else {
      if (!signature) throw AUTH_ERRORS[protocol].unsigned();
      const target = header(progress.head, 'x-amz-target') ?? '';
      progress.operation = operationNamed(service, target.slice(target.lastIndexOf('.') + 1), definition);
      progress.input = await readJsonInput(progress.operation, body);
      requireJsonMembers(progress.operation, progress.input);
    }
    return this.run(progress, service);
  }

  async #serveRest(
    progress: Progress,
    service: LoadedService,
    request: IncomingMessage,
    beforeReading: () => void,
  ): Promise<Members> {
    if (progress.definition === S3 && isPostForm(progress.head)) {
      beforeReading();
      const posted = await readPostedObject(progress.head, request, service.model);
      return this.#servePosted(progress, service, posted);
    }
    const { operation, labels } = service.router!.find(progress.head);
    progress.operation = operation;
    const v2 = progress.definition === S3 ? readSignatureV2(progress.head) : undefined;
    if (v2) requireSignedV2(operation);
    const signature = v2 ?? readSignature(progress.head);
    if (signature?.form === 'header' && !v2 && header(progress.head, 'x-amz-content-sha256') === undefined)
      throw new AwsError('InvalidRequest', 'Missing required header for this request: x-amz-content-sha256');
    const secret = this.#authenticate(progress, signature);
    if (signature?.form === 'query') progress.head = withHoistedHeaders(progress.head);
    const { head } = progress;
    const key = signature && !v2 && secret !== undefined ? signingKey(secret, signature) : undefined;
    progress.input = readRestInput(operation, head, labels);
    const body = new RequestBody(request, head, signature, key, beforeReading);
    if (bodyKind(operation) === 'document')
      readRestBody(operation, progress.input, await body.collect(MAX_DOCUMENT));
    requireRestMembers(operation, progress.input);
    return this.run(progress, service, body);
  }

  async #servePosted(progress: Progress, service: LoadedService, posted: PostedObject): Promise<Members> {
    const { operation, head, labels, signature } = posted;
    Object.assign(progress, { operation, head, posted });
    this.#authenticate(progress, signature);
    progress.input = readRestInput(operation, head, labels);
    return this.run(progress, service, posted.body());
  }

  #authenticate(progress: Progress, signature: Signature | undefined): string | undefined {
    if (signature) progress.signature = signature;
    const { protocol, name, scope = name } = progress.definition;
    const { caller, secret } = authenticate(progress.head, signature, protocol, this.#context);
    progress.caller = caller;
    progress.authenticated = true;
    if (signature) {
      progress.region = signature.region;
      if (signature.service !== scope) throw AUTH_ERRORS[protocol].wrongService(scope);
    }
    return secret;
  }

  /** Decides a call whose caller is known, and runs it. */
  async run(progress: Progress, service: LoadedService, body?: IncomingBody): Promise<Members> {
    const { definition, input } = progress;
    const operation = progress.operation!.name;
    const { store } = this.#context;
    const call = this.#calls.callOf(progress, body);
    const found = service.survey(operation, input, call);
    const survey = (call.survey = progress.survey = found instanceof Promise ? await found : found);
    if (survey.caller) call.caller = progress.caller = survey.caller;
    if (!service.decidedByHandler?.has(operation)) call.requireAlso(operation, input);
    const handler = service.handlers.get(operation);
    if (!handler) throw notImplemented(definition, operation);
    const reads = isReadOnly(operation);
    if (!reads && !service.writesLittle) store.requireRoom(makesRoom(operation));
    const answer = handler(input, call);
    const output = answer instanceof Promise ? await answer : answer;
    // An answer promises that what it reports is stored.
    if (!reads) await store.settled();
    progress.output = output;
    return output;
  }

  /** Whether a call would be allowed, without making it. */
  async allows(progress: Progress, service: LoadedService): Promise<boolean> {
    const call = this.#calls.callOf(progress, undefined);
    const operation = progress.operation!.name;
    progress.survey = await service.survey(operation, progress.input, call);
    return call.allows(operation, progress.input);
  }
}

const NOTHING = Buffer.alloc(0);

/** A call without a signature tells its service only in its body. */
function isUnsignedForm(head: RequestHead): boolean {
  return (
    head.method === 'POST' && head.rawPath === '/' && head.headers.authorization === undefined && isForm(head)
  );
}

function readSignatureIn(protocol: Protocol, head: RequestHead): Signature | undefined {
  try {
    return readSignature(head);
  } catch (error) {
    throw error instanceof AwsError ? AUTH_ERRORS[protocol].malformed(error) : error;
  }
}

function notImplemented(definition: ServiceDefinition, operation: string): AwsError {
  return new AwsError(
    'NotImplemented',
    `The sandbox does not implement ${definition.name}:${operation}. The call was authenticated and is allowed.`,
    { status: 501 },
  );
}

function answerContext(progress: Progress): AnswerContext {
  const { definition, requestId, service, head } = progress;
  return {
    protocol: definition.protocol,
    namespace: definition.namespace,
    requestId,
    resource: head.rawPath,
    ...(service && { declaredErrors: service.model.errorStatus }),
  };
}

function readAll(request: IncomingMessage): Promise<Buffer> {
  return readWhole(
    request,
    MAX_DOCUMENT,
    () => new AwsError('RequestEntityTooLarge', 'The request body is too large.', { status: 413 }),
  );
}

/** Bodies that nobody will read: a short one is taken off the wire, a long one ends the connection. */
const WORTH_DRAINING = 1_048_576;

function leaveUnread(request: IncomingMessage, response: ServerResponse): void {
  const { 'content-length': stated, 'transfer-encoding': encoding } = request.headers;
  const length = Number(stated ?? (encoding === undefined ? 0 : Infinity));
  if (length > WORTH_DRAINING || request.headers.expect !== undefined)
    response.setHeader('connection', 'close');
  request.resume();
}
