import type { CauseCode } from '@crossbucket/policy';
import type { ExplainedCause, Explanation } from '../explanation.ts';
import type { Evidence } from './evidence.ts';

/** What AWS calls a layer stands for several causes of ours. */
const ALSO: Partial<Record<CauseCode, readonly CauseCode[]>> = {
  'resource-policy-missing-allow': [
    'access-point-policy-missing-allow',
    'kms-key-policy',
    'kms-managed-key',
    'stale-principal',
    'object-ownership',
    'public-access-block',
  ],
  'resource-policy-explicit-deny': [
    'access-point-policy-explicit-deny',
    'kms-key-policy',
    'public-access-block',
  ],
  'trust-policy-missing-allow': ['external-id-mismatch', 'mfa-required', 'stale-principal', 'role-not-found'],
  'identity-policy-missing-allow': [
    'kms-identity-policy',
    'resource-policy-missing-allow',
    'external-id-mismatch',
    'trust-policy-missing-allow',
  ],
  'identity-policy-explicit-deny': ['kms-identity-policy'],
  // To another organization, KMS says the same of a key that nobody could share.
  'kms-key-policy': ['kms-managed-key'],
  'no-such-key': ['missing-list-permission'],
};

/** Holds what AWS said against what the policies say, and shows where they contradict. */
export function weigh(explanation: Explanation, evidence: Evidence): Explanation {
  const { claim, message, code } = evidence;
  const told = { message, ...(code !== undefined && { code }), ...(claim !== undefined && { claim }) };
  const codes = explanation.causes.map((cause) => cause.code);
  const meant = claim === undefined ? [] : [claim, ...(ALSO[claim] ?? [])];
  // Of a key that is not there, AWS says why the bucket may not be listed.
  if (/\bs3:ListBucket\b/.test(message)) meant.push('missing-list-permission');
  const isFound = meant.some((one) => codes.includes(one));
  if (isFound) return { ...explanation, evidence: { ...told, agrees: true } };
  if (claim === undefined) {
    if (explanation.outcome !== 'allow') return { ...explanation, evidence: { ...told, agrees: true } };
    return contradicted(
      explanation,
      told,
      'AWS denied the call, and by all that could be read it is allowed: it was made otherwise, or something has changed since',
    );
  }
  if (explanation.outcome === 'deny')
    return contradicted(
      explanation,
      told,
      `AWS names ${claim}, and by what could be read the cause is ${codes[0] ?? 'another'}: AWS names one cause even where several apply`,
    );
  const step =
    claim.startsWith('trust') || claim === 'external-id-mismatch' ? 0 : explanation.steps.length - 1;
  const cause: ExplainedCause = {
    code: claim,
    detail: `AWS says so: ${message}`,
    step,
    certain: true,
    fixes: [],
    ...(evidence.policyArn !== undefined && {
      document: { kind: claim, name: evidence.policyArn, arn: evidence.policyArn },
    }),
  };
  const seen: Explanation = {
    ...explanation,
    outcome: 'deny',
    reason: `${explanation.question.action} on \`${explanation.question.resource}\` is denied: AWS names ${claim}.`,
    causes: [cause, ...explanation.causes],
  };
  return explanation.outcome === 'allow' && !UNSEEN.test(claim)
    ? contradicted(seen, told, `AWS names ${claim}, which could not be found in what could be read`)
    : { ...seen, evidence: { ...told, agrees: true } };
}

/** What no document of an account shows: the session's own policies, the credentials, the network. */
const UNSEEN =
  /^(session-policy|vpc-endpoint|credentials|clock|sts-region|session-duration|object-lock|wrong-region)/;

const contradicted = (
  explanation: Explanation,
  told: Omit<NonNullable<Explanation['evidence']>, 'agrees'>,
  contradiction: string,
): Explanation => ({
  ...explanation,
  evidence: { ...told, agrees: false, contradiction },
});
