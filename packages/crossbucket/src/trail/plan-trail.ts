import type { PolicyDocument } from '@crossbucket/policy';
import { mergedText, settingsText, type Change, type TrailState } from '../changes/index.ts';
import { TRAIL_COSTS, type TrailCosts } from './costs.ts';
import { allowsDelivery, deliveryOwner, deliveryStatements, type Delivery } from './delivery-policy.ts';
import type { KnownTrail, TrailFacts, TrailWish } from './read-facts.ts';
import { withBuckets } from './selectors.ts';
import { TrailError } from './trail-error.ts';

/** What is to be changed so that a trail logs every call to some buckets. */
export interface TrailPlan {
  account: string;
  trail: { name: string; arn: string; region: string };
  /** Where its files are to be read: `s3://crossbucket-trail-222222222222`. */
  source: string;
  buckets: string[];
  changes: Change[];
  costs: TrailCosts;
  /** What else somebody should know. */
  notes: string[];
}

const NAME = 'crossbucket-audit';

/** A trail that is there is taken before a new one is made: each further copy of management events costs. */
export function planTrail(facts: TrailFacts, wish: TrailWish): TrailPlan {
  const known = chooseTrail(facts, wish);
  if (known === undefined) return planNew(facts, wish.name ?? NAME);
  if (wish.logs !== undefined && wish.logs !== known.state.bucket)
    throw new TrailError(
      'cannot-set-up',
      `the trail \`${known.name}\` is there and writes to \`${known.state.bucket}\``,
      'leave out `--logs`, or name a trail that is to be made with `--name`',
    );
  return planKnown(facts, known);
}

function chooseTrail({ trails, account }: TrailFacts, { name }: TrailWish): KnownTrail | undefined {
  const own = trails.filter((trail) => trail.account === account);
  if (name !== undefined) return own.find((trail) => trail.name === name);
  const inUse = own.filter(({ state, isOfOrganization }) => state.logging && !isOfOrganization);
  return own.find((trail) => trail.name === NAME) ?? inUse.find(({ state }) => state.multiRegion) ?? inUse[0];
}

const arnsOf = ({ buckets, partition }: TrailFacts): string[] =>
  buckets.map(({ name }) => `arn:${partition}:s3:::${name}/`);

function planKnown(facts: TrailFacts, { name, arn, region, state }: KnownTrail): TrailPlan {
  requireNoCircle(facts, state.bucket);
  const outside = facts.buckets.find((bucket) => !state.multiRegion && bucket.region !== region);
  if (outside !== undefined)
    throw new TrailError(
      'cannot-set-up',
      `the trail \`${name}\` logs ${region} alone, and bucket \`${outside.name}\` is in ${outside.region}`,
      'name a trail that is to be made with `--name`: it logs all regions',
    );
  const selectors = withBuckets(state.selectors, arnsOf(facts));
  if (selectors === undefined)
    throw new TrailError(
      'cannot-set-up',
      `the trail \`${name}\` has as many event selectors as a trail can have`,
      'take one of them away, or name a trail that is to be made with `--name`',
    );
  const before = settingsText(state);
  const after = settingsText({ ...state, selectors, logging: true });
  const document = { account: facts.account, kind: 'trail', trail: name, region } as const;
  return {
    ...planOf(facts, { name, arn, region }, state.bucket),
    changes: before === after ? [] : [{ document, before, after }],
    notes: [
      ...(state.validation
        ? []
        : [
            `the trail \`${name}\` writes no digests, so that \`audit verify\` has nothing to check its files by`,
          ]),
      ...(state.prefix === null ? [] : [`its files are under the prefix ${state.prefix}`]),
    ],
  };
}

function planNew(facts: TrailFacts, name: string): TrailPlan {
  const { account, partition, region, logs, trails } = facts;
  requireNoCircle(facts, logs.name);
  const arn = `arn:${partition}:cloudtrail:${region}:${account}:trail/${name}`;
  const state: TrailState = {
    bucket: logs.name,
    prefix: null,
    multiRegion: true,
    globalEvents: true,
    validation: true,
    selectors: withBuckets({ advanced: [] }, arnsOf(facts))!,
    logging: true,
  };
  const document = { account, kind: 'trail', trail: name, region } as const;
  const others = trails.filter(({ state: { logging } }) => logging).map((trail) => `\`${trail.name}\``);
  return {
    ...planOf(facts, { name, arn, region }, logs.name),
    changes: [
      ...bucketChanges(facts, { partition, account, trailArn: arn, bucket: logs.name, prefix: null }),
      { document, before: null, after: settingsText(state) },
    ],
    notes:
      others.length === 0
        ? []
        : [
            `${others.join(', ')} ${others.length === 1 ? 'logs' : 'log'} here already: management events that both trails deliver cost as further copies`,
          ],
  };
}

function bucketChanges({ account, logs }: TrailFacts, delivery: Delivery): Change[] {
  const { name: bucket, region, isThere, policy } = logs;
  const closed = {
    BlockPublicAcls: true,
    IgnorePublicAcls: true,
    BlockPublicPolicy: true,
    RestrictPublicBuckets: true,
  };
  const made: Change = {
    document: { account, kind: 'bucket', bucket, region },
    before: null,
    after: settingsText({ publicAccessBlock: closed }),
  };
  const isAllowed = allowsDelivery(policy === null ? null : (JSON.parse(policy) as PolicyDocument), delivery);
  const edits = { owners: [deliveryOwner(delivery)], add: deliveryStatements(delivery) };
  const allowed: Change = {
    document: { account, kind: 'bucket-policy', bucket, region },
    before: policy,
    after: mergedText(policy, edits),
    edits,
  };
  return [...(isThere ? [] : [made]), ...(isAllowed ? [] : [allowed])];
}

/** Each file would be an event, and each event make a file. */
function requireNoCircle({ buckets }: TrailFacts, logs: string): void {
  if (!buckets.some(({ name }) => name === logs)) return;
  throw new TrailError(
    'cannot-set-up',
    `the trail would write to \`${logs}\`, and log that it does, without an end`,
    'take another bucket for its files: `--logs NAME`',
  );
}

const planOf = (facts: TrailFacts, trail: TrailPlan['trail'], logs: string) => ({
  account: facts.account,
  trail,
  source: `s3://${logs}`,
  buckets: facts.buckets.map(({ name }) => name),
  costs: TRAIL_COSTS,
});
