import type { FailedElement, Layer, NearestMiss, StatementRef } from '../decision.ts';

export const quote = (text: string): string => `\`${text}\``;

const LAYER_NAMES: Record<Layer, string> = {
  'identity-policy': 'identity policy',
  boundary: 'permissions boundary',
  'session-policy': 'session policy',
  'resource-policy': 'resource policy',
  'access-point-policy': 'access point policy',
  acl: 'ACL',
  scp: 'service control policy',
  rcp: 'resource control policy',
  'vpc-endpoint-policy': 'VPC endpoint policy',
  'public-access-block': 'Block Public Access',
  'trust-policy': 'trust policy',
  'key-policy': 'key policy',
};

export const layerName = (layer: Layer): string => LAYER_NAMES[layer];

/** By its Sid, or by its number, counted from one as people do. */
export function statementName({ sid, index }: StatementRef): string {
  return sid === undefined ? `statement ${index + 1}` : `statement ${quote(sid)}`;
}

export function describeMiss(miss: NearestMiss): string {
  const [first, ...others] = miss.failed;
  if (first === undefined) return `${statementName(miss)} of ${quote(miss.policy)} comes closest`;
  const more =
    others.length === 0 ? '' : ` (and ${others.map(({ element, key }) => key ?? element).join(', ')})`;
  return `${statementName(miss)} of ${quote(miss.policy)} comes closest, but ${describeFailure(first)}${more}`;
}

function describeFailure({ element, operator, key, wanted, actual, hint }: FailedElement): string {
  const values = list(wanted);
  if (element === 'Condition') {
    const has = actual === undefined ? `the request has no ${quote(key ?? '')}` : `it is ${list(actual)}`;
    return `its condition ${operator} ${quote(key ?? '')} ${values} is not met: ${has}${hint ? `; ${hint}` : ''}`;
  }
  return hint ?? `its ${element} ${values} does not match ${list(actual ?? [])}`;
}

const MOST_VALUES = 3;

function list(values: readonly string[]): string {
  const shown = values.slice(0, MOST_VALUES).map(quote).join(', ');
  return values.length > MOST_VALUES ? `${shown} and ${values.length - MOST_VALUES} more` : shown;
}
