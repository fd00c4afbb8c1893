import type { EventRule, GroupRule } from '../rule.ts';
import { aclPublic } from './acl-public.ts';
import { anonymousReads } from './anonymous-reads.ts';
import { bucketListing } from './bucket-listing.ts';
import { bucketPolicyPublic } from './bucket-policy-public.ts';
import { bucketPolicyShared } from './bucket-policy-shared.ts';
import { copiedOut } from './copied-out.ts';
import { foreignKey } from './foreign-key.ts';
import { keyPolicyChanged } from './key-policy-changed.ts';
import { largeDownload } from './large-download.ts';
import { manyDenials } from './many-denials.ts';
import { newNetwork } from './new-network.ts';
import { ownershipLoosened } from './ownership-loosened.ts';
import { publicAccessOpened } from './public-access-opened.ts';
import { roleChained } from './role-chained.ts';
import { trailStopped } from './trail-stopped.ts';
import { trustWidened } from './trust-widened.ts';

export const EVENT_RULES: readonly EventRule[] = [
  bucketPolicyPublic,
  bucketPolicyShared,
  publicAccessOpened,
  aclPublic,
  foreignKey,
  ownershipLoosened,
  trustWidened,
  keyPolicyChanged,
  trailStopped,
];

export const GROUP_RULES: readonly GroupRule[] = [
  copiedOut,
  manyDenials,
  bucketListing,
  roleChained,
  anonymousReads,
  largeDownload,
  newNetwork,
];
