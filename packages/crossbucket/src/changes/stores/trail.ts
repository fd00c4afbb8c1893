import { isDeepStrictEqual } from 'node:util';
import type { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { hasName } from '../../accounts/aws-error.ts';
import { canonicalValue } from '../canonical.ts';
import type { DocumentRef } from '../document-ref.ts';
import { readTrail, settingsText, type TrailState } from '../trail-state.ts';
import { pauses } from '../settle.ts';
import { orNull, type Store } from './store.ts';

type Trail = Extract<DocumentRef, { kind: 'trail' }>;

/** How long a bucket's policy that was just written may be unknown to CloudTrail, in milliseconds. */
const POLICY_SETTLES = 20_000;

/** One call for each part that differs, so that a second try finds what the first has left. */
export const TRAIL: Store<Trail> = {
  reads: () => 'cloudtrail:GetTrail',
  writes: (_, text, current) =>
    text === null
      ? 'cloudtrail:DeleteTrail'
      : current === null
        ? 'cloudtrail:CreateTrail'
        : 'cloudtrail:PutEventSelectors',
  async read({ clients }, { trail, region }) {
    const state = await trailStateOf(await clients.cloudtrail(region), trail);
    return state === null ? null : settingsText(state);
  },
  async write({ clients }, { trail: Name, region }, text, current) {
    const { DeleteTrailCommand, PutEventSelectorsCommand, StartLoggingCommand, StopLoggingCommand } =
      await import('@aws-sdk/client-cloudtrail');
    const client = await clients.cloudtrail(region);
    if (text === null) {
      await client.send(new DeleteTrailCommand({ Name }));
      return;
    }
    const wanted = readTrail(text);
    if (current === null) await create(client, Name, wanted);
    const now = current === null ? undefined : readTrail(current);
    const { selectors } = wanted;
    if (now === undefined || !areSame(now.selectors, selectors))
      await client.send(
        new PutEventSelectorsCommand({
          TrailName: Name,
          ...('basic' in selectors
            ? { EventSelectors: selectors.basic }
            : { AdvancedEventSelectors: selectors.advanced }),
        }),
      );
    if (wanted.logging !== (now?.logging ?? false))
      await client.send(
        wanted.logging ? new StartLoggingCommand({ Name }) : new StopLoggingCommand({ Name }),
      );
  },
};

/** A trail as it is; null where there is none of this name. */
export async function trailStateOf(client: CloudTrailClient, name: string): Promise<TrailState | null> {
  const { GetEventSelectorsCommand, GetTrailCommand, GetTrailStatusCommand } =
    await import('@aws-sdk/client-cloudtrail');
  const found = await orNull(client.send(new GetTrailCommand({ Name: name })), 'TrailNotFoundException');
  if (found?.Trail === undefined) return null;
  const [{ IsLogging = false }, { EventSelectors = [], AdvancedEventSelectors = [] }] = await Promise.all([
    client.send(new GetTrailStatusCommand({ Name: name })),
    client.send(new GetEventSelectorsCommand({ TrailName: name })),
  ]);
  const {
    S3BucketName,
    S3KeyPrefix,
    IsMultiRegionTrail,
    IncludeGlobalServiceEvents,
    LogFileValidationEnabled,
  } = found.Trail;
  return {
    bucket: S3BucketName ?? '',
    prefix: S3KeyPrefix ?? null,
    multiRegion: IsMultiRegionTrail === true,
    globalEvents: IncludeGlobalServiceEvents === true,
    validation: LogFileValidationEnabled === true,
    selectors:
      AdvancedEventSelectors.length > 0 ? { advanced: AdvancedEventSelectors } : { basic: EventSelectors },
    logging: IsLogging,
  };
}

async function create(client: CloudTrailClient, Name: string, state: TrailState): Promise<void> {
  const { CreateTrailCommand } = await import('@aws-sdk/client-cloudtrail');
  const input = {
    Name,
    S3BucketName: state.bucket,
    ...(state.prefix !== null && { S3KeyPrefix: state.prefix }),
    IsMultiRegionTrail: state.multiRegion,
    IncludeGlobalServiceEvents: state.globalEvents,
    EnableLogFileValidation: state.validation,
  };
  const attempt = () =>
    client.send(new CreateTrailCommand(input)).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
  let failure = await attempt();
  if (failure === undefined) return;
  // A call whose answer was lost is sent again.
  if (hasName(failure.error, 'TrailAlreadyExistsException') && (await isAsMade(client, Name, state))) return;
  if (hasName(failure.error, 'InsufficientS3BucketPolicyException'))
    for await (const _ of pauses(1000, POLICY_SETTLES)) {
      failure = await attempt();
      if (failure === undefined) return;
    }
  throw failure.error;
}

/** Whether a trail is the one that was to be made, and nobody has given it anything to do yet. */
async function isAsMade(client: CloudTrailClient, name: string, wanted: TrailState): Promise<boolean> {
  const found = await trailStateOf(client, name);
  if (found === null || found.logging) return false;
  return isDeepStrictEqual({ ...found, selectors: 0, logging: 0 }, { ...wanted, selectors: 0, logging: 0 });
}

const areSame = (one: TrailState['selectors'], other: TrailState['selectors']): boolean =>
  canonicalValue(JSON.stringify(one)) === canonicalValue(JSON.stringify(other));
