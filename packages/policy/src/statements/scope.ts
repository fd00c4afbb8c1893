import type { UNKNOWN } from './condition-key.ts';

/** What a layer's statements are matched against. */
export interface Scope {
  /** Whether its statements name principals; those of the other layers may not. */
  principals: boolean;
  /** A trust policy's statements name no resource: it is the role. */
  resourceImplied: boolean;
  resource: string;
  /** A second ARN of the same thing. */
  other: OtherArn;
  /**
   * `/key`, or nothing for the bucket itself, where the request goes through an access point and does not say to which bucket: a bucket policy's
   * own resources say it.
   */
  pathInBucket?: string | undefined;
}

export type OtherArn = string | typeof UNKNOWN | undefined;
