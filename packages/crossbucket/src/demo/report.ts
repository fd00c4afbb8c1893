import type { CallDecision, NearestMiss, StatementRef } from '@crossbucket/policy';
import type { CloudTrailRecord } from '@crossbucket/sandbox';

/** What a step of the demo was to show, and what it did show. */
export interface DemoStep {
  /** Heading that it belongs under. */
  group: string;
  name: string;
  expected: string;
  actual: string;
  ok: boolean;
  detail: string;
}

export interface DemoReport {
  ok: boolean;
  steps: DemoStep[];
  /** Data events, as each account concerned records them. */
  trail: CloudTrailRecord[];
}

/** Why a call was denied, in one line: which account, which document, which statement or the lack of one. */
export function describeDenial(decision: CallDecision | undefined): string {
  const [cause] = decision?.causes ?? [];
  const denied = decision?.authorizations.find(({ decision: { outcome } }) => outcome !== 'allow');
  if (!cause || !denied) return decision?.reason ?? 'no decision was made';
  const { action } = denied.request;
  const document = cause.document?.name ?? `no ${cause.layer?.replaceAll('-', ' ') ?? 'document'}`;
  const where = `account ${cause.account ?? 'unknown'}, ${document}`;
  if (cause.code.endsWith('explicit-deny')) return `${where}: ${nameOf(cause.statement)} denies ${action}`;
  const verdict = denied.decision.layers.find(({ layer }) => layer === cause.layer);
  const [nearest] = verdict?.nearestMisses ?? [];
  const miss = nearest ? `; nearest is ${nameOf(nearest)}, but ${describeMiss(nearest)}` : '';
  return `${where}: no statement allows ${action}${miss}`;
}

function nameOf(statement: StatementRef | undefined): string {
  return `statement ${statement?.sid ?? (statement?.index ?? 0) + 1}`;
}

function describeMiss({ failed: [first] }: NearestMiss): string {
  if (!first) return 'it does not match';
  const subject = first.key === undefined ? `its ${first.element}` : `${first.operator} ${first.key}`;
  const actual = first.actual === undefined ? 'the call has none' : `the call has ${first.actual.join(', ')}`;
  return `${subject} is ${first.wanted.join(', ')} and ${actual}`;
}

/** One line of the trail, for people: both accounts' copies of a call are one. */
export interface TrailLine {
  time: string;
  who: string;
  account: string;
  event: string;
  target: string;
  outcome: string;
  seenBy: string[];
}

export function trailLines(records: readonly CloudTrailRecord[]): TrailLine[] {
  const lines = new Map<string, TrailLine>();
  for (const record of records) {
    const id = record.sharedEventID ?? record.eventID;
    const line = lines.get(id);
    if (line) line.seenBy.push(record.recipientAccountId);
    else lines.set(id, describeRecord(record));
  }
  return [...lines.values()];
}

function describeRecord(record: CloudTrailRecord): TrailLine {
  const { arn, accountId } = record.userIdentity as { arn?: string; accountId?: string };
  const { bucketName, key } = (record.requestParameters ?? {}) as { bucketName?: string; key?: string };
  return {
    time: record.eventTime,
    who: arn?.split(':').slice(5).join(':') ?? 'anonymous',
    account: accountId ?? '',
    event: record.eventName,
    target: `s3://${bucketName ?? ''}/${key ?? ''}`,
    outcome: record.errorCode ?? 'allowed',
    seenBy: [record.recipientAccountId],
  };
}
