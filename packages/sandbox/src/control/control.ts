import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { SandboxClock, type Clock } from '../clock.ts';
import { authenticate } from '../gate/authenticate.ts';
import type { Context } from '../services/service.ts';
import type { TrailEntry } from '../trail/trail.ts';
import { isBucketHost } from '../wire/address.ts';
import { bytesOf } from '../wire/body.ts';
import { AwsError, statusOf } from '../wire/errors.ts';
import { header, type RequestHead } from '../wire/message.ts';
import { readSignature } from '../wire/sigv4.ts';

const CONTROL_PATH = '/_crossbucket/';

const MAX_BODY = 4096;

/** Whether a request is for the sandbox itself. No bucket's name starts with an underscore; in a bucket's own host, it is a key. */
export function isForControl(head: RequestHead): boolean {
  return head.rawPath.startsWith(CONTROL_PATH) && !isBucketHost(header(head, 'host'));
}

interface Answer {
  status: number;
  value: unknown;
}

/** What the sandbox offers beside AWS: why a call was decided as it was, and its clock. */
export class Control {
  /** Whoever has it may move the clock. */
  readonly token = randomBytes(24).toString('base64url');
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Answers a request to a path under `CONTROL_PATH`. Never rejects. */
  async handle(head: RequestHead, request: IncomingMessage, response: ServerResponse): Promise<void> {
    let answer: Answer;
    try {
      answer = await this.#serve(head, request);
    } catch (error) {
      answer = refusal(error);
    }
    request.resume();
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(`${JSON.stringify(answer.value)}\n`);
  }

  async #serve(head: RequestHead, request: IncomingMessage): Promise<Answer> {
    const path = head.rawPath.slice(CONTROL_PATH.length);
    const decision = /^decisions\/([\w-]{1,64})$/.exec(path)?.[1];
    if (decision !== undefined && head.method === 'GET') return this.#decision(decision, head);
    if (path === 'clock' && head.method === 'POST') return this.#moveClock(head, await readText(request));
    throw new AwsError('NotFound', `there is no \`${head.method} ${head.rawPath}\``, { status: 404 });
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
      value: { id, call: `${service}:${operation}`, caller: entry.caller.arn, ...decision },
    };
  }

  #moveClock(head: RequestHead, body: string): Answer {
    if (!this.#isToken(header(head, 'x-crossbucket-token')))
      throw forbidden('send the control token, which the sandbox prints at start, as x-crossbucket-token');
    const { clock } = this.#context;
    if (!(clock instanceof SandboxClock))
      throw new AwsError('Conflict', 'this sandbox was given a clock of its own, which it cannot move', {
        status: 409,
      });
    moveClock(clock, body);
    return { status: 200, value: { now: new Date(clock.now()).toISOString() } };
  }

  #isToken(sent: string | undefined): boolean {
    const [given, wanted] = [Buffer.from(sent ?? ''), Buffer.from(this.token)];
    return given.length === wanted.length && timingSafeEqual(given, wanted);
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

function forbidden(message: string): AwsError {
  return new AwsError('Forbidden', message, { status: 403 });
}

function refusal(error: unknown): Answer {
  const known =
    error instanceof AwsError ? error : new AwsError('InternalError', 'the sandbox failed to answer');
  return { status: statusOf(known), value: { code: known.code, message: known.message } };
}
