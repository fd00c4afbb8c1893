import type { HandlersOf } from '../service.ts';
import { findOwnTrail, findTrail } from './trail-names.ts';

export const loggingHandlers: HandlersOf<typeof import('@aws-sdk/client-cloudtrail')> = {
  async StartLogging(input, call) {
    const trail = findOwnTrail(input.Name ?? '', call);
    if (trail.logging) return {};
    const delivery = await call.deliveries.load();
    // What was logged before it was stopped, and the digest that ends with it.
    await delivery.finish(trail);
    const { stoppedBy: _, ...rest } = trail;
    const started = { ...rest, logging: true, started: call.clock.now() };
    call.store.trails.set(trail.arn, started);
    delivery.beginChains(started);
    return {};
  },

  StopLogging(input, call) {
    const trail = findOwnTrail(input.Name ?? '', call);
    if (!trail.logging) return {};
    call.trail.drain();
    call.store.trails.set(trail.arn, {
      ...trail,
      logging: false,
      stopped: call.clock.now(),
      stoppedBy: call.requestId,
    });
    return {};
  },

  GetTrailStatus(input, call) {
    const { arn, logging, started, stopped } = findTrail(input.Name ?? '', call);
    const { delivered, error, digested, digestError } = call.store.trailStatus.get(arn) ?? {};
    return {
      IsLogging: logging,
      ...(error !== undefined && { LatestDeliveryError: error }),
      ...(delivered !== undefined && { LatestDeliveryTime: new Date(delivered) }),
      ...(digested !== undefined && { LatestDigestDeliveryTime: new Date(digested) }),
      ...(digestError !== undefined && { LatestDigestDeliveryError: digestError }),
      ...(started !== undefined && { StartLoggingTime: new Date(started) }),
      ...(stopped !== undefined && { StopLoggingTime: new Date(stopped) }),
    };
  },
};
