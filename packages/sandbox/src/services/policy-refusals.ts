import type { Problem } from '@crossbucket/policy';

/** Which of AWS's parsers reads a document: S3's, that of trust policies, that of policies of identities and sessions. */
type Dialect = 's3' | 'trust' | 'identity';

type Words = string | ((problem: Problem, text: string) => string | undefined);

/** The element that a problem is about: its own name, or the one that is missing. */
const elementOf = ({ path, part, message }: Problem): string =>
  part === 'key' ? String(path.at(-1)) : (/`(\w+)`/.exec(message)?.[1] ?? '');

/** A text that a problem is about, which its message quotes first. */
const quotedIn = ({ message }: Problem): string => /`([^`]*)`/.exec(message)?.[1] ?? '';

const isIn = ({ path }: Problem, ...elements: string[]): boolean =>
  path.some((part) => elements.includes(String(part)));

const missing = (problem: Problem) => `Missing required field ${elementOf(problem)}`;
const unknown = (problem: Problem) => `Unknown field ${elementOf(problem)}`;

const INVALID_JSON = 'This policy contains invalid Json';
const FIRST_BYTE = "Policies must be valid JSON and the first byte must be '{'";
const INVALID_ACTION = 'Policy has invalid action';
const INVALID_RESOURCE = 'Policy has invalid resource';
const INVALID_PRINCIPAL = 'Invalid principal in policy';
const SYNTAX = 'Syntax errors in policy.';

/**
 * What AWS says of a policy document that it refuses, where that is known from those who were told so:
 * https://github.com/hashicorp/terraform/issues/28688
 * https://github.com/hashicorp/terraform/issues/9002
 * https://github.com/hashicorp/terraform-provider-aws/issues/10419
 * https://github.com/ministryofjustice/modernisation-platform-environments/pull/590
 */
const SAID: Readonly<Record<Dialect, Readonly<Record<string, Words>>>> = {
  s3: {
    'json-syntax': (_, text) => (text.startsWith('{') ? INVALID_JSON : FIRST_BYTE),
    'wrong-type': ({ path }) => (path.length === 0 ? FIRST_BYTE : undefined),
    'required-element': missing,
    'missing-element': missing,
    'unknown-element': unknown,
    'invalid-action': INVALID_ACTION,
    'unknown-action': INVALID_ACTION,
    'action-of-other-service': INVALID_ACTION,
    'action-without-resource': 'Action does not apply to any resource(s) in statement',
    'invalid-arn': (problem) =>
      isIn(problem, 'Resource', 'NotResource') ? INVALID_RESOURCE : INVALID_PRINCIPAL,
    'invalid-account': INVALID_PRINCIPAL,
    'invalid-principal': INVALID_PRINCIPAL,
    'invalid-principal-type': INVALID_PRINCIPAL,
    'too-large': 'Normalized policy document exceeds the maximum allowed size',
  },
  trust: {
    'json-syntax': INVALID_JSON,
    'forbidden-element': (problem) => `Has prohibited field ${elementOf(problem)}`,
    'required-element': missing,
    'missing-element': missing,
    'unknown-element': unknown,
    'action-of-other-service': 'AssumeRole policy may only specify STS AssumeRole actions.',
    'invalid-principal': (problem) =>
      isIn(problem, 'AWS') ? `${INVALID_PRINCIPAL}: "AWS":"${quotedIn(problem)}"` : undefined,
  },
  identity: {
    'json-syntax': SYNTAX,
    'wrong-type': SYNTAX,
    'unknown-element': SYNTAX,
    'invalid-effect': SYNTAX,
    'missing-element': (problem) =>
      elementOf(problem) === 'Action' ? 'Policy statement must contain actions.' : SYNTAX,
    'required-element': (problem) =>
      elementOf(problem) === 'Resource' ? 'Policy statement must contain resources.' : undefined,
    'forbidden-element': (problem) =>
      isIn(problem, 'Principal', 'NotPrincipal')
        ? 'Policy document should not specify a principal.'
        : undefined,
    'invalid-action': (problem) =>
      quotedIn(problem).includes(':')
        ? undefined
        : 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.',
    'invalid-arn': (problem) =>
      isIn(problem, 'Resource', 'NotResource') && !quotedIn(problem).startsWith('arn:')
        ? `Resource ${quotedIn(problem)} must be in ARN format or "*".`
        : undefined,
    'duplicate-sid': 'Statement IDs (SID) in a single policy must be unique.',
  },
};

/** AWS's words for a problem, or our own where those are not known. */
export function wordsOf(problem: Problem, dialect: Dialect, text: string): string {
  const said = Object.hasOwn(SAID[dialect], problem.code) ? SAID[dialect][problem.code] : undefined;
  return (typeof said === 'function' ? said(problem, text) : said) ?? problem.message;
}
