import { parseArn } from '../arn.ts';
import { remember } from './bounded-cache.ts';

/** Who makes a request, taken apart once. */
export interface Caller {
  kind:
    | 'user'
    | 'role'
    | 'session'
    | 'federated-user'
    | 'root'
    | 'service'
    | 'provider'
    | 'anonymous'
    /** Not the form of any principal: nothing is allowed to it. */
    | 'unreadable';
  text: string;
  account?: string;
  partition: string;
  /** User name, role name (without path), federated user name. */
  name: string;
  /** What a policy can name it by, from the account to the most exact. */
  names: readonly string[];
  serviceLinked: boolean;
}

export const parseCaller = remember(2048, readCaller);

const ACCOUNT = /^\d{12}$/;
const SERVICE = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/;

function readCaller(text: string): Caller {
  const bare = { text, partition: 'aws', name: '', names: [], serviceLinked: false };
  if (text === '*') return { ...bare, kind: 'anonymous' };
  if (ACCOUNT.test(text)) return root(text, 'aws');
  if (SERVICE.test(text))
    return { ...bare, kind: 'service', name: text, names: [`service:${text}`, `federated:${text}`] };
  const arn = parseArn(text);
  if (arn === undefined || !ACCOUNT.test(arn.account) || arn.region !== '')
    return { ...bare, kind: 'unreadable' };
  const { partition, account } = arn;
  const slash = arn.resource.indexOf('/');
  const type = slash < 0 ? arn.resource : arn.resource.slice(0, slash);
  const rest = slash < 0 ? '' : arn.resource.slice(slash + 1);
  const name = rest.slice(rest.lastIndexOf('/') + 1);
  const known = { ...bare, account, partition, name };
  switch (`${arn.service}:${type}`) {
    case 'iam:root':
      return root(account, partition);
    case 'iam:user':
      return name === ''
        ? { ...bare, kind: 'unreadable' }
        : { ...known, kind: 'user', names: [accountName(account), text] };
    case 'iam:role':
      if (name === '') return { ...bare, kind: 'unreadable' };
      return {
        ...known,
        kind: 'role',
        names: [accountName(account), text],
        serviceLinked: isServiceLinked(rest),
      };
    case 'sts:assumed-role': {
      const [role = '', session = ''] = rest.split('/');
      if (role === '') return { ...bare, kind: 'unreadable' };
      const names = [
        accountName(account),
        roleName(partition, account, role),
        ...(session === '' ? [] : [text]),
      ];
      return { ...known, kind: 'session', name: role, names, serviceLinked: isServiceLinked(role) };
    }
    case 'sts:federated-user':
      return name === ''
        ? { ...bare, kind: 'unreadable' }
        : { ...known, kind: 'federated-user', names: [accountName(account), text] };
    case 'iam:oidc-provider':
    case 'iam:saml-provider':
      return { ...known, kind: 'provider', names: [`federated:${text}`] };
    default:
      return { ...bare, kind: 'unreadable' };
  }
}

function root(account: string, partition: string): Caller {
  const text = `arn:${partition}:iam::${account}:root`;
  return {
    kind: 'root',
    text,
    account,
    partition,
    name: 'root',
    names: [accountName(account)],
    serviceLinked: false,
  };
}

export const accountName = (account: string) => `account:${account}`;
/** A session's ARN has no path, and role names are unique in an account whatever their paths. */
const roleName = (partition: string, account: string, role: string) => `role:${partition}:${account}:${role}`;

/** Of a role, a user or a user group. */
const UNIQUE_ID = /^A(?:ROA|IDA|GPA)[A-Z0-9]+$/;

export const isUniqueId = (text: string): boolean => UNIQUE_ID.test(text);

const uniqueName = (id: string) => `id:${id}`;

/** The path of a service-linked role tells it; a session shows only the name, whose prefix is theirs. */
function isServiceLinked(path: string): boolean {
  return (
    path.startsWith('aws-service-role/') || (!path.includes('/') && path.startsWith('AWSServiceRoleFor'))
  );
}

/** How closely a resource policy names a caller: the account only delegates, a role is limited by boundary and session policies. */
export type Naming = 0 | 1 | 2 | 3;
export const UNNAMED: Naming = 0;
export const BY_ACCOUNT: Naming = 1;
export const BY_ROLE: Naming = 2;
export const DIRECTLY: Naming = 3;

/** What matching a principal needs of a request. */
export interface PrincipalView {
  caller: Caller;
  /** ARN of a session's role, where it is known. */
  roleArn?: string | undefined;
  /** Of the user or role. */
  uniqueId?: string | undefined;
  /** The 64-digit id of the caller's account. */
  canonicalUser?: string | undefined;
  /** The user whose GetFederationToken made the session. */
  federatedBy?: string | undefined;
}

