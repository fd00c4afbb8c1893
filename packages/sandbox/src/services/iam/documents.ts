import { parsePolicy, type PolicyDocument, type PolicyKind } from '@crossbucket/policy';
import { awsPrincipalsOf } from '../../store/principal-ids.ts';
import { AwsError } from '../../wire/errors.ts';
import { wordsOf } from '../policy-refusals.ts';
import { findUnknownPrincipal } from '../principals.ts';
import type { Call } from '../service.ts';
import { limitExceeded } from './errors.ts';

/** Checks a policy document as IAM does before it takes it. */
export function requireDocument(text: string, kind: PolicyKind): PolicyDocument {
  const { document, problems } = parsePolicy(text, kind);
  const problem = problems.find(({ severity }) => severity === 'error');
  if (document && !problem) return document;
  if (problem?.code === 'too-large') throw limitExceeded(problem.message);
  const dialect = kind === 'trust' ? 'trust' : 'identity';
  const words = problem ? wordsOf(problem, dialect, text) : 'Syntax errors in policy.';
  throw new AwsError('MalformedPolicyDocument', words, { status: 400 });
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const LARGEST_TRUST = 2048;

/** Checks a trust policy: its principals must exist. */
export function requireTrustPolicy(text: string, call: Call): PolicyDocument {
  const document = requireDocument(text, 'trust');
  if (sizeOf(text) > LARGEST_TRUST)
    throw limitExceeded(`Cannot exceed quota for ACLSizePerRole: ${LARGEST_TRUST}`);
  const unknown = findUnknownPrincipal(awsPrincipalsOf(document), call);
  if (unknown !== undefined)
    throw new AwsError('MalformedPolicyDocument', `Invalid principal in policy: "AWS":"${unknown}"`, {
      status: 400,
    });
  return document;
}

/** White space does not count. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export function sizeOf(text: string): number {
  return text.replaceAll(/\s/g, '').length;
}

const INLINE_LIMITS = { user: 2048, group: 5120, role: 10_240 } as const;

/** All inline policies of an entity together. */
export function requireInlineSize(
  inline: Readonly<Record<string, string>>,
  entity: { kind: 'user' | 'role' | 'group'; name: string },
): void {
  const limit = INLINE_LIMITS[entity.kind];
  const size = Object.values(inline).reduce((sum, text) => sum + sizeOf(text), 0);
  if (size > limit)
    throw limitExceeded(`Maximum policy size of ${limit} bytes exceeded for ${entity.kind} ${entity.name}`);
}
