import type { Denial } from '../denial/access-denied.ts';

/** A call that failed: what an error message says of it. */
export interface FailedCall {
  /** `GetObject` */
  operation: string;
  /** The action that it needs: `s3:GetObject`. */
  action: string;
  /** Name or ARN. */
  bucket?: string;
  key?: string;
  /** The account that the request expected to own the bucket. */
  owner?: string;
  /** The role whose session made the call, if this package issued it. */
  roleArn?: string;
  /** ARN of the caller, as far as it is known. */
  principal?: string;
}

/** Names a call by its operation and input. */
export async function failedCall(
  operation: string,
  input: object,
  session: { roleArn: string; arn?: string } | undefined,
): Promise<FailedCall> {
  const { Bucket, Key, ExpectedBucketOwner } = input as Record<string, unknown>;
  const { authorizationsFor } = await import('@crossbucket/policy');
  const principal = session?.arn ?? '*';
  const call = { service: 's3', operation, input: { ...input, Body: undefined }, principal };
  return {
    operation,
    action: authorizationsFor(call)[0]?.action ?? `s3:${operation}`,
    bucket: text(Bucket),
    key: text(Key),
    owner: text(ExpectedBucketOwner),
    roleArn: session?.roleArn,
    principal: session?.arn,
  };
}

const text = (value: unknown) => (typeof value === 'string' ? value : undefined);

/** `s3://bucket/key` */
export function locationOf({ bucket, key }: FailedCall): string {
  if (bucket === undefined) return 's3';
  return key === undefined ? `s3://${bucket}` : `s3://${bucket}/${key}`;
}

/** `s3:GetObject on `s3://b/k` of account 222222222222 as `arn:...`` */
export function describeCall(call: FailedCall): string {
  const owner = call.owner ? ` of account ${call.owner}` : '';
  const as = call.roleArn ? ` as \`${call.roleArn}\`` : '';
  return `${call.action} on \`${locationOf(call)}\`${owner}${as}`;
}

/** The command that explains a denied call, quoted for a POSIX shell. */
export function explainCommand(call: FailedCall, denial: Denial): string {
  const via = call.roleArn ? ['--via', call.roleArn] : [];
  const as = !call.roleArn && denial.principal ? ['--as', denial.principal] : [];
  return ['crossbucket', 'explain', denial.action ?? call.action, locationOf(call), ...as, ...via]
    .map(quote)
    .join(' ');
}

const quote = (word: string) =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** What the message says of the reason, in words. */
export function reasonOf({ reason }: Denial, { owner }: FailedCall): string {
  if (!reason) {
    const other = owner ? ` (it answers the same when the bucket does not belong to account ${owner})` : '';
    return `s3 does not say why${other}`;
  }
  const policy = reason.policyArn ? ` (${reason.policyArn})` : '';
  const layer = reason.layer.replaceAll('-', ' ');
  const words = {
    'missing-allow': `no ${layer} allows it`,
    'explicit-deny': `the ${layer} denies it`,
    'public-access-block': `${reason.setting ?? 'a setting'} of Block Public Access prevents it`,
  };
  return words[reason.kind] + policy;
}
