import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { accessPointArn } from '../store/arns.ts';
import type { Survey } from '../services/service.ts';
import { isReadEvent, recordsAnswer } from '../trail/records/names.ts';
import type { TrailEntry } from '../trail/trail.ts';
import { header, type WireResponse } from '../wire/message.ts';
import type { Progress } from './progress.ts';

/**
 * What the trail keeps of a call; nothing for a request whose signature did not hold, as CloudTrail logs none.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html
 */
export function entryOf(progress: Progress, answer: WireResponse, time: number): TrailEntry | undefined {
  const { head, operation, service, caller, survey, error, output, decision } = progress;
  if (!progress.authenticated || !operation || !service) return undefined;
  const { name } = progress.definition;
  const kind = service.isData(operation.name) ? 'data' : 'management';
  // Members set one by one: to spread objects takes several times as long.
  const entry: TrailEntry = {
    id: randomUUID(),
    time,
    requestId: progress.requestId,
    service: name,
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html
    operation: progress.posted ? 'PostObject' : operation.name,
    model: operation,
    region: progress.region,
    kind,
    readOnly: isReadEvent(name, operation.name),
    caller,
    sourceIp: head.remoteAddress,
    userAgent: header(head, 'user-agent') ?? '-',
    host: header(head, 'host') ?? '',
    signatureForm: formOf(progress),
    input: progress.input,
    resources: resourcesOf(survey),
    recipients: recipientsOf(caller.account, isDeniedKey(progress) ? NOBODY : survey),
    bytesIn: Number(head.headers['x-amz-decoded-content-length'] ?? head.headers['content-length'] ?? 0),
    bytesOut: bytesOf(answer),
  };
  if (head.tls) entry.tls = head.tls;
  if (progress.endpoint) entry.endpoint = progress.endpoint.id;
  if (progress.signature?.v2) entry.signatureVersion = 'SigV2';
  // What is read is not logged, and an object's bytes least of all.
  if (output && recordsAnswer(name, operation.name)) entry.output = output;
  if (error) entry.error = { code: error.code, message: error.message };
  if (decision) entry.decision = decision;
  return entry;
}

function formOf({ signature, caller }: Progress): TrailEntry['signatureForm'] {
  if (!signature) return caller.kind === 'service' ? 'AuthHeader' : 'Anonymous';
  return signature.form === 'header' ? 'AuthHeader' : 'QueryString';
}

/** https://docs.aws.amazon.com/kms/latest/developerguide/logging-using-cloudtrail.html */
function isDeniedKey({ definition, error }: Progress): boolean {
  return definition.name === 'kms' && error?.code === 'AccessDeniedException';
}

const NOBODY: Survey = {};
const NOTHING: NonNullable<Survey['resources']> = [];

/** What the survey found, with the access point that the call came through, and the object that a copy reads. */
function resourcesOf({ resources = NOTHING, accessPoint, source }: Survey): TrailEntry['resources'] {
  if (!accessPoint && !source) return resources;
  const all = [...resources];
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-directory-buckets-monitoring-logging.html
  if (accessPoint)
    all.push({
      type: 'AWS::S3::AccessPoint',
      arn: accessPointArn(accessPoint),
      account: accessPoint.account,
    });
  if (source) {
    const arn = `arn:aws:s3:::${source.bucket.name}`;
    all.push(
      { type: 'AWS::S3::Object', arn: `${arn}/${source.key}` },
      { type: 'AWS::S3::Bucket', arn, account: source.bucket.account },
    );
  }
  return all;
}

/** Accounts concerned: the caller's, where there is one, and the owners' of what the call is about. */
function recipientsOf(caller: string, { bucket, role, keys, source }: Survey): string[] {
  const recipients = caller === '' ? [] : [caller];
  const owner = bucket?.account ?? role?.account ?? keys?.[0]?.account;
  if (owner !== undefined && owner !== '' && owner !== caller) recipients.push(owner);
  if (source && !recipients.includes(source.bucket.account)) recipients.push(source.bucket.account);
  return recipients;
}

function bytesOf({ body, headers }: WireResponse): number {
  if (body === undefined) return 0;
  return body instanceof Readable ? Number(headers['content-length'] ?? 0) : Buffer.byteLength(body);
}
