import { AwsError } from '../../wire/errors.ts';

interface TextRule {
  pattern: RegExp;
  shortest: number;
  longest: number;
}

/** As the SDK's model of STS describes the members. */
const TEXTS: Readonly<Record<string, TextRule>> = {
  RoleArn: { pattern: /^[^\p{Cc}]*$/u, shortest: 20, longest: 2048 },
  RoleSessionName: { pattern: /^[\w+=,.@-]*$/, shortest: 2, longest: 64 },
  ExternalId: { pattern: /^[\w+=,.@:/-]*$/, shortest: 2, longest: 1224 },
  SourceIdentity: { pattern: /^[\w+=,.@-]*$/, shortest: 2, longest: 64 },
  SerialNumber: { pattern: /^[\w+=/:,.@-]*$/, shortest: 9, longest: 256 },
  TokenCode: { pattern: /^\d*$/, shortest: 6, longest: 6 },
  Name: { pattern: /^[\w+=,.@-]*$/, shortest: 2, longest: 32 },
  WebIdentityToken: { pattern: /^[^\s]*$/, shortest: 4, longest: 20_000 },
  AccessKeyId: { pattern: /^\w*$/, shortest: 16, longest: 128 },
  EncodedMessage: { pattern: /^/, shortest: 1, longest: 10_240 },
  Policy: { pattern: /^[\t\n\r\x20-\u00ff]*$/, shortest: 1, longest: 2048 },
};

const HOUR = 3600;

/** Longest sessions in seconds. */
const DURATIONS: Readonly<Record<string, number>> = {
  AssumeRole: 12 * HOUR,
  AssumeRoleWithWebIdentity: 12 * HOUR,
  AssumeRoleWithSAML: 12 * HOUR,
  GetSessionToken: 36 * HOUR,
  GetFederationToken: 36 * HOUR,
};

/** Checks what can be checked before anybody is asked for permission. */
export function requireInput(operation: string, input: Record<string, unknown>): void {
  for (const [member, rule] of Object.entries(TEXTS)) {
    const value = input[member];
    if (typeof value === 'string') requireText(member, value, rule);
  }
  const { DurationSeconds: seconds, MinimumSessionTokenSize: size, RoleArn: arn } = input;
  if (typeof seconds === 'number') requireRange('durationSeconds', seconds, 900, DURATIONS[operation]);
  if (typeof size === 'number') requireRange('minimumSessionTokenSize', size, 0, 4096);
  if (typeof arn === 'string' && !/^arn:[\w-]+:iam::\d{12}:role\/.+$/.test(arn))
    throw new AwsError('ValidationError', `${arn} is invalid`);
}

function requireText(member: string, value: string, { pattern, shortest, longest }: TextRule): void {
  const name = member.charAt(0).toLowerCase() + member.slice(1);
  const shown = HIDDEN.has(member) ? undefined : value;
  if (value.length < shortest)
    throw invalid(name, shown, `Member must have length greater than or equal to ${shortest}`);
  if (value.length > longest)
    throw invalid(name, shown, `Member must have length less than or equal to ${longest}`);
  if (!pattern.test(value))
    throw invalid(name, shown, `Member must satisfy regular expression pattern: ${pattern.source}`);
}

/** Members that an error does not show: secrets, and what is long. */
const HIDDEN = new Set(['TokenCode', 'WebIdentityToken', 'EncodedMessage', 'Policy']);

function requireRange(name: string, value: number, least: number, most = Number.MAX_SAFE_INTEGER): void {
  if (value < least)
    throw invalid(name, String(value), `Member must have value greater than or equal to ${least}`);
  if (value > most)
    throw invalid(name, String(value), `Member must have value less than or equal to ${most}`);
}

function invalid(member: string, value: string | undefined, constraint: string): AwsError {
  const place = value === undefined ? `Value at '${member}'` : `Value '${value}' at '${member}'`;
  return new AwsError(
    'ValidationError',
    `1 validation error detected: ${place} failed to satisfy constraint: ${constraint}`,
  );
}
