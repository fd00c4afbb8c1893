import { parseAccessDenied } from '@crossbucket/access';
import type { CauseCode } from '@crossbucket/policy';
import { readError } from '../../packages/crossbucket/src/explain/evidence/read-error.ts';

/**
 * What AWS says of a denied call: `why` names the layer, `who` the caller and the action alone, `bare` nothing; else
 * the code of an error that means one thing.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html
 */
export type Form = 'why' | 'who' | 'bare' | (string & {});

/** Of each cause, within one organization and across organizations. */
export const FORMS: Readonly<Record<CauseCode, readonly [together: Form, apart: Form]>> = {
  'identity-policy-missing-allow': ['why', 'bare'],
  'identity-policy-explicit-deny': ['why', 'bare'],
  'resource-policy-missing-allow': ['why', 'bare'],
  'resource-policy-explicit-deny': ['why', 'bare'],
  'boundary-missing-allow': ['why', 'bare'],
  'boundary-explicit-deny': ['why', 'bare'],
  // Of a session of the owner's own account.
  'session-policy-missing-allow': ['why', 'why'],
  'session-policy-explicit-deny': ['why', 'why'],
  'scp-missing-allow': ['why', 'why'],
  'scp-explicit-deny': ['why', 'why'],
  'rcp-explicit-deny': ['why', 'bare'],
  'vpc-endpoint-policy-missing-allow': ['why', 'bare'],
  'vpc-endpoint-policy-explicit-deny': ['why', 'bare'],
  'trust-policy-missing-allow': ['why', 'who'],
  'trust-policy-explicit-deny': ['why', 'who'],
  'external-id-mismatch': ['why', 'who'],
  'mfa-required': ['why', 'who'],
  'role-not-found': ['why', 'who'],
  'stale-principal': ['why', 'who'],
  'access-point-policy-missing-allow': ['why', 'bare'],
  'access-point-policy-explicit-deny': ['why', 'bare'],
  'expected-owner-mismatch': ['bare', 'bare'],
  'session-duration': ['ValidationError', 'ValidationError'],
  'credentials-expired': ['ExpiredToken', 'ExpiredToken'],
  'credentials-invalid': ['InvalidAccessKeyId', 'InvalidAccessKeyId'],
  'clock-skew': ['RequestTimeTooSkewed', 'RequestTimeTooSkewed'],
  'public-access-block': ['why', 'bare'],
  'object-ownership': ['bare', 'bare'],
  'acl-not-supported': ['AccessControlListNotSupported', 'AccessControlListNotSupported'],
  'requester-pays': ['bare', 'bare'],
  'object-lock': ['AccessDenied', 'AccessDenied'],
  'kms-key-policy': ['why', 'who'],
  'kms-identity-policy': ['why', 'why'],
  'kms-managed-key': ['why', 'who'],
  'kms-key-unavailable': ['KMS.DisabledException', 'KMS.DisabledException'],
  'no-such-bucket': ['NoSuchBucket', 'NoSuchBucket'],
  'no-such-key': ['NoSuchKey', 'NoSuchKey'],
  'missing-list-permission': ['why', 'bare'],
  'wrong-region': ['PermanentRedirect', 'PermanentRedirect'],
  'sts-region-disabled': ['RegionDisabledException', 'RegionDisabledException'],
};

/** The form of an error of the SDK. */
export function formOf(error: Error): Form {
  const denial = parseAccessDenied(error);
  if (denial?.form === 'full') return denial.reason === undefined ? 'who' : 'why';
  const { code = '', claim } = readError(error);
  return claim === undefined ? 'bare' : code;
}

/** For the page of causes. */
export function formWords([together, apart]: (typeof FORMS)[CauseCode]): string {
  const known = WORDS[`${together} ${apart}`];
  return known ?? `AWS answers with the code \`${together}\`.`;
}

const WORDS: Readonly<Record<string, string>> = {
  'why bare':
    'Within an organization AWS says why; across organizations it says `Access Denied` and nothing else.',
  'why who':
    'Within an organization AWS says why; across organizations it names the caller and the action, and no reason.',
  'why why': 'AWS says why.',
  'bare bare': 'AWS says `Access Denied` and nothing else.',
};
