/** Whose policies: a user, a role or a group, by its name. */
export interface Holder {
  kind: 'user' | 'role' | 'group';
  name: string;
}

export const isSameHolder = (one: Holder, other: Holder): boolean =>
  one.kind === other.kind && one.name === other.name;

/** A user or role of an account. */
export interface PrincipalName {
  kind: 'user' | 'role';
  /** Without its path. */
  name: string;
  arn: string;
}

const ENTITY = /^arn:([^:]+):iam::(\d{12}):(user|role)\/(?:.*\/)?([^/]+)$/;
const SESSION = /^arn:([^:]+):sts::(\d{12}):assumed-role\/([^/]+)\/.+$/;

/** A user or role by its ARN; a session's is that of its role, without the path, which no session's ARN has. */
export function principalName(arn: string): PrincipalName | undefined {
  const entity = ENTITY.exec(arn);
  if (entity) return { kind: entity[3] as 'user' | 'role', name: entity[4]!, arn };
  const session = SESSION.exec(arn);
  if (!session) return undefined;
  return { kind: 'role', name: session[3]!, arn: `arn:${session[1]}:iam::${session[2]}:role/${session[3]}` };
}