/** A `Principal` or `NotPrincipal` element, compiled; `readable` is false where AWS would refuse it. */
export interface PrincipalSet {
  everyone: boolean;
  names: ReadonlySet<string>;
  readable: boolean;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html */
export function compilePrincipal(element: unknown): PrincipalSet {
  if (element === '*') return { everyone: true, names: new Set(), readable: true };
  const names = new Set<string>();
  let everyone = false;
  let readable = typeof element === 'object' && element !== null && !Array.isArray(element);
  const entries = readable ? Object.entries(element as object) : [];
  if (entries.length === 0) readable = false;
  for (const [type, value] of entries) {
    const list: unknown[] = Array.isArray(value) ? value : [value];
    const add = NAMERS.get(type);
    if (add === undefined || list.length === 0) readable = false;
    for (const item of list) {
      if (typeof item !== 'string') readable = false;
      else if (item === '*' && type === 'AWS') everyone = true;
      else for (const name of add?.(item) ?? []) names.add(name);
    }
  }
  return { everyone, names, readable };
}

const NAMERS: ReadonlyMap<string, (text: string) => string[]> = new Map([
  ['AWS', namesOfArn],
  ['Service', (text: string) => [`service:${text}`]],
  ['Federated', namesOfProvider],
  ['CanonicalUser', (text: string) => [`canonical:${text}`]],
]);

/** The token of an OIDC provider names it by its address, a trust policy by its ARN. */
function namesOfProvider(text: string): string[] {
  const address = /^arn:[^:]+:iam::\d{12}:oidc-provider\/(.+)$/.exec(text)?.[1];
  return address === undefined ? [`federated:${text}`] : [`federated:${text}`, `federated:${address}`];
}

/** Saving a policy turns an ARN into the unique id (`AROA...`) of the principal, which is what remains of one that was deleted. */
function namesOfArn(text: string): string[] {
  if (text.includes('*') || text.includes('?')) return [];
  if (UNIQUE_ID.test(text)) return [uniqueName(text)];
  const { kind, names, partition, account, name } = readCaller(text);
  switch (kind) {
    case 'root':
      return [...names];
    case 'role':
      return [text, roleName(partition, account!, name)];
    case 'user':
    case 'federated-user':
      return [text];
    case 'session':
      return names.length === 3 ? [text] : [];
    default:
      return [];
  }
}

export function namingOf(set: PrincipalSet, view: PrincipalView): Naming {
  const { caller, canonicalUser, federatedBy } = view;
  if (caller.kind === 'unreadable') return UNNAMED;
  if (set.everyone) return DIRECTLY;
  const { names } = set;
  let naming = UNNAMED;
  for (let i = caller.names.length - 1; i >= 0 && naming === UNNAMED; i--) {
    if (isNamed(names, i, view)) naming = NAMING[caller.kind]?.[i] ?? DIRECTLY;
  }
  if (naming < BY_ROLE && federatedBy !== undefined && names.has(federatedBy)) naming = BY_ROLE;
  if (naming === UNNAMED && canonicalUser !== undefined && names.has(`canonical:${canonicalUser}`)) {
    naming = caller.kind === 'root' ? DIRECTLY : BY_ACCOUNT;
  }
  return naming;
}

/** Position of the user or role itself in `Caller.names`. */
const ITSELF = 1;

/** Whether a policy has one of the caller's names, or what that stands for. */
function isNamed(
  names: ReadonlySet<string>,
  i: number,
  { caller, roleArn, uniqueId }: PrincipalView,
): boolean {
  if (i !== ITSELF) return names.has(caller.names[i]!);
  const own = caller.kind === 'session' ? (roleArn ?? caller.names[i]!) : caller.names[i]!;
  return names.has(own) || (uniqueId !== undefined && names.has(uniqueName(uniqueId)));
}

/** By the position of the matched name in `Caller.names`. */
const NAMING: Partial<Record<Caller['kind'], readonly Naming[]>> = {
  root: [DIRECTLY],
  user: [BY_ACCOUNT, DIRECTLY],
  role: [BY_ACCOUNT, BY_ROLE],
  session: [BY_ACCOUNT, BY_ROLE, DIRECTLY],
  'federated-user': [BY_ACCOUNT, DIRECTLY],
};

/**
 * A Deny with NotPrincipal spares a caller only if its account, and the role of a session, are listed beside it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
 */
export function isSpared(set: PrincipalSet, view: PrincipalView): boolean {
  const { caller, canonicalUser } = view;
  if (set.everyone) return true;
  const { names } = set;
  if (caller.kind === 'service' || caller.kind === 'provider')
    return caller.names.some((name) => names.has(name));
  if (caller.names.length === 0) return false;
  const account =
    names.has(caller.names[0]!) || (canonicalUser !== undefined && names.has(`canonical:${canonicalUser}`));
  return account && caller.names.every((_, i) => i === 0 || isNamed(names, i, view));
}
