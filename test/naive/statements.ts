import type { AccessRequest } from '@crossbucket/policy';
import { conditionsHold, isObject } from './conditions.ts';
import { roleArnOf, uniqueIdOf, whoIs } from './facts.ts';
import { substitute } from './variables.ts';
import { fits, fitsResource, patternMarks } from './wildcards.ts';

/** Where a document is read: what its statements may name. */
export interface Place {
  hasPrincipals: boolean;
  impliesResource: boolean;
  /** Every ARN that the request's resource goes by. */
  resources: string[];
  /** The rest of the resource's ARN behind whatever bucket the policy names. */
  pathInBucket?: string | undefined;
  hasBoundary: boolean;
}

export interface Found {
  isDeny: boolean;
  /** How an Allow names the caller. */
  naming: 'account' | 'role' | 'direct';
}

/** The statements of a document that apply to a request. */
export function applying(document: unknown, request: AccessRequest, place: Place): Found[] {
  if (!isObject(document)) return [];
  const isCurrentVersion = document['Version'] === '2012-10-17';
  const list: unknown[] = [document['Statement']].flat();
  return list.flatMap((statement): Found[] => {
    if (!isObject(statement)) return [];
    const effect = statement['Effect'];
    const isDeny = typeof effect === 'string' && effect.trim().toLowerCase() === 'deny';
    if (!isDeny && effect !== 'Allow') return [];
    const naming = names(statement, request, place, isDeny);
    if (naming === undefined) return [];
    if (!actionFits(statement, request, isDeny)) return [];
    if (!resourceFits(statement, request, place, isDeny, isCurrentVersion)) return [];
    const setting = { request, isDeny, isCurrentVersion };
    return conditionsHold(statement['Condition'], setting) ? [{ isDeny, naming }] : [];
  });
}

/** The values of an element or of its negation; undefined where that is no proper element. */
function element(statement: Record<string, unknown>, name: string) {
  const plain = statement[name];
  const negated = statement[`Not${name}`];
  if ((plain === undefined) === (negated === undefined)) return undefined;
  const values: unknown[] = [plain ?? negated].flat();
  const isGood = values.length > 0 && values.every((value) => typeof value === 'string');
  return isGood ? { values: values as string[], isNegated: plain === undefined } : undefined;
}

function actionFits(statement: Record<string, unknown>, request: AccessRequest, isDeny: boolean): boolean {
  const found = element(statement, 'Action');
  if (found === undefined) return isDeny;
  const action = request.action.toLowerCase();
  return found.values.some((value) => fits(patternMarks(value.toLowerCase()), action)) !== found.isNegated;
}

