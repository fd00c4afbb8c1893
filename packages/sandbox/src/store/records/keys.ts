import type { PrincipalIds } from './iam.ts';

/** A symmetric key of KMS. */
export interface KeyRecord {
  arn: string;
  account: string;
  region: string;
  id: string;
  created: number;
  description: string;
  managedBy: 'AWS' | 'CUSTOMER';
  state: 'Enabled' | 'Disabled' | 'PendingDeletion';
  /** Of a key that is pending deletion: when it goes. */
  deletion?: number;
  /** Document text. */
  policy: string;
  policyPrincipals?: PrincipalIds;
  tags: { TagKey: string; TagValue: string }[];
  /** `alias/...` */
  aliases: string[];
  grants: GrantRecord[];
  /** 32 bytes, in base64. */
  material: string;
  /** How the material came in, unless the key was made with it. */
  rotated?: RotationRecord;
  /** Material of before its rotations, oldest first. */
  older?: { material: string; rotated?: RotationRecord }[];
  /** Automatic rotation, where it is on: every so many days. */
  rotation?: { period: number; next: number };
}

export interface RotationRecord {
  time: number;
  type: 'AUTOMATIC' | 'ON_DEMAND';
}

export interface KeyAliasRecord {
  arn: string;
  account: string;
  region: string;
  /** `alias/...` */
  name: string;
  /** ARN of the key. */
  key: string;
  created: number;
  updated: number;
}

export interface GrantRecord {
  id: string;
  token: string;
  created: number;
  name?: string;
  /** ARN of a principal, as the retiring one. */
  grantee: string;
  retiring?: string;
  principals?: PrincipalIds;
  /** Account whose principal made it. */
  issuer: string;
  /** `Decrypt`, `GenerateDataKey`, ... */
  operations: string[];
  /** What encryption contexts must have in them, or be. */
  contextSubset?: Record<string, string>;
  contextEquals?: Record<string, string>;
}
