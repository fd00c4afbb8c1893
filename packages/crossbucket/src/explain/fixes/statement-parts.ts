import {
  findAction,
  findCaller,
  matchesGlob,
  statementsOf,
  type AccessRequest,
  type Cause,
  type FailedElement,
  type PolicyDocument,
  type PrincipalElement,
  type Statement,
} from '@crossbucket/policy';
import { shortHash } from '../../changes/index.ts';
import type { Asked } from '../core/place.ts';
import { CALLER_KEYS } from '../core/caller-keys.ts';

type Conditions = NonNullable<Statement['Condition']>;

/** Layers whose statements name whom they are for. */
const NAMING: ReadonlySet<Cause['layer']> = new Set([
  'resource-policy',
  'access-point-policy',
  'trust-policy',
  'key-policy',
]);

/**
 * The statement that allows one request and no other, in the form of a layer's documents.
 * @param like Its conditions are kept, but for those of `failed`.
 */
export function exactStatement(
  asked: Asked,
  layer: Cause['layer'],
  like?: Statement,
  failed: readonly FailedElement[] = [],
): Statement | undefined {
  const { request } = asked;
  const principal = principalFor(asked);
  if (principal === undefined && (NAMING.has(layer) || layer === 'vpc-endpoint-policy')) return undefined;
  const action = canonicalAction(request.action);
  const instead = like === undefined ? {} : conditionsInstead(failed, asked);
  if (instead === undefined) return undefined;
  const kept = mergeConditions(keptConditions(like, failed), instead);
  const conditions = mergeConditions(kept, ownConditions(asked, layer));
  return {
    Sid: sidFor('Allow', action, [layer, request.principal, request.resource]),
    Effect: 'Allow',
    ...(NAMING.has(layer) && { Principal: principal! }),
    // An endpoint's policy names no ARNs: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
    ...(layer === 'vpc-endpoint-policy' && { Principal: '*' as const }),
    Action: action,
    ...(layer !== 'trust-policy' && { Resource: resourceFor(request, layer) }),
    ...(conditions && Object.keys(conditions).length > 0 && { Condition: conditions }),
  };
}

export const canonicalAction = (action: string): string => findAction(action)?.name ?? action;

/** A Sid is letters and digits only. */
export const sidFor = (verb: string, action: string, parts: readonly unknown[]): string =>
  `Explain${verb}${action.slice(action.indexOf(':') + 1).replaceAll(/[^A-Za-z0-9]/g, '')}${shortHash(JSON.stringify(parts))}`;

/** The role of a session, and otherwise the caller. Nobody for an anonymous one: nothing is to be made public. */
export function principalArn({ situation, call, request }: Asked): string | undefined {
  const known = findCaller(situation.world, call)?.principal.arn;
  if (known !== undefined) return known;
  const [, partition, account, role] =
    /^arn:([^:]+):sts::(\d{12}):assumed-role\/([^/]+)\//.exec(request.principal) ?? [];
  if (role !== undefined) return `arn:${partition}:iam::${account}:role/${role}`;
  return request.principal === '*' ? undefined : request.principal;
}

function principalFor(asked: Asked): PrincipalElement | undefined {
  const arn = principalArn(asked);
  if (arn === undefined) return undefined;
  if (!arn.startsWith('arn:')) return { Service: arn };
  return /:(oidc|saml)-provider\//.test(arn) ? { Federated: arn } : { AWS: arn };
}

function resourceFor(request: AccessRequest, layer: Cause['layer']): string {
  if (layer === 'key-policy') return '*';
  const throughPoint =
    layer === 'access-point-policy' || layer === 'identity-policy' || layer === 'session-policy';
  const resource = (throughPoint ? pointResource(request) : undefined) ?? request.resource;
  return resource === '*' ? resource : literal(resource);
}

/**
 * A text as a policy has to write it to mean nothing else: keys of objects may have stars in them.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export const literal = (text: string): string =>
  text.replaceAll(/[*?]|\$(?=\{)/g, (character) => `\${${character}}`);

/** Whether a document can have statements of such texts: older ones take variables for plain text. */
export const canWrite = (document: PolicyDocument | null, resource: string): boolean =>
  document === null || document.Version === '2012-10-17' || literal(resource) === resource;

/** The resource by the access point's ARN, where the call goes through one. */
export function pointResource({ resource, accessPoint }: AccessRequest): string | undefined {
  if (accessPoint === undefined) return undefined;
  const key = /^arn:[^:]+:s3:::[^/]+(\/.*)?$/s.exec(resource)?.[1];
  return key === undefined ? accessPoint : `${accessPoint}/object${key}`;
}

