import type { Denial } from './access-denied.ts';

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
  /** Of a listing. */
  prefix?: string;
  /** `BUCKET/KEY` that a copy reads. */
  copySource?: string;
  /** Profile that the call was made with, or that assumed the role. */
  profile?: string;
  /** What was passed when the role was assumed. It is no secret. */
  externalId?: string;
  /** ARNs of roles on the way to the role. */
  chain?: string[];
}

/** How whoever made a call got to its credentials. */
export type CallSource = Pick<FailedCall, 'profile' | 'externalId' | 'chain'>;

/** Names a call by its operation and input. */
export async function failedCall(
  operation: string,
  input: object,
  session: { roleArn: string; arn?: string } | undefined,
  { profile, externalId, chain }: CallSource = {},
): Promise<FailedCall> {
  const { Bucket, Key, Prefix, CopySource, ExpectedBucketOwner } = input as Record<string, unknown>;
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
    ...(text(Prefix) && { prefix: text(Prefix) }),
    ...(text(CopySource) && { copySource: text(CopySource) }),
    ...(profile !== undefined && { profile }),
    ...(session !== undefined && externalId !== undefined && { externalId }),
    ...(session !== undefined && chain !== undefined && chain.length > 0 && { chain }),
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

/** The command that explains a denied call as it was made, quoted for a POSIX shell. */
export function explainCommand(call: FailedCall, denial: Denial): string {
  const { roleArn, profile, externalId, owner, copySource, chain = [] } = call;
  const named = denial.action?.startsWith('s3:') === true ? denial.action : call.action;
  const who = profile ?? (roleArn === undefined ? denial.principal : undefined);
  return shellCommand([
    // A copy is two calls in one, of one principal.
    ...(copySource === undefined ? [named] : ['CopyObject']),
    targetOf(call),
    ...(who === undefined ? [] : ['--as', who]),
    ...(roleArn === undefined ? [] : [...chain, roleArn].flatMap((arn) => ['--via', arn])),
    ...(externalId === undefined ? [] : ['--external-id', externalId]),
    ...(owner === undefined ? [] : ['--expected-owner', owner]),
    ...(copySource === undefined ? [] : ['--input', JSON.stringify({ CopySource: copySource })]),
  ]);
}

/** What `crossbucket explain` takes: objects of an access point have ARNs alone. */
function targetOf(call: FailedCall): string {
  const { bucket = '', key = call.prefix } = call;
  if (!bucket.startsWith('arn:')) return locationOf({ ...call, ...(key && { key }) });
  return key ? `${bucket}/object/${key}` : bucket;
}

/** Why a role cannot be assumed. */
export const explainRoleCommand = (roleArn: string, { profile, externalId }: CallSource): string =>
  shellCommand([
    'sts:AssumeRole',
    roleArn,
    ...(profile === undefined ? [] : ['--as', profile]),
    ...(externalId === undefined ? [] : ['--external-id', externalId]),
  ]);

const shellCommand = (words: readonly string[]): string =>
  ['crossbucket', 'explain', ...words].map(quote).join(' ');

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
