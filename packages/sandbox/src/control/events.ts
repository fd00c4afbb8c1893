import type { ServerResponse } from 'node:http';
import type { Trail, TrailEntry } from '../trail/trail.ts';

/** Milliseconds that a call waits for others to be sent with. */
const PATIENCE = 50;
/** Bytes that may wait for a reader who is slow; what is too much is left out, and counted. */
const MOST_WAITING = 1_048_576;

/** Server-sent events: every call from now on, and how it was decided. */
export class EventStreams {
  readonly #trail: Trail;
  readonly #open = new Set<ServerResponse>();

  constructor(trail: Trail) {
    this.#trail = trail;
  }

  /** Answers with the stream, which ends when the reader goes or the sandbox is closed. */
  start(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(': every call from now on\n\n');
    let leftOut = 0;
    const send = (entries: readonly TrailEntry[]): void => {
      if (response.writableEnded) return;
      if (response.writableLength > MOST_WAITING) {
        leftOut += entries.length;
        return;
      }
      const missing = leftOut > 0 ? `event: missing\ndata: {"calls":${leftOut}}\n\n` : '';
      leftOut = 0;
      response.write(missing + entries.map((entry) => format(entry)).join(''));
    };
    const end = this.#trail.follow(send, PATIENCE);
    this.#open.add(response);
    response.on('error', () => {});
    response.once('close', () => {
      this.#open.delete(response);
      end();
    });
  }

  /** Sends what waits, and ends every stream. */
  close(): void {
    this.#trail.drain();
    for (const response of this.#open) response.end();
  }
}

/** One line of JSON, which no member of can break. */
function format(entry: TrailEntry): string {
  return `id: ${entry.id}\nevent: call\ndata: ${JSON.stringify(summary(entry))}\n\n`;
}

function summary({ decision, ...entry }: TrailEntry): Record<string, unknown> {
  return {
    requestId: entry.requestId,
    time: new Date(entry.time).toISOString(),
    call: `${entry.service}:${entry.operation}`,
    kind: entry.kind,
    readOnly: entry.readOnly,
    caller: entry.caller.arn,
    account: entry.caller.account,
    recipients: entry.recipients,
    resources: entry.resources,
    sourceIp: entry.sourceIp,
    userAgent: entry.userAgent,
    ...(entry.internal !== undefined && { madeFor: entry.internal }),
    ...(entry.error && { error: entry.error }),
    bytesIn: entry.bytesIn,
    bytesOut: entry.bytesOut,
    ...(decision && {
      decision: { outcome: decision.outcome, reason: decision.reason, causes: decision.causes },
    }),
  };
}
