import { AccessError, type AccessErrorCode } from '../errors.ts';
import { parseAccessDenied, type Denial } from './access-denied.ts';

/** One call on a bucket: what an error message needs to say about it. */
export interface BucketCall {
  /** `s3:GetObject` */
  action: string;
  bucket: string;
  key?: string;
  owner?: string;
  roleArn?: string;
}

/** S3 said 403. Across organizations it does not say why; the `command` finds out. */
export class AccessDeniedError extends AccessError {
  override readonly name = 'AccessDeniedError';
  /** What S3's message says. */
  readonly denial: Denial;
  /** Explains the denial from the policies of both accounts. */
  readonly command: string;

  constructor(call: BucketCall, denial: Denial, cause: unknown) {
    const command = explainCommand(call);
    super('access-denied', `${describeCall(call)} is denied${saysWhy(denial)}`, `run: ${command}`, { cause });
    this.denial = denial;
    this.command = command;
  }
}

const quote = (word: string) =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;

const location = ({ bucket, key }: BucketCall) =>
  key === undefined ? `s3://${bucket}` : `s3://${bucket}/${key}`;

/** The command that explains a denied call, quoted for a POSIX shell. */
export function explainCommand(call: BucketCall): string {
  const via = call.roleArn ? ['--via', call.roleArn] : [];
  return ['crossbucket', 'explain', call.action, location(call), ...via].map(quote).join(' ');
}

function describeCall(call: BucketCall): string {
  const owner = call.owner ? ` of account ${call.owner}` : '';
  const as = call.roleArn ? ` as \`${call.roleArn}\`` : '';
  return `${call.action} on \`${location(call)}\`${owner}${as}`;
}

function saysWhy({ reason }: Denial): string {
  if (!reason) return '; s3 does not say why';
  const policy = reason.policyArn ? ` (${reason.policyArn})` : '';
  const says = {
    'missing-allow': `no ${reason.layer} allows it`,
    'explicit-deny': `a ${reason.layer} denies it`,
    'public-access-block': `${reason.setting ?? 'a setting'} of Block Public Access denies it`,
  };
  return `: ${says[reason.kind]}${policy}`;
}

interface Meaning {
  code: AccessErrorCode;
  says: (call: BucketCall) => string;
  help: (call: BucketCall) => string;
}

const MEANINGS: Record<string, Meaning> = {
  NoSuchBucket: {
    code: 'no-such-bucket',
    says: ({ bucket }) => `there is no bucket \`${bucket}\``,
    help: () => 'check its name, and that AWS_ENDPOINT_URL_S3 and the profile point where it is',
  },
  NoSuchKey: {
    code: 'no-such-key',
    says: (call) => `there is no object \`${location(call)}\``,
    help: ({ bucket }) => `keys are case-sensitive; \`crossbucket ls s3://${bucket}/\` lists them`,
  },
};

const FAILED: Meaning = {
  code: 's3-failed',
  says: (call) => `${describeCall(call)} failed`,
  help: () => 'see the cause',
};

/** Turns an error of the S3 client into one that names bucket, account and what to do. */
export function bucketError(error: unknown, call: BucketCall): AccessError {
  if (error instanceof AccessError) return error;
  const denial = parseAccessDenied(error);
  if (denial) return new AccessDeniedError(call, denial, error);
  const { name = '', message = String(error) } = error as { name?: string; message?: string };
  const alias = name === 'NotFound' && call.key !== undefined ? 'NoSuchKey' : name;
  const { code, says, help } = Object.hasOwn(MEANINGS, alias) ? MEANINGS[alias]! : FAILED;
  const detail = code === 's3-failed' ? `: ${message}` : '';
  return new AccessError(code, says(call) + detail, help(call), { cause: error });
}
