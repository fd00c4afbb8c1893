import type { PublicAccessBlock } from '@crossbucket/policy';

export interface AccountRecord {
  id: string;
  name: string;
  /** S3's 64-digit canonical user id. */
  canonicalId: string;
  created?: number;
  /** When its organization closed it. */
  closed?: number;
  alias?: string;
  /** Regions where STS gives no credentials of the account. */
  disabledRegions?: string[];
  /** Block Public Access of the whole account. */
  publicAccessBlock?: PublicAccessBlock;
}

export interface AccessKeyRecord {
  id: string;
  secret: string;
  account: string;
  /** Name of the user; without it, the key is the account root's. */
  user?: string;
  status: 'Active' | 'Inactive';
  created: number;
}

/** Name of an inline policy or ARN of an attached one. */
interface Policies {
  /** Document text by policy name. */
  inline: Record<string, string>;
  attached: string[];
}

export interface TagRecord {
  Key: string;
  Value: string;
}

export interface UserRecord extends Policies {
  account: string;
  name: string;
  path: string;
  /** `AIDA...` */
  id: string;
  created: number;
  tags: TagRecord[];
  /** ARN of the managed policy that is its permissions boundary. */
  boundary?: string;
  /** Ids of its groups. */
  groups?: string[];
}

export interface GroupRecord extends Policies {
  account: string;
  name: string;
  path: string;
  /** `AGPA...` */
  id: string;
  created: number;
}

/** A virtual MFA device. */
export interface MfaDeviceRecord {
  account: string;
  name: string;
  path: string;
  /** Its ARN. */
  serial: string;
  /** In base 32. */
  seed: string;
  created: number;
  tags: TagRecord[];
  /** Name of the user that it is enabled for. */
  user?: string;
  enabled?: number;
  /** The latest time step whose code was used: no code counts twice. */
  lastStep?: number;
  /** Time steps that its clock is ahead. */
  drift?: number;
}

export interface OidcProviderRecord {
  account: string;
  arn: string;
  /** Without its scheme, as in the ARN. */
  url: string;
  clientIds: string[];
  thumbprints: string[];
  created: number;
  tags: TagRecord[];
}

export interface InstanceProfileRecord {
  account: string;
  name: string;
  path: string;
  /** `AIPA...` */
  id: string;
  created: number;
  tags: TagRecord[];
  /** Name of the role that it holds. */
  role?: string;
}

/** A deletion of a service-linked role that was done. */
export interface DeletionTaskRecord {
  /** `task/aws-service-role/SERVICE/ROLE/UUID` */
  id: string;
  account: string;
}

/** Unique ids of the users and roles that a document names, by the ARN that it names them by. */
export type PrincipalIds = Record<string, string>;

export interface RoleRecord extends Policies {
  account: string;
  name: string;
  path: string;
  /** `AROA...` */
  id: string;
  created: number;
  /** Document text. */
  trust: string;
  trustPrincipals?: PrincipalIds;
  /** ARN of the managed policy that is its permissions boundary. */
  boundary?: string;
  description?: string;
  /** In seconds. */
  maxSessionDuration: number;
  tags: TagRecord[];
}

export interface ManagedPolicyRecord {
  /** Account id, or `aws` for AWS's own. */
  account: string;
  name: string;
  path: string;
  /** `ANPA...` */
  id: string;
  created: number;
  updated: number;
  description?: string;
  tags: TagRecord[];
  versions: { id: string; text: string; created: number }[];
  defaultVersion: string;
}
