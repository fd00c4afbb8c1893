import type { TrailEntry } from '../trail.ts';

export interface RecordResource {
  type: string;
  ARN?: string;
  /** Of what a call on a bucket reads: where its keys begin. */
  ARNPrefix?: string;
  accountId?: string;
}

type Resource = TrailEntry['resources'][number];

/** What a call was about. */
export function resourcesOf(entry: TrailEntry, recipient: string): RecordResource[] {
  const named = entry.resources.length > 0 ? entry.resources : fromInput(entry);
  const hidden = isHidden(entry, recipient);
  const resources = named.map(({ type, arn, account }) => ({
    ...(account !== undefined && { accountId: hidden ? '' : account }),
    type,
    ARN: arn,
  }));
  const [first] = named;
  if (entry.service !== 's3' || entry.kind !== 'data' || first?.type !== BUCKET) return resources;
  // Calls on a bucket that are data events are about its objects.
  const prefix = entry.input['Prefix'];
  const ARNPrefix = `${first.arn}/${typeof prefix === 'string' ? prefix : ''}`;
  return [{ type: OBJECT, ARNPrefix }, ...resources];
}

const BUCKET = 'AWS::S3::Bucket';
const OBJECT = 'AWS::S3::Object';

/** Of a call that was refused before what it names was found: as it was written. */
function fromInput({ service, input }: TrailEntry): Resource[] {
  const { Bucket: bucket, Key: key } = input;
  if (service !== 's3' || typeof bucket !== 'string' || bucket.startsWith('arn:')) return [];
  const arn = `arn:aws:s3:::${bucket}`;
  const resource = { type: BUCKET, arn };
  return typeof key === 'string' ? [{ type: OBJECT, arn: `${arn}/${key}` }, resource] : [resource];
}

/**
 * Whose a bucket is, a caller who was denied is not told.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-receive-logs-from-multiple-accounts.html
 */
function isHidden({ kind, caller, error, recipients }: TrailEntry, recipient: string): boolean {
  return (
    kind === 'data' && error?.code === 'AccessDenied' && recipient === caller.account && recipients.length > 1
  );
}
