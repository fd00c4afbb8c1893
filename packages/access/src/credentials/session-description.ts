import type { AccessErrorCode } from '../errors.ts';

/** A session as it stands, without its secrets. */
export interface SessionDescription {
  roleArn: string;
  /** The role's account. */
  account: string;
  sessionName: string;
  /** `none`: not asked for yet. `failed`: nothing valid in hand, and the last try failed. */
  state: 'none' | 'valid' | 'failed' | 'expired';
  /** STS is being asked right now. */
  renewing: boolean;
  /** ARN of the session, while it is valid. */
  arn?: string;
  /** Region of the STS endpoint that issued it. */
  region?: string;
  issuedAt?: Date;
  /** When it is renewed in the background. */
  refreshAt?: Date;
  /** By the local clock, skew taken into account. */
  expiration?: Date;
  /** The failures in a row since the last success. */
  failure?: { code: AccessErrorCode; message: string; count: number; at: Date; retryAt: Date };
}
