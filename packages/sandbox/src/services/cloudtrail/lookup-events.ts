import type { Event, LookupEventsCommandInput } from '@aws-sdk/client-cloudtrail';
import { HISTORY, type HistoryGroup } from '../../store/event-history.ts';
import type { CloudTrailRecord } from '../../trail/records/record.ts';
import { AwsError } from '../../wire/errors.ts';
import type { Call, HandlersOf } from '../service.ts';
import { lookupResources } from './lookup-resources.ts';

const LARGEST_PAGE = 50;

export const lookupEventsHandlers: HandlersOf<typeof import('@aws-sdk/client-cloudtrail')> = {
  LookupEvents(input, call) {
    const size = input.MaxResults ?? LARGEST_PAGE;
    if (!Number.isInteger(size) || size < 1 || size > LARGEST_PAGE)
      throw new AwsError(
        'InvalidMaxResultsException',
        `A value between 1 and ${LARGEST_PAGE} is required for MaxResults, but got ${size}`,
      );
    if (input.EventCategory !== undefined && input.EventCategory !== 'insight')
      throw new AwsError(
        'InvalidEventCategoryException',
        'The only category that can be asked for is `insight`.',
      );
    const group = { account: call.caller.account, region: call.region };
    const after = input.NextToken === undefined ? undefined : placeIn(input.NextToken, group, call);
    // Nothing here looks for unusual activity, so that there are no insight events.
    const found = input.EventCategory === undefined ? find(input, call, after) : [];
    const page: Found[] = [];
    for (const one of found) {
      // One more tells that there is another page.
      if (page.length === size)
        return { Events: page.map(({ record }) => describe(record)), NextToken: page.at(-1)!.token };
      page.push(one);
    }
    return { Events: page.map(({ record }) => describe(record)) };
  },
};

interface Found {
  record: CloudTrailRecord;
  /** To go on after it. */
  token: string;
}

/** Management events of the caller's account and the call's region, newest first. */
function* find(input: LookupEventsCommandInput, call: Call, after: string | undefined): Generator<Found> {
  const now = call.clock.now();
  const from = Math.max(input.StartTime?.getTime() ?? 0, now - HISTORY);
  const to = input.EndTime?.getTime() ?? now;
  if (input.StartTime && input.EndTime && input.StartTime > input.EndTime)
    throw new AwsError('InvalidTimeRangeException', 'The start time must be before the end time.');
  const attributes = input.LookupAttributes ?? [];
  if (attributes.length > 1)
    throw new AwsError('InvalidLookupAttributesException', 'Only one lookup attribute can be specified.');
  const [attribute] = attributes;
  const valuesOf = attribute && readerOf(attribute.AttributeKey!);
  const { account } = call.caller;
  for (const { json, place } of call.events.find({ account, region: call.region }, from, to, after)) {
    const record = JSON.parse(json) as CloudTrailRecord;
    if (valuesOf !== undefined && !valuesOf(record).includes(attribute!.AttributeValue)) continue;
    yield { record, token: Buffer.from(place).toString('base64') };
  }
}

type Reader = (record: CloudTrailRecord) => (string | undefined)[];

/** The values of a record that an attribute looks at. */
const ATTRIBUTES: Readonly<Record<string, Reader>> = {
  EventId: ({ eventID }) => [eventID],
  EventName: ({ eventName }) => [eventName],
  ReadOnly: ({ readOnly }) => [String(readOnly)],
  Username: (record) => [usernameOf(record)],
  ResourceType: (record) => lookupResources(record).map(({ type }) => type),
  ResourceName: (record) => lookupResources(record).flatMap(({ name, arn }) => [name, arn]),
  EventSource: ({ eventSource }) => [eventSource],
  AccessKeyId: ({ userIdentity }) => [userIdentity['accessKeyId'] as string | undefined],
};

function readerOf(attribute: string): Reader {
  const reader = Object.hasOwn(ATTRIBUTES, attribute) ? ATTRIBUTES[attribute] : undefined;
  if (reader) return reader;
  throw new AwsError('InvalidLookupAttributesException', `There is no lookup attribute \`${attribute}\`.`);
}

function describe(record: CloudTrailRecord): Event {
  const username = usernameOf(record);
  const accessKeyId = record.userIdentity['accessKeyId'] as string | undefined;
  return {
    EventId: record.eventID,
    EventName: record.eventName,
    ReadOnly: String(record.readOnly),
    ...(accessKeyId !== undefined && { AccessKeyId: accessKeyId }),
    EventTime: new Date(record.eventTime),
    EventSource: record.eventSource,
    ...(username !== undefined && { Username: username }),
    Resources: lookupResources(record).map(({ type, name }) => ({ ResourceType: type, ResourceName: name })),
    CloudTrailEvent: JSON.stringify(record),
  };
}

/** A user's name, a session's name, or `root`. */
function usernameOf({ userIdentity }: CloudTrailRecord): string | undefined {
  if (userIdentity['type'] === 'Root') return 'root';
  if (userIdentity['type'] === 'AssumedRole') return lastPart(String(userIdentity['arn']));
  return userIdentity['userName'] as string | undefined;
}

function lastPart(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** A token names the last event of its page: those that came meanwhile, as the look-up itself, are before it. */
function placeIn(token: string, group: HistoryGroup, call: Call): string {
  const place = Buffer.from(token, 'base64').toString('latin1');
  if (call.events.isPlace(group, place)) return place;
  throw new AwsError('InvalidNextTokenException', 'The token for the next page is not valid.');
}
