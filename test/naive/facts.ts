import type { AccessRequest } from '@crossbucket/policy';

/** What the evaluation asks about a request, worked out anew at every turn. */
export interface Who {
  kind: 'user' | 'role' | 'session' | 'federated' | 'root' | 'service' | 'provider' | 'anonymous' | 'nobody';
  account?: string;
  name: string;
  arn: string;
  partition: string;
}

export function whoIs(principal: string): Who {
  const nobody: Who = { kind: 'nobody', name: '', arn: principal, partition: '' };
  if (principal === '*') return { ...nobody, kind: 'anonymous' };
  if (/^[0-9]{12}$/.test(principal)) return whoIs(`arn:aws:iam::${principal}:root`);
  const parts = principal.split(':');
  if (parts[0] !== 'arn' || parts.length < 6) {
    const isDomain = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(principal);
    return isDomain ? { ...nobody, kind: 'service', name: principal } : nobody;
  }
  const [, partition = '', service, region, account = ''] = parts;
  if (region !== '' || !/^[0-9]{12}$/.test(account)) return nobody;
  const path = parts.slice(5).join(':').split('/');
  const [type] = path;
  const last = path.length > 1 ? path.at(-1)! : '';
  const known = { account, arn: principal, partition, name: last };
  if (service === 'iam' && path.join('/') === 'root') return { ...known, kind: 'root', name: 'root' };
  if (service === 'iam' && (type === 'oidc-provider' || type === 'saml-provider'))
    return { ...known, kind: 'provider' };
  if (service === 'sts' && type === 'assumed-role' && path[1])
    return { ...known, kind: 'session', name: path[1] };
  if (last === '') return nobody;
  if (service === 'iam' && type === 'user') return { ...known, kind: 'user' };
  if (service === 'iam' && type === 'role') return { ...known, kind: 'role' };
  if (service === 'sts' && type === 'federated-user') return { ...known, kind: 'federated' };
  return nobody;
}

export function isServiceLinked(who: Who): boolean {
  if (who.kind === 'session') return who.name.startsWith('AWSServiceRoleFor');
  if (who.kind !== 'role') return false;
  return who.arn.includes(':role/aws-service-role/') || /:role\/AWSServiceRoleFor[^/]*$/.test(who.arn);
}

export const serviceOf = (request: AccessRequest): string => {
  const [service, ...rest] = request.action.toLowerCase().split(':');
  return rest.length === 0 ? '' : service!;
};

export function resourceAccount(request: AccessRequest): string | undefined {
  if (request.resourceAccount !== undefined) return request.resourceAccount;
  const parts = request.resource.split(':');
  if (parts[0] === 'arn' && parts.length >= 6 && /^[0-9]{12}$/.test(parts[4]!)) return parts[4];
  return whoIs(request.principal).account;
}

/** ARN of the role that a session is of, where the request says it. */
export const roleArnOf = (request: AccessRequest): string | undefined =>
  whoIs(request.principal).kind === 'session' ? request.roleArn : undefined;

/** Unique id of the caller itself or of a session's role, where the request says it. */
export const uniqueIdOf = (request: AccessRequest): string | undefined =>
  ['user', 'role', 'session'].includes(whoIs(request.principal).kind) ? request.uniqueId : undefined;

/** The access point that an S3 request goes through. */
export function accessPoint(request: AccessRequest): string | undefined {
  if (serviceOf(request) !== 's3') return undefined;
  if (request.accessPoint !== undefined) return request.accessPoint;
  const given = request.context?.['s3:DataAccessPointArn'];
  if (typeof given === 'string') return given;
  const parts = request.resource.split('/');
  return parts.length > 1 && /^arn:[^:]+:s3:[^:]*:[0-9]{12}:accesspoint$/.test(parts[0]!) && parts[1] !== ''
    ? `${parts[0]}/${parts[1]}`
    : undefined;
}

/** All the values that a request has for a key; undefined where it has none. */
export function valuesOf(request: AccessRequest, key: string): string[] | undefined {
  const found = answerTo(request, key);
  return found === undefined ? undefined : [found].flat();
}

/** The value of a key that is no list. */
export function oneValueOf(request: AccessRequest, key: string): string | undefined {
  const found = answerTo(request, key);
  return Array.isArray(found) ? undefined : found;
}

function answerTo(request: AccessRequest, key: string): string | string[] | undefined {
  const wanted = key.toLowerCase();
  for (const [name, value] of Object.entries(request.context ?? {})) {
    if (name.toLowerCase() !== wanted || value === undefined || value === null) continue;
    return Array.isArray(value) ? value.map(String) : String(value);
  }
  return derive(request, wanted);
}

function derive(request: AccessRequest, key: string): string | string[] | undefined {
  const who = whoIs(request.principal);
  const isS3 = serviceOf(request) === 's3';
  if (key === 'aws:principalarn') return roleArnOf(request) ?? principalArn(who);
  if (key === 'aws:principalaccount') return who.kind === 'anonymous' ? 'anonymous' : who.account;
  if (key === 'aws:principaltype') {
    if (who.kind === 'root') return 'Account';
    if (who.kind === 'user') return 'User';
    if (who.kind === 'role' || who.kind === 'session') return 'AssumedRole';
    if (who.kind === 'federated') return 'FederatedUser';
    return who.kind === 'anonymous' ? 'Anonymous' : undefined;
  }
  if (key === 'aws:userid') {
    if (who.kind === 'root') return who.account;
    const id = uniqueIdOf(request);
    if (id !== undefined) return who.kind === 'session' ? `${id}:${who.arn.split('/').at(-1)}` : id;
    return who.kind === 'federated' ? `${who.account}:${who.name}` : undefined;
  }
  if (key === 'aws:username') return who.kind === 'user' ? who.name : undefined;
  if (key === 'aws:principalisawsservice') {
    return who.kind === 'anonymous' ? undefined : who.kind === 'service' ? 'true' : 'false';
  }
  if (key === 'aws:principalservicename') return who.kind === 'service' ? who.name : undefined;
  if (key === 'aws:resourceaccount') return resourceAccount(request);
  if (key === 's3:resourceaccount') return isS3 ? resourceAccount(request) : undefined;
  if (key === 's3:dataaccesspointarn') return accessPoint(request);
  if (key === 's3:dataaccesspointaccount') return accessPoint(request)?.split(':')[4];
  if (key === 'kms:calleraccount') return serviceOf(request) === 'kms' ? who.account : undefined;
  return undefined;
}

function principalArn(who: Who): string | string[] | undefined {
  if (who.kind === 'session') {
    const prefix = `arn:${who.partition}:iam::${who.account}:role`;
    if (!who.name.startsWith('AWSReservedSSO_')) return `${prefix}/${who.name}`;
    const path = `${prefix}/aws-reserved/sso.amazonaws.com`;
    return [`${path}/${who.name}`, `${path}/region/${who.name}`];
  }
  return ['user', 'role', 'root', 'federated'].includes(who.kind) ? who.arn : undefined;
}