/** What narrows a statement to the very use. */
function ownConditions(asked: Asked, layer: Cause['layer']): Conditions | undefined {
  const { request } = asked;
  const { context = {} } = request;
  const equals: Conditions[string] = {};
  const take = (key: string) => {
    const value = context[key];
    if (typeof value === 'string') equals[key] = literal(value);
  };
  if (request.action.startsWith('kms:')) {
    take('kms:ViaService');
    take('kms:EncryptionContext:aws:s3:arn');
  }
  if (request.action.toLowerCase() === 's3:listbucket') take('s3:prefix');
  const conditions: Conditions = Object.keys(equals).length > 0 ? { StringEquals: equals } : {};
  const arn = principalArn(asked);
  if (layer === 'vpc-endpoint-policy' && arn !== undefined)
    conditions['ArnEquals'] = { 'aws:PrincipalArn': arn };
  return Object.keys(conditions).length > 0 ? conditions : undefined;
}

function keptConditions(
  like: Statement | undefined,
  failed: readonly FailedElement[],
): Conditions | undefined {
  const kept: Conditions = {};
  for (const [operator, block] of Object.entries(like?.Condition ?? {})) {
    const entries = Object.entries(block).filter(
      ([key]) =>
        !failed.some((one) => one.operator === operator && one.key?.toLowerCase() === key.toLowerCase()),
    );
    if (entries.length > 0) kept[operator] = Object.fromEntries(entries);
  }
  return Object.keys(kept).length > 0 ? kept : undefined;
}

/** Keys that must not be given up for anybody. */
const SAFEGUARDS = /^aws:(securetransport|multifactorauth\w+)$/;

/**
 * What stands in for conditions that are not met, so that the new statement is no looser than the old one: the value
 * that the call has. Undefined where it has none: then it is the call that has to change.
 */
function conditionsInstead(
  failed: readonly FailedElement[],
  { request, situation: { facts } }: Asked,
): Conditions | undefined {
  let instead: Conditions = {};
  for (const { element, operator = '', key = '', actual } of failed) {
    if (element !== 'Condition') continue;
    const lower = key.toLowerCase();
    if (!hasKey(request.action, lower)) continue;
    if (SAFEGUARDS.test(lower)) return undefined;
    if (lower === 'aws:currenttime' && operator.startsWith('DateLessThan')) {
      instead = mergeConditions(instead, { [operator]: { [key]: dayAfter(facts.now) } })!;
    } else if (CALLER_KEYS.has(lower)) {
      if (actual?.length !== 1 || operator.includes('Not') || operator === 'Null') return undefined;
      const equals = operator.replace('Like', 'Equals');
      instead = mergeConditions(instead, { [equals]: { [key]: literal(actual[0]!) } })!;
    }
  }
  return instead;
}

/** Whether an action can have a key of its service: no call meets a condition on one that it has not. */
function hasKey(action: string, key: string): boolean {
  const [service] = action.toLowerCase().split(':');
  const known = findAction(action);
  if (known === undefined || !key.startsWith(`${service}:`)) return true;
  return known.keys.some(({ name }) => matchesGlob(name.toLowerCase(), key));
}

const dayAfter = (now: string): string => new Date(Date.parse(now) + 86_400_000).toISOString();

/** Both; where they speak of one key with one operator, the second. */
function mergeConditions(one: Conditions | undefined, other: Conditions | undefined): Conditions | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const merged: Conditions = { ...one };
  for (const [operator, block] of Object.entries(other)) {
    const lower = new Set(Object.keys(block).map((key) => key.toLowerCase()));
    const kept = Object.entries(merged[operator] ?? {}).filter(([key]) => !lower.has(key.toLowerCase()));
    merged[operator] = { ...Object.fromEntries(kept), ...block };
  }
  return merged;
}

/** The values of an element that may be one or many. */
export const listOf = <T>(value: T | readonly T[] | undefined): T[] =>
  value === undefined ? [] : ([value].flat() as T[]);

/** One value as itself, more as a list. */
export const oneOrMany = <T>(values: readonly T[]): T | T[] =>
  values.length === 1 ? values[0]! : [...values];

/** A document with one of its statements in other words. */
export function withReplaced(
  document: PolicyDocument,
  index: number,
  by: readonly Statement[],
): PolicyDocument | null {
  const statements = statementsOf(document).flatMap((statement, at) => (at === index ? by : [statement]));
  return statements.length === 0 ? null : { ...document, Statement: statements };
}