function resourceFits(
  statement: Record<string, unknown>,
  request: AccessRequest,
  place: Place,
  isDeny: boolean,
  isCurrentVersion: boolean,
): boolean {
  const isAbsent = statement['Resource'] === undefined && statement['NotResource'] === undefined;
  if (isAbsent && place.impliesResource) return true;
  const found = element(statement, 'Resource');
  if (found === undefined) return isDeny;
  const patterns = found.values.map((value) =>
    isCurrentVersion && /^([^:$]*:){0,4}[^:]*\$\{[^}]*\}/.test(value)
      ? undefined
      : substitute(value, request, isCurrentVersion),
  );
  const isListed = patterns.some((marks, i) => {
    if (marks === undefined) return false;
    const bucket = /^arn:[^:]+:s3:::[^/*?$]+(?=\/|$)/.exec(found.values[i]!)?.[0];
    const { resources, pathInBucket: path } = place;
    const inBucket = bucket === undefined || path === undefined ? [] : [bucket + path];
    return [...resources, ...inBucket].some((resource) => fitsResource(marks, resource));
  });
  if (!found.isNegated) return isListed;
  if (isListed) return false;
  return isDeny || patterns.every((marks) => marks !== undefined);
}

function names(
  statement: Record<string, unknown>,
  request: AccessRequest,
  place: Place,
  isDeny: boolean,
): Found['naming'] | undefined {
  const { Principal: principal, NotPrincipal: notPrincipal } = statement;
  const isAbsent = principal === undefined && notPrincipal === undefined;
  if (!place.hasPrincipals) return isAbsent || isDeny ? 'direct' : undefined;
  const isBoth = principal !== undefined && notPrincipal !== undefined;
  const listed = isAbsent || isBoth ? undefined : entries(principal ?? notPrincipal);
  const who = whoIs(request.principal);
  if (listed === undefined) return isDeny ? 'direct' : undefined;
  const naming = who.kind === 'nobody' ? undefined : closest(listed, request);
  if (principal !== undefined) return naming;
  if (!isDeny) return naming === undefined && who.kind !== 'nobody' ? 'direct' : undefined;
  if (place.hasBoundary) return 'direct';
  return isSpared(listed, request) ? undefined : 'direct';
}

type Entry = { type: string; name: string };

function entries(principal: unknown): Entry[] | undefined {
  if (principal === '*') return [{ type: 'AWS', name: '*' }];
  if (!isObject(principal)) return undefined;
  const all: Entry[] = [];
  for (const [type, value] of Object.entries(principal)) {
    const list: unknown[] = [value].flat();
    if (!['AWS', 'Service', 'Federated', 'CanonicalUser'].includes(type) || list.length === 0)
      return undefined;
    for (const name of list) {
      if (typeof name !== 'string') return undefined;
      all.push({ type, name });
    }
  }
  return all.length === 0 ? undefined : all;
}

/** How one entry names the caller. */
function namedBy({ type, name }: Entry, request: AccessRequest): Found['naming'] | undefined {
  const who = whoIs(request.principal);
  if (type === 'AWS' && name === '*') return 'direct';
  if (type === 'Service') return who.kind === 'service' && who.name === name ? 'direct' : undefined;
  if (type === 'Federated') {
    if (who.kind === 'provider') return who.arn === name ? 'direct' : undefined;
    const isIt =
      who.name === name ||
      (/:iam::[0-9]{12}:oidc-provider\//.test(name) && name.endsWith(`:oidc-provider/${who.name}`));
    return who.kind === 'service' && isIt ? 'direct' : undefined;
  }
  if (type === 'CanonicalUser') {
    if (request.canonicalUser !== name || who.account === undefined || who.kind === 'provider')
      return undefined;
    return who.kind === 'root' ? 'direct' : 'account';
  }
  if (/[*?]/.test(name)) return undefined;
  if (/^A(ROA|IDA|GPA)[A-Z0-9]+$/.test(name)) {
    if (uniqueIdOf(request) !== name) return undefined;
    return who.kind === 'user' ? 'direct' : 'role';
  }
  const named = whoIs(name);
  if (named.kind === 'root') {
    if (who.account !== named.account || who.kind === 'provider' || who.account === undefined)
      return undefined;
    return who.kind === 'root' ? 'direct' : 'account';
  }
  if (named.kind === 'role') {
    if (who.kind === 'role') return who.arn === name ? 'role' : undefined;
    const roleArn = roleArnOf(request);
    if (roleArn !== undefined) return roleArn === name ? 'role' : undefined;
    const isItsSession = who.kind === 'session' && who.account === named.account && who.name === named.name;
    return isItsSession && who.partition === named.partition ? 'role' : undefined;
  }
  if (named.kind === 'user' && who.kind === 'federated' && request.federatedBy === name) return 'role';
  const isWhole = named.kind !== 'session' || /\/[^/]*\/./.test(name);
  const isPerson = ['user', 'federated', 'session'].includes(named.kind) && isWhole;
  return isPerson && who.kind === named.kind && who.arn === name ? 'direct' : undefined;
}

function closest(listed: readonly Entry[], request: AccessRequest): Found['naming'] | undefined {
  const all = new Set(listed.map((entry) => namedBy(entry, request)));
  return (['direct', 'role', 'account'] as const).find((naming) => all.has(naming));
}

/** NotPrincipal in a Deny: the account, the role of a session and the caller itself must all be listed. */
function isSpared(listed: readonly Entry[], request: AccessRequest): boolean {
  const aws = listed.filter(({ type }) => type === 'AWS').map(({ name }) => name);
  if (aws.includes('*')) return true;
  const who = whoIs(request.principal);
  if (who.kind === 'service' || who.kind === 'provider') {
    return listed.some((entry) => entry.type !== 'AWS' && namedBy(entry, request) !== undefined);
  }
  const lists = (test: (name: string) => boolean) => aws.some((name) => !/[*?]/.test(name) && test(name));
  const account =
    lists((name) => whoIs(name).kind === 'root' && whoIs(name).account === who.account) ||
    listed.some(({ type, name }) => type === 'CanonicalUser' && name === request.canonicalUser);
  const byId = lists((name) => name === uniqueIdOf(request));
  const self = lists((name) => name === who.arn);
  const role =
    byId ||
    lists((name) => namedBy({ type: 'AWS', name }, request) === 'role' && whoIs(name).kind === 'role');
  switch (who.kind) {
    case 'root':
      return account;
    case 'session':
      return account && role && (self || !/\/[^/]*\/./.test(who.arn));
    case 'user':
    case 'role':
    case 'federated':
      return account && (self || byId);
    default:
      return false;
  }
}
