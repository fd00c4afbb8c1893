import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { SandboxClock, type Clock } from '../clock.ts';
import { SandboxError } from '../errors.ts';
import { inFull } from '../gate/decision-memo.ts';
import { authenticate } from '../gate/authenticate.ts';
import type { Context } from '../services/service.ts';
import type { TrailEntry } from '../trail/trail.ts';
import { isBucketHost } from '../wire/address.ts';
import { bytesOf } from '../wire/body.ts';
import { AwsError, statusOf } from '../wire/errors.ts';
import { header, queryValue, type RequestHead } from '../wire/message.ts';
import { readSignature } from '../wire/read-signature.ts';
import { EventStreams } from './events.ts';
import { forbidden, requireLocal, requireToken } from './guard.ts';

const CONTROL_PATH = '/_crossbucket/';

const MAX_BODY = 4096;

/** Whether a request is for the sandbox itself. No bucket's name starts with an underscore; in a bucket's own host, it is a key. */
export function isForControl(head: RequestHead): boolean {
  return head.rawPath.startsWith(CONTROL_PATH) && !isBucketHost(header(head, 'host'));
}

interface Answer {
  status: number;
  /** JSON, or YAML where it is text. */
  value: unknown;
}

/** What the sandbox offers beside AWS: why a call was decided as it was, what it holds, what happens, its clock. */
export class Control {
  /** Whoever has it may move the clock, and see everything. */
  readonly token = randomBytes(24).toString('base64url');
  readonly #context: Context;
  readonly #streams: EventStreams;

  constructor(context: Context) {
    this.#context = context;
    this.#streams = new EventStreams(context.trail);
  }

  /** Ends the streams of events. */
  close(): void {
    this.#streams.close();
  }

  /** Answers a request to a path under `CONTROL_PATH`. Never rejects. */
  async handle(head: RequestHead, request: IncomingMessage, response: ServerResponse): Promise<void> {
    let answer: Answer | undefined;
    try {
      answer = await this.#serve(head, request, response);
    } catch (error) {
      answer = refusal(error);
    }
    request.resume();
    if (!answer) return;
    const isText = typeof answer.value === 'string';
    response.writeHead(answer.status, {
      'content-type': isText ? 'application/yaml' : 'application/json',
      'cache-control': 'no-store',
    });
    response.end(isText ? answer.value : `${JSON.stringify(answer.value)}\n`);
  }

  /** @returns Nothing where the answer is a stream. */
  async #serve(
    head: RequestHead,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<Answer | undefined> {
    requireLocal(head);
    const path = head.rawPath.slice(CONTROL_PATH.length);
    const decision = /^decisions\/([\w-]{1,64})$/.exec(path)?.[1];
    if (decision !== undefined && head.method === 'GET') return this.#decision(decision, head);
    switch (`${head.method} ${path}`) {
      case 'POST clock':
        requireToken(head, this.token);
        return this.#moveClock(await readText(request));
      case 'GET events':
        requireToken(head, this.token);
        this.#streams.start(response);
        return undefined;
      case 'GET snapshot':
        requireToken(head, this.token);
        return { status: 200, value: await this.#snapshot() };
      case 'GET state':
        requireToken(head, this.token);
        return { status: 200, value: await this.#state(head) };
      default:
        throw new AwsError('NotFound', `there is no \`${head.method} ${head.rawPath}\``, { status: 404 });
    }
  }

  /** Accounts, principals, buckets, policies and all else, without secrets and without objects. */
  async #snapshot(): Promise<unknown> {
    const { snapshotOf } = await import('../state/export.ts');
    const { clock, store } = this.#context;
    return { time: new Date(clock.now()).toISOString(), ...(await snapshotOf(store)) };
  }

  async #state(head: RequestHead): Promise<string> {
    const { exportState } = await import('../state/export.ts');
    const asked = (name: string) => queryValue(head, name) !== undefined;
    return exportState(this.#context.store, { objects: asked('objects'), mask: asked('mask') });
  }

  /** The whole decision of a call, for the account root of an account concerned. */
  #decision(id: string, head: RequestHead): Answer {
    const signature = readSignature(head);
    if (!signature) throw forbidden('sign the request with the keys of an account root, as for S3');
    const { caller } = authenticate(head, signature, 'rest-xml', this.#context);
    const entry = this.#context.trail.find(id);
    // One answer for both, so that nobody learns of other accounts' calls.
    if (!entry?.decision || caller.kind !== 'root' || !concerns(entry, caller.account))
      throw new AwsError('NotFound', `there is no decision \`${id}\` for the root of this account`, {
        status: 404,
      });
    const { service, operation, decision } = entry;
    return {
      status: 200,
      value: { id, call: `${service}:${operation}`, caller: entry.caller.arn, ...inFull(decision) },
    };
  }

  #moveClock(body: string): Answer {
    const { clock } = this.#context;
    if (!(clock instanceof SandboxClock))
      throw new AwsError('Conflict', 'this sandbox was given a clock of its own, which it cannot move', {
        status: 409,
      });
    moveClock(clock, body);
    return { status: 200, value: { now: new Date(clock.now()).toISOString() } };
  }
}

function concerns(entry: TrailEntry, account: string): boolean {
  return entry.caller.account === account || entry.recipients.includes(account);
}

/** `{"advance": seconds}` moves on from now, `{"set": "2026-08-01T00:00:00Z"}` to a time. */
function moveClock(clock: SandboxClock & Clock, body: string): void {
  const { advance, set } = parseObject(body);
  const now = clock.now();
  let to = Number.NaN;
  if (typeof advance === 'number') to = now + advance * 1000;
  else if (typeof set === 'string') to = Date.parse(set);
  if (to >= 0 && to < END_OF_TIME) return clock.advance(to - now);
  throw new AwsError('InvalidRequest', 'send {"advance": SECONDS} or {"set": "2026-08-01T00:00:00Z"}', {
    status: 400,
  });
}

/** Dates have four digits for the year. */
const END_OF_TIME = Date.UTC(10_000, 0);

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of bytesOf(request)) {
    size += part.length;
    if (size > MAX_BODY) throw new AwsError('InvalidRequest', 'the body is too long', { status: 413 });
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function refusal(error: unknown): Answer {
  if (error instanceof SandboxError)
    return { status: 400, value: { code: error.code, message: error.message } };
  const known =
    error instanceof AwsError ? error : new AwsError('InternalError', 'the sandbox failed to answer');
  return { status: statusOf(known), value: { code: known.code, message: known.message } };
}
