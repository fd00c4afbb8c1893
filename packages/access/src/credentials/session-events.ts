import { channel } from 'node:diagnostics_channel';
import type { AccessError } from '../errors.ts';
import type { SessionDescription } from './session-description.ts';

/** What the channels of `node:diagnostics_channel` named `crossbucket:credentials:refresh|failure|expiry` carry. No secrets. */
export interface SessionEvent extends SessionDescription {
  /** `refresh`: milliseconds that it took. */
  took?: number;
  /** `failure`: what stopped it. */
  error?: AccessError;
}

const CHANNELS = {
  refresh: channel('crossbucket:credentials:refresh'),
  failure: channel('crossbucket:credentials:failure'),
  expiry: channel('crossbucket:credentials:expiry'),
};

export function publishSessionEvent(
  kind: keyof typeof CHANNELS,
  description: SessionDescription,
  detail: Pick<SessionEvent, 'took' | 'error'>,
): void {
  if (CHANNELS[kind].hasSubscribers)
    CHANNELS[kind].publish({ ...description, ...detail } satisfies SessionEvent);
}
