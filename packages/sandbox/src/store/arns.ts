export type EntityKind = 'user' | 'role' | 'group' | 'policy' | 'instance-profile' | 'mfa';

/** ARN of an entity of IAM: its path is part of it. */
export function iamArn(kind: EntityKind, account: string, path: string, name: string): string {
  return `arn:aws:iam::${account}:${kind}${path}${name}`;
}

/** ARN of a role session, which has no path. */
export function sessionArn(account: string, role: string, session: string): string {
  return `arn:aws:sts::${account}:assumed-role/${role}/${session}`;
}

/** ARN of a federated user's session. */
export function federatedArn(account: string, name: string): string {
  return `arn:aws:sts::${account}:federated-user/${name}`;
}

/** ARN of an S3 access point. */
export function accessPointArn(point: { name: string; account: string; region: string }): string {
  return `arn:aws:s3:${point.region}:${point.account}:accesspoint/${point.name}`;
}
