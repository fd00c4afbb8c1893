import type { Tag } from '@aws-sdk/client-sts';
import { AwsError } from '../../wire/errors.ts';
import { requireRange, requireText, requireTexts, type TextRule } from '../validation.ts';

const TEXT = String.raw`[\u0009\u000A\u000D\u0020-\u00FF]+`;

/** As the SDK's model of STS describes the members. */
const TEXTS: Readonly<Record<string, TextRule>> = {
  RoleArn: {
    pattern: String.raw`[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+`,
    shortest: 20,
    longest: 2048,
  },
  RoleSessionName: { pattern: String.raw`[\w+=,.@-]*`, shortest: 2, longest: 64 },
  ExternalId: { pattern: String.raw`[\w+=,.@:\/-]*`, shortest: 2, longest: 1224 },
  SourceIdentity: { pattern: String.raw`[\w+=,.@-]*`, shortest: 2, longest: 64 },
  SerialNumber: { pattern: String.raw`[\w+=/:,.@-]*`, shortest: 9, longest: 256 },
  TokenCode: { pattern: String.raw`[\d]*`, shortest: 6, longest: 6, hidden: true },
  Name: { pattern: String.raw`[\w+=,.@-]*`, shortest: 2, longest: 32 },
  WebIdentityToken: { shortest: 4, longest: 20_000, hidden: true },
  AccessKeyId: { pattern: String.raw`[\w]*`, shortest: 16, longest: 128 },
  EncodedMessage: { shortest: 1, longest: 10_240, hidden: true },
  Policy: { pattern: TEXT, shortest: 1, longest: 2048, hidden: true },
};

const TAG_KEY: TextRule = { pattern: String.raw`[\p{L}\p{Z}\p{N}_.:/=+\-@]+`, shortest: 1, longest: 128 };
const TAG_VALUE: TextRule = { pattern: String.raw`[\p{L}\p{Z}\p{N}_.:/=+\-@]*`, shortest: 0, longest: 256 };

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
  requireTags(input);
  const { DurationSeconds: seconds, MinimumSessionTokenSize: size, RoleArn: arn } = input;
  if (typeof seconds === 'number')
    requireRange('DurationSeconds', seconds, 900, DURATIONS[operation] ?? Infinity);
  if (typeof size === 'number') requireRange('MinimumSessionTokenSize', size, 0, 4096);
  if (typeof arn === 'string' && !/^arn:[\w-]+:iam::\d{12}:role\/.+$/.test(arn))
    throw new AwsError('ValidationError', `${arn} is invalid`);
}

function requireTags({ Tags: tags, TransitiveTagKeys: keys }: Record<string, unknown>): void {
  if (Array.isArray(tags))
    for (const [index, { Key = '', Value = '' }] of (tags as Tag[]).entries()) {
      requireText(`tags.${index + 1}.member.key`, Key, TAG_KEY);
      requireText(`tags.${index + 1}.member.value`, Value, TAG_VALUE);
    }
  if (Array.isArray(keys))
    for (const [index, key] of (keys as string[]).entries())
      requireText(`transitiveTagKeys.${index + 1}.member`, key, TAG_KEY);
}
