export { TRAIL_COSTS, type TrailCosts } from './costs.ts';
export { planTrail, type TrailPlan } from './plan-trail.ts';
export { readTrailFacts, type KnownTrail, type TrailFacts, type TrailWish } from './read-facts.ts';
export { withBuckets } from './selectors.ts';
export { TrailError, type TrailErrorCode } from './trail-error.ts';
