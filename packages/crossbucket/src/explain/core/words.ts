import type { Outcome, Requirement } from '@crossbucket/policy';
import type { ExplainedCause, Unknown } from '../explanation.ts';
import type { EvaluatedStep } from './evaluate.ts';

/** `aws:SourceVpce` is `vpce-1`: what must be so for a requirement to be met. */
export function requirementWords({ operator, key, values, negated }: Requirement): string {
  const list = values.map((value) => `\`${value}\``).join(' or ');
  const plain = operator.replace(/^For(All|Any)Values:/, '').replace(/IfExists$/, '');
  if (plain === 'Resource')
    return `\`${key}\` makes ${list} ${negated === true ? 'another resource' : 'the resource'}`;
  if (plain === 'Null') {
    const isAbsent = (values[0] === 'true') !== (negated === true);
    return `\`${key}\` is ${isAbsent ? 'not there' : 'there'}`;
  }
  const isNot = plain.includes('Not') !== (negated === true);
  return `\`${key}\` is ${isNot ? 'not ' : ''}${RELATIONS[plain.replace('Not', '')] ?? ''}${list}`;
}

const RELATIONS: Partial<Record<string, string>> = {
  StringLike: 'like ',
  ArnLike: 'like ',
  IpAddress: 'within ',
  NumericLessThan: 'less than ',
  NumericLessThanEquals: 'at most ',
  NumericGreaterThan: 'more than ',
  NumericGreaterThanEquals: 'at least ',
  DateLessThan: 'before ',
  DateLessThanEquals: 'until ',
  DateGreaterThan: 'after ',
  DateGreaterThanEquals: 'from ',
};

/** `the SCPs of 222222222222` */
export function unknownWords({ account, what }: Pick<Unknown, 'account' | 'what'>): string {
  const [kind = '', ...rest] = what.split(' ');
  const name = rest.join(' ');
  switch (kind) {
    case 'account':
      return `the policies of account ${account}`;
    case 'profile':
      return `the account of profile \`${name}\``;
    case 'bucket-owner':
      return `the policies of whoever owns bucket \`${name}\``;
    case 'scp':
      return `an SCP of ${account}`;
    case 'rcp':
      return `an RCP of ${account}`;
    case 'principal':
      return `a policy of \`${name}\``;
    default:
      return `the ${kind.replaceAll('-', ' ')}${name === '' ? '' : ` of \`${name}\``} in ${account}`;
  }
}

export interface ReasonParts {
  outcome: Outcome;
  steps: readonly EvaluatedStep[];
  causes: readonly Pick<ExplainedCause, 'detail' | 'unless' | 'certain'>[];
  unknowns: readonly Unknown[];
}

/** Who begins, for people. */
export const callerWords = (principal: string, isRefused: boolean): string =>
  principal !== '*'
    ? principal
    : isRefused
      ? 'somebody whom AWS does not recognize'
      : 'anybody, without credentials';

/** The answer in one sentence. */
export function reasonOf({ outcome, steps, causes, unknowns }: ReasonParts): string {
  const { action, resource } = subjectOf(steps.at(-1)!);
  const asked = `${action} on \`${resource}\``;
  const [first, ...others] = causes;
  switch (outcome) {
    case 'allow':
      return `${asked} is allowed.`;
    case 'deny': {
      const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
      return `${asked} is denied: ${first?.detail ?? 'nothing allows it'}${more}.`;
    }
    case 'depends': {
      const parts = [
        ...(first?.unless ? [`denied unless ${first.unless.join(' or ')}: ${first.detail}`] : []),
        ...unknowns.filter(({ could }) => could !== undefined).map(unlessWords),
      ];
      return `${asked}: ${parts.join('; ') || 'it depends on what nobody could read'}.`;
    }
  }
}

function unlessWords(unknown: Unknown): string {
  const what = unknownWords(unknown);
  switch (unknown.could) {
    case 'deny':
      return `allowed unless ${what} denies it: unknown`;
    case 'allow':
      return `denied unless ${what} allows it: unknown`;
    default:
      return `it depends on ${what}: unknown`;
  }
}

export function subjectOf({ call, decision }: EvaluatedStep): { action: string; resource: string } {
  const { request } = decision.authorizations[0] ?? {};
  return {
    action: request?.action ?? `${call.service}:${call.operation}`,
    resource: request?.resource ?? '*',
  };
}
