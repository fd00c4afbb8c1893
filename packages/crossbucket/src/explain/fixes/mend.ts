import { matchesGlob, type FailedElement, type Statement } from '@crossbucket/policy';
import { CALLER_KEYS } from '../core/caller-keys.ts';
import type { Case } from './proposal.ts';
import { canonicalAction, listOf, oneOrMany, principalArn } from './statement-parts.ts';

export interface Mended {
  statement: Statement;
  summary: string;
  also: string;
}

/** The nearest statement, where one value of it is a slip: what it was likely meant to be. */
export function mend(
  about: Case,
  statement: Statement,
  failed: readonly FailedElement[],
): Mended | undefined {
  const [slip, ...others] = failed;
  if (slip === undefined || others.length > 0) return undefined;
  switch (slip.element) {
    case 'Resource':
      return mendResource(about, statement, slip);
    case 'Action':
      return mendAction(about, statement, slip);
    case 'Principal':
      return mendPrincipal(about, statement, slip);
    case 'Condition':
      return mendCondition(statement, slip);
    default:
      return undefined;
  }
}

/** The value that a hint speaks of. */
const hinted = ({ hint, wanted }: FailedElement): string | undefined =>
  hint === undefined ? undefined : wanted.find((value) => hint.includes(`\`${value}\``));

/** A slip in the name of the bucket. A bucket's ARN for its objects' says nothing of which objects were meant. */
function mendResource({ request }: Case, statement: Statement, slip: FailedElement): Mended | undefined {
  const bucket = /^arn:[^:]+:s3:::[^/]+/.exec(request.resource)?.[0];
  const wrong = hinted(slip) ?? (slip.hint === undefined ? undefined : slip.wanted[0]);
  const rest = /^arn:[^:]*:s3:[^:]*:[^:]*:[^/]*(\/.*)?$/s.exec(wrong ?? '')?.[1] ?? '';
  const right = bucket === undefined ? undefined : `${bucket}${rest}`;
  if (wrong === undefined || right === undefined || right === wrong || !matchesGlob(right, request.resource))
    return undefined;
  return {
    statement: {
      ...statement,
      Resource: oneOrMany(listOf(statement.Resource).map((one) => (one === wrong ? right : one))),
    },
    summary: `write \`${right}\` in place of \`${wrong}\``,
    also: `all that the statement allows on \`${right}\``,
  };
}

function mendAction({ request }: Case, statement: Statement, slip: FailedElement): Mended | undefined {
  const wrong = hinted(slip);
  if (wrong === undefined) return undefined;
  const right = canonicalAction(request.action);
  return {
    statement: {
      ...statement,
      Action: oneOrMany(listOf(statement.Action).map((one) => (one === wrong ? right : one))),
    },
    summary: `write \`${right}\` in place of \`${wrong}\``,
    also: `\`${right}\` on all that the statement is about`,
  };
}

function mendPrincipal(about: Case, statement: Statement, slip: FailedElement): Mended | undefined {
  const wrong = hinted(slip);
  const right = principalArn(about);
  const { Principal } = statement;
  if (wrong === undefined || right === undefined || Principal === undefined || Principal === '*')
    return undefined;
  const AWS = oneOrMany(listOf(Principal.AWS).map((one) => (one === wrong ? right : one)));
  return {
    statement: { ...statement, Principal: { ...Principal, AWS } },
    summary: `write \`${right}\` in place of \`${wrong}\``,
    also: `all that the statement allows to \`${right}\``,
  };
}

/** A key that the caller does not choose: one of the values is to be the caller's. */
function mendCondition(
  statement: Statement,
  { operator = '', key = '', actual, wanted }: FailedElement,
): Mended | undefined {
  if (actual === undefined || actual.length !== 1 || CALLER_KEYS.has(key.toLowerCase())) return undefined;
  const block = statement.Condition?.[operator];
  const written = Object.keys(block ?? {}).find((name) => name.toLowerCase() === key.toLowerCase());
  if (
    block === undefined ||
    written === undefined ||
    operator.includes('Not') ||
    !/String|Arn/.test(operator)
  )
    return undefined;
  const values = [...new Set([...wanted, ...actual])];
  return {
    statement: {
      ...statement,
      Condition: { ...statement.Condition, [operator]: { ...block, [written]: oneOrMany(values) } },
    },
    summary: `add \`${actual[0]!}\` to the values of \`${written}\``,
    also: `all that the statement allows to whoever has this \`${written}\``,
  };
}
