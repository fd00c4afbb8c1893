import { AwsError } from '../../wire/errors.ts';
import { requireRange, requireTexts, type TextRule } from '../validation.ts';

/** As the SDK's model of STS describes the members. */
const TEXTS: Readonly<Record<string, TextRule>> = {
  RoleArn: { pattern: /^[^\p{Cc}]*$/u, shortest: 20, longest: 2048 },
  RoleSessionName: { pattern: /^[\w+=,.@-]*$/, shortest: 2, longest: 64 },
  ExternalId: { pattern: /^[\w+=,.@:/-]*$/, shortest: 2, longest: 1224 },
  SourceIdentity: { pattern: /^[\w+=,.@-]*$/, shortest: 2, longest: 64 },
  SerialNumber: { pattern: /^[\w+=/:,.@-]*$/, shortest: 9, longest: 256 },
  TokenCode: { pattern: /^\d*$/, shortest: 6, longest: 6, hidden: true },
  Name: { pattern: /^[\w+=,.@-]*$/, shortest: 2, longest: 32 },
  WebIdentityToken: { pattern: /^[^\s]*$/, shortest: 4, longest: 20_000, hidden: true },
  AccessKeyId: { pattern: /^\w*$/, shortest: 16, longest: 128 },
  EncodedMessage: { pattern: /^/, shortest: 1, longest: 10_240, hidden: true },
  Policy: { pattern: /^[\t\n\r\x20-\u00ff]*$/, shortest: 1, longest: 2048, hidden: true },
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
  requireTexts(input, TEXTS);
  const { DurationSeconds: seconds, MinimumSessionTokenSize: size, RoleArn: arn } = input;
  if (typeof seconds === 'number')
    requireRange('DurationSeconds', seconds, 900, DURATIONS[operation] ?? Infinity);
  if (typeof size === 'number') requireRange('MinimumSessionTokenSize', size, 0, 4096);
  if (typeof arn === 'string' && !/^arn:[\w-]+:iam::\d{12}:role\/.+$/.test(arn))
    throw new AwsError('ValidationError', `${arn} is invalid`);
}
