import type { TagRecord } from './iam.ts';

export type OrganizationPolicyType = 'SERVICE_CONTROL_POLICY' | 'RESOURCE_CONTROL_POLICY' | 'S3_POLICY';

export interface OrganizationRecord {
  /** `o-...` */
  id: string;
  /** Account id. */
  management: string;
  /** `r-...` */
  root: string;
  /** Policy types that are turned on. */
  enabled: OrganizationPolicyType[];
  created: number;
  /** Of the root. */
  tags?: TagRecord[];
  /** Services of AWS that have access to the organization. */
  services?: { principal: string; enabled: number }[];
  delegations?: { account: string; service: string; enabled: number }[];
  resourcePolicy?: OrganizationResourcePolicyRecord;
  /** Every account that was to be created, and what came of it. */
  accountRequests?: AccountRequestRecord[];
  handshakes?: HandshakeRecord[];
}

/** An invitation to join. */
export interface HandshakeRecord {
  /** `h-...` */
  id: string;
  /** Who is invited. */
  account: string;
  state: 'OPEN' | 'ACCEPTED' | 'DECLINED' | 'CANCELED' | 'EXPIRED';
  requested: number;
  expires: number;
  notes?: string;
  /** That the account is to have as a member. */
  tags: TagRecord[];
}

export interface OrganizationResourcePolicyRecord {
  /** `rp-...` */
  id: string;
  /** Document text. */
  text: string;
  tags: TagRecord[];
}

export interface AccountRequestRecord {
  /** `car-...` */
  id: string;
  name: string;
  /** Of the account, where it was created. */
  account?: string;
  /** Why it was not. */
  failure?: 'EMAIL_ALREADY_EXISTS';
  time: number;
}

export interface UnitRecord {
  /** `ou-...` */
  id: string;
  name: string;
  /** Id of the root or of a unit. */
  parent: string;
  tags?: TagRecord[];
}

/** An account's place in the organization. */
export interface MemberRecord {
  account: string;
  /** Id of the root or of a unit. */
  parent: string;
  joined: number;
  method: 'INVITED' | 'CREATED';
  /** Of an account that the organization has created. */
  name?: string;
  email?: string;
  tags?: TagRecord[];
}

export interface OrganizationPolicyRecord {
  /** `p-...` */
  id: string;
  name: string;
  description: string;
  type: OrganizationPolicyType;
  awsManaged: boolean;
  /** Document text. */
  text: string;
  /** Ids of roots, units and accounts that it is attached to. */
  targets: string[];
  /** By target: in which order its policies were attached. */
  order?: Record<string, number>;
  /** When it was last changed, attached or detached. */
  updated?: number;
  tags?: TagRecord[];
}
