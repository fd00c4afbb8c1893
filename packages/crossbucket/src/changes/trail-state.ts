import type { AdvancedEventSelector, EventSelector } from '@aws-sdk/client-cloudtrail';
import type { PublicAccessBlock } from '@crossbucket/policy';

/** A bucket as data: what a change may set of it. */
export interface BucketState {
  publicAccessBlock: PublicAccessBlock;
}

/** Either form; a trail has one of them. */
export type TrailSelectors = { basic: EventSelector[] } | { advanced: AdvancedEventSelector[] };

/** A trail as data. Only `selectors` and `logging` of one that is there are ever changed. */
export interface TrailState {
  bucket: string;
  prefix: string | null;
  multiRegion: boolean;
  globalEvents: boolean;
  /** Whether there are digests by which its files can be checked. */
  validation: boolean;
  selectors: TrailSelectors;
  logging: boolean;
}

export const settingsText = (state: BucketState | TrailState): string => JSON.stringify(state);

export const readTrail = (text: string): TrailState => JSON.parse(text) as TrailState;
