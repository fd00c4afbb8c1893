import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { isReadOnly } from '../services/read-only.ts';
import type { TrailEntry } from '../trail/trail.ts';
import { header, type WireResponse } from '../wire/message.ts';
import type { Progress } from './progress.ts';

/**
 * What the trail keeps of a call; nothing for a request whose signature did not hold, as CloudTrail logs none.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html
 */
export function entryOf(progress: Progress, answer: WireResponse, time: number): TrailEntry | undefined {
  const { head, operation, service, caller, survey, error, output, decision, signature } = progress;
  if (!progress.authenticated || !operation || !service) return undefined;
  const owner = survey.bucket?.account ?? survey.role?.account ?? survey.keys?.[0]?.account;
  const kind = service.isData(operation.name) ? 'data' : 'management';
  const readOnly = isReadOnly(operation.name);
  return {
    id: randomUUID(),
    time,
    requestId: progress.requestId,
    service: progress.definition.name,
    operation: operation.name,
    region: progress.region,
    kind,
    readOnly,
    caller,
    sourceIp: head.remoteAddress,
    userAgent: header(head, 'user-agent') ?? '-',
    host: header(head, 'host') ?? '',
    ...(head.tls && { tls: head.tls }),
    signatureForm: signature ? (signature.form === 'header' ? 'AuthHeader' : 'QueryString') : 'Anonymous',
    input: progress.input,
    // What is read is not logged, and an object's bytes least of all.
    ...(output && !readOnly && kind === 'management' && { output }),
    ...(error && { error: { code: error.code, message: error.message } }),
    ...(decision && { decision }),
    resources: survey.resources ?? [],
    recipients: recipientsOf(caller.account, isDeniedKey(progress) ? undefined : owner),
    bytesIn: Number(head.headers['content-length'] ?? 0),
    bytesOut: bytesOf(answer),
  };
}

/** https://docs.aws.amazon.com/kms/latest/developerguide/logging-using-cloudtrail.html */
function isDeniedKey({ definition, error }: Progress): boolean {
  return definition.name === 'kms' && error?.code === 'AccessDeniedException';
}

/** Accounts concerned: the caller's, where there is one, and the owner's. */
function recipientsOf(caller: string, owner: string | undefined): string[] {
  const recipients = caller === '' ? [] : [caller];
  if (owner !== undefined && owner !== '' && owner !== caller) recipients.push(owner);
  return recipients;
}

function bytesOf({ body, headers }: WireResponse): number {
  if (body === undefined) return 0;
  return body instanceof Readable ? Number(headers['content-length'] ?? 0) : Buffer.byteLength(body);
}
