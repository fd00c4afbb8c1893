import type { Layer } from './decision.ts';
import type { NamedPolicy, PolicyDocument } from './document.ts';

export type ContextValue = string | number | boolean | string[];

/** One question to the engine: may this principal do this action on this resource? */
export interface AccessRequest {
  /**
   * ARN of a user, role, assumed-role session, federated user or account root;
   * a service (`cloudtrail.amazonaws.com`); or `*` for an anonymous caller.
   */
  principal: string;
  /** `s3:GetObject` */
  action: string;
  /** ARN, or `*` for an action that takes no resource. */
  resource: string;
  /** Account that owns the resource. S3 ARNs carry none; without it, the principal's own. */
  resourceAccount?: string;
  /** Account that owns the object, where it is not the bucket's. */
  objectOwner?: string;
  /** ARN of the access point that the call goes through; `resource` may be either's ARN. */
  accessPoint?: string;
  /** Canonical user id of the principal's account, which bucket policies and ACLs may name. */
  canonicalUser?: string;
  /** ARN of a session's role, which the session's own ARN gives without its path; without it, roles of that name are taken for it. */
  roleArn?: string;
  /** Unique id of the user or role (`AIDA...`, `AROA...`), by which a saved policy may name it. */
  uniqueId?: string;
  /** ARN of the user whose GetFederationToken made the session, for a federated user. */
  federatedBy?: string;
  /** Accounts exempt from SCPs (as principal) and from RCPs (as resource). */
  managementAccounts?: string[];
  /** Condition keys and their values; keys match without regard to case. */
  context?: Record<string, ContextValue>;
  /**
   * Condition keys whose value nobody knows, `aws:PrincipalTag/*` for all of a kind: the outcome may become `depends`.
   * They count as unknown even where `context` has a value.
   */
  unknown?: string[];
}

/** A policy with its name, or a bare document. */
export type PolicyInput = NamedPolicy | PolicyDocument;

/** Every policy that has a say. A layer that is left out is not there; an empty list is there and allows nothing. */
export interface PolicySet {
  identity?: PolicyInput[];
  boundary?: PolicyInput;
  session?: PolicyInput[];
  /** Bucket policy, key policy or role trust policy. */
  resource?: PolicyInput;
  /** When the call goes through an access point: its policy and the bucket's must both allow. Without one, it allows nothing. */
  accessPoint?: PolicyInput;
  /** ACL grants, where Object Ownership leaves ACLs in force. */
  acl?: AclGrant[];
  /** One list for each level, root first; every level must allow. */
  serviceControl?: PolicyInput[][];
  resourceControl?: PolicyInput[][];
  vpcEndpoint?: PolicyInput;
  publicAccessBlock?: PublicAccessBlock;
  /** Layers that are there and that nobody could read: whatever they might say, the outcome allows for it. */
  unread?: Layer[];
}

export interface PublicAccessBlock {
  BlockPublicAcls?: boolean;
  IgnorePublicAcls?: boolean;
  BlockPublicPolicy?: boolean;
  RestrictPublicBuckets?: boolean;
}

/** One grant of an ACL: to an account (12 digits or canonical id) or to a predefined group. */
export interface AclGrant {
  grantee:
    | { account: string }
    | { canonicalUser: string }
    | { group: 'AllUsers' | 'AuthenticatedUsers' | 'LogDelivery' };
  permission: 'FULL_CONTROL' | 'READ' | 'WRITE' | 'READ_ACP' | 'WRITE_ACP';
}
