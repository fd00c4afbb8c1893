import type { LevelAccess } from '@crossbucket/policy';

/** A grant as far as its use is concerned. */
export interface AuditedGrant {
  name: string;
  bucket: string;
  /** Account that it is for. */
  source: string;
  route: 'role' | 'bucket-policy';
  /** ARN of the role, by that route. */
  role?: string | undefined;
  /** ARNs; empty for the whole account. */
  principals: readonly string[];
  /** ARNs of principals by their unique ids, which are all that the owner's trail may know them by. */
  ids?: Readonly<Record<string, string>> | undefined;
  access: LevelAccess;
}
