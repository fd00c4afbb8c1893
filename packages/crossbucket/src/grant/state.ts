import type { BucketSnapshot, NamedPolicy, PrincipalSnapshot, PublicAccessBlock } from '@crossbucket/policy';
import type { RoleState } from '../changes/role-state.ts';
import type { GrantFacts, SourcePrincipal } from './facts.ts';

/** A role of the destination, as it is. */
export interface RoleReading {
  name: string;
  state: RoleState;
  /** Made by this grant. */
  isOurs: boolean;
  /** Text of the grant's inline policy; null where it has none. */
  policy: string | null;
  /** Text of the policy that denies sessions issued before a time; null where it has none. */
  revoking: string | null;
  /** Names of its other policies, inline and attached. */
  otherPolicies: string[];
}

/** A principal of the source, as it is. */
export interface SourceReading {
  principal: SourcePrincipal;
  snapshot: PrincipalSnapshot | undefined;
  /** Text of the grant's inline policy; null where it has none. */
  policy: string | null;
}

/** All that stands in both accounts about one grant. What could not be looked at is undefined. */
export interface GrantState {
  facts: GrantFacts;
  /** Without the destination's side, nothing of it is known. */
  destination:
    | {
        bucket: BucketSnapshot;
        /** Of the account. */
        publicAccessBlock: PublicAccessBlock | undefined;
        bucketPolicy: string | null;
        /** Texts of key policies by ARN: of the keys in use, and of those that the grant had before. */
        keyPolicies: Record<string, string>;
        role: RoleReading | undefined;
        /** The permissions boundary that the role is to have. */
        boundary?: NamedPolicy | undefined;
        /** Roles that an earlier version of the grant made under another name. */
        formerRoles: RoleReading[];
      }
    | undefined;
  /** Principals of the grant, and those of an earlier version of it. */
  source: { principals: SourceReading[]; former: SourceReading[] } | undefined;
}
