import type { PublicAccessBlock } from '@crossbucket/policy';
import type { PrincipalIds } from './iam.ts';

export interface AccessPointRecord {
  name: string;
  account: string;
  region: string;
  bucket: string;
  /** Account that owns the bucket. */
  bucketAccount: string;
  /** Stands for the access point where a bucket's name is asked. */
  alias: string;
  created: number;
  /** VPC that alone may use it. */
  vpc?: string;
  /** Document text. */
  policy?: string;
  policyPrincipals?: PrincipalIds;
  publicAccessBlock: PublicAccessBlock;
}
