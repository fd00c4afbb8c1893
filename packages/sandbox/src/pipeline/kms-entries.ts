import { randomUUID } from 'node:crypto';
import type { AccessRequest, CallDecision } from '@crossbucket/policy';
import type { TrailEntry } from '../trail/trail.ts';
import type { Progress } from './progress.ts';

/**
 * What S3 asked KMS for in its caller's name, as calls of their own: where it went well, in the trail of both accounts;
 * where KMS refused, in the caller's alone.
 * https://docs.aws.amazon.com/kms/latest/developerguide/logging-using-cloudtrail.html
 * @param entry That of the call of S3.
 */
export function kmsEntriesOf({ decision, error }: Progress, entry: TrailEntry): TrailEntry[] {
  // No call that uses a key is remembered.
  if (entry.service !== 's3' || !decision || 'inFull' in decision) return NONE;
  const denied = decision.authorizations.find((one) => one.decision.outcome !== 'allow');
  if (denied) return isKms(denied.request) ? [entryFor(denied.request, entry, error)] : NONE;
  // Refused for something else, or failed before it came to KMS.
  if (error || decision.outcome !== 'allow') return NONE;
  return asked(decision).map((request) => entryFor(request, entry));
}

const NONE: TrailEntry[] = [];

const isKms = ({ action }: AccessRequest): boolean => action.startsWith('kms:');

const asked = ({ authorizations }: CallDecision): AccessRequest[] =>
  authorizations.map(({ request }) => request).filter(isKms);

function entryFor(
  { action, resource, context = {} }: AccessRequest,
  { time, caller, requestId }: TrailEntry,
  error?: Progress['error'],
): TrailEntry {
  const operation = action.slice('kms:'.length);
  const [, , , region = '', account = ''] = resource.split(':');
  const shared = error === undefined && account !== caller.account;
  return {
    id: randomUUID(),
    time,
    requestId: randomUUID(),
    service: 'kms',
    operation,
    region,
    kind: 'management',
    readOnly: true,
    internal: requestId,
    caller,
    sourceIp: '',
    userAgent: '',
    host: '',
    signatureForm: 'AuthHeader',
    input: {
      ...(operation === 'Decrypt'
        ? { EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' }
        : { KeyId: resource, KeySpec: 'AES_256' }),
      EncryptionContext: contextOf(context),
    },
    ...(error && { error: { code: 'AccessDenied', message: error.message } }),
    resources: [{ type: 'AWS::KMS::Key', arn: resource, account }],
    recipients: shared ? [caller.account, account] : [caller.account],
    bytesIn: 0,
    bytesOut: 0,
  };
}

const PREFIX = 'kms:EncryptionContext:';

function contextOf(keys: NonNullable<AccessRequest['context']>): Record<string, unknown> {
  const pairs = Object.entries(keys).filter(([name]) => name.startsWith(PREFIX));
  return Object.fromEntries(pairs.map(([name, value]) => [name.slice(PREFIX.length), value]));
}
