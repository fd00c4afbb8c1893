import type { CreateTrailCommandInput, Trail, UpdateTrailCommandInput } from '@aws-sdk/client-cloudtrail';
import type { TrailRecord } from '../../store/records.ts';
import { AwsError } from '../../wire/errors.ts';
import type { Call, HandlersOf } from '../service.ts';
import { requireDestination, requirePrefix } from './destination.ts';
import { requireManagement } from './organization-trails.ts';
import { readTags } from './tags.ts';
import { findOwnTrail, findTrail, isVisible, requireTrailName, trailArn } from './trail-names.ts';

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html */
const MOST_TRAILS = 5;

export const trailHandlers: HandlersOf<typeof import('@aws-sdk/client-cloudtrail')> = {
  async CreateTrail(input, call) {
    const { store, region, clock } = call;
    const { account } = call.caller;
    const name = requireTrailName(input.Name ?? '');
    refuseServices(input);
    const arn = trailArn(account, region, name);
    const trail: TrailRecord = {
      arn,
      account,
      region,
      name,
      created: clock.now(),
      ...settingsOf(input, { multiRegion: false, globalEvents: true, validation: false, recursive: true }),
      bucket: input.S3BucketName ?? '',
      tags: readTags(input.TagsList ?? []),
      logging: false,
    };
    requireConsistent(trail, call);
    if (store.trails.has(arn))
      throw new AwsError(
        'TrailAlreadyExistsException',
        `Trail ${name} already exists for customer: ${account}`,
      );
    const inRegion = [...store.trails.values()].filter(
      (one) => one.account === account && (one.multiRegion || one.region === region),
    );
    if (inRegion.length >= MOST_TRAILS)
      throw new AwsError(
        'MaximumNumberOfTrailsExceededException',
        `User: ${account} already has ${MOST_TRAILS} trails in ${region}.`,
      );
    await requireDestination(trail, call);
    store.trails.set(arn, trail);
    await call.deliveries.load();
    return describeSettings(trail);
  },

  async UpdateTrail(input, call) {
    const { store, deliveries } = call;
    const known = findOwnTrail(input.Name ?? '', call);
    refuseServices(input);
    const { prefix: _, organization: __, ...rest } = known;
    const changed: TrailRecord = {
      ...rest,
      ...settingsOf(input, known),
      bucket: input.S3BucketName ?? known.bucket,
    };
    requireConsistent(changed, call);
    await requireDestination(changed, call);
    const delivery = await deliveries.load();
    // What was logged until now goes where the trail delivered it until now.
    await delivery.deliver('all');
    if (known.validation && !changed.validation) await delivery.finish(known);
    store.trails.set(known.arn, {
      ...changed,
      logging: store.trails.get(known.arn)?.logging ?? changed.logging,
    });
    if (!known.validation && changed.validation && changed.logging) delivery.beginChains(changed);
    return describeSettings(changed);
  },

  async DeleteTrail(input, call) {
    const trail = findOwnTrail(input.Name ?? '', call);
    const delivery = await call.deliveries.load();
    await delivery.finish(trail);
    call.store.trails.delete(trail.arn);
    await delivery.forget(trail);
    return {};
  },

  GetTrail(input, call) {
    return { Trail: describeTrail(findTrail(input.Name ?? '', call)) };
  },

  DescribeTrails(input, call) {
    const { trailNameList: names = [], includeShadowTrails: shadows = true } = input;
    if (names.length > 0)
      return {
        trailList: names.flatMap((name) => {
          const found = tryFind(name, call);
          return found && (name.startsWith('arn:') || found.region === call.region)
            ? describeTrail(found)
            : [];
        }),
      };
    const isHome = ({ region, account }: TrailRecord) =>
      region === call.region && account === call.caller.account;
    const listed = visibleTrails(call).filter(
      (trail) => isHome(trail) || (shadows && (trail.multiRegion || trail.region === call.region)),
    );
    return { trailList: listed.map((trail) => describeTrail(trail)) };
  },

  ListTrails(_, call) {
    return {
      Trails: visibleTrails(call).map(({ arn, name, region }) => ({
        TrailARN: arn,
        Name: name,
        HomeRegion: region,
      })),
    };
  },
};

function visibleTrails(call: Call): TrailRecord[] {
  return [...call.store.trails.values()]
    .filter((trail) => isVisible(trail, call))
    .toSorted((a, b) => (a.arn < b.arn ? -1 : 1));
}

/** DescribeTrails leaves out what is not there. */
function tryFind(name: string, call: Call): TrailRecord | undefined {
  try {
    return findTrail(name, call);
  } catch (error) {
    if (error instanceof AwsError && error.code === 'TrailNotFoundException') return undefined;
    throw error;
  }
}

type Input = CreateTrailCommandInput | UpdateTrailCommandInput;
type Given = Pick<TrailRecord, 'multiRegion' | 'globalEvents' | 'validation' | 'recursive'> &
  Partial<Pick<TrailRecord, 'prefix' | 'organization'>>;

/** The settings of a request, where it says nothing those that there are. */
function settingsOf(input: Input, known: Given): Given {
  const prefix = input.S3KeyPrefix === undefined ? known.prefix : requirePrefix(input.S3KeyPrefix);
  const organization = input.IsOrganizationTrail ?? known.organization ?? false;
  return {
    multiRegion: input.IsMultiRegionTrail ?? known.multiRegion,
    globalEvents: input.IncludeGlobalServiceEvents ?? known.globalEvents,
    validation: input.EnableLogFileValidation ?? known.validation,
    recursive: input.RecursiveLogging ?? known.recursive,
    ...(prefix !== undefined && prefix !== '' && { prefix }),
    ...(organization && { organization }),
  };
}

function requireConsistent(trail: TrailRecord, call: Call): void {
  if (trail.multiRegion && !trail.globalEvents)
    throw new AwsError(
      'InvalidParameterCombinationException',
      'Multi-Region trail must include global service events.',
    );
  if (trail.organization) requireManagement(call);
}

/** Services that the sandbox does not have, and keys that CloudTrail would need a grant on. */
function refuseServices(input: Input): void {
  for (const member of [
    'SnsTopicName',
    'CloudWatchLogsLogGroupArn',
    'CloudWatchLogsRoleArn',
    'KmsKeyId',
  ] as const)
    if (input[member])
      throw new AwsError('NotImplemented', `The sandbox does not implement ${member} of a trail.`, {
        status: 501,
      });
}

function describeSettings(trail: TrailRecord) {
  return {
    Name: trail.name,
    S3BucketName: trail.bucket,
    ...(trail.prefix !== undefined && { S3KeyPrefix: trail.prefix }),
    IncludeGlobalServiceEvents: trail.globalEvents,
    IsMultiRegionTrail: trail.multiRegion,
    TrailARN: trail.arn,
    LogFileValidationEnabled: trail.validation,
    IsOrganizationTrail: trail.organization === true,
    RecursiveLogging: trail.recursive,
  };
}

function describeTrail(trail: TrailRecord): Trail {
  return {
    ...describeSettings(trail),
    HomeRegion: trail.region,
    HasCustomEventSelectors: trail.selectors !== undefined || trail.advanced !== undefined,
    HasInsightSelectors: false,
  };
}
