import type { Event, LookupEventsCommandInput } from '@aws-sdk/client-cloudtrail';
import { recordFor, type CloudTrailRecord } from '../../trail/records/record.ts';
import { AwsError } from '../../wire/errors.ts';
import type { Call, HandlersOf } from '../service.ts';
import { lookupResources } from './lookup-resources.ts';

/** How far back events can be looked up. https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html */
const NINETY_DAYS = 90 * 24 * 3600 * 1000;
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
    // Nothing here looks for unusual activity, so that there are no insight events.
    const found = input.EventCategory === undefined ? find(input, call) : [];
    const start = input.NextToken === undefined ? 0 : positionAfter(input.NextToken, found);
    const page = found.slice(start, start + size);
    return {
      Events: page.map((record) => describe(record)),
      ...(start + size < found.length && { NextToken: Buffer.from(page.at(-1)!.eventID).toString('base64') }),
    };
  },
};

/** Management events of the caller's account and the call's region, newest first. */
function find(input: LookupEventsCommandInput, call: Call): CloudTrailRecord[] {
  const now = call.clock.now();
  const from = Math.max(input.StartTime?.getTime() ?? 0, now - NINETY_DAYS);
  const to = input.EndTime?.getTime() ?? now;
  if (input.StartTime && input.EndTime && input.StartTime > input.EndTime)
    throw new AwsError('InvalidTimeRangeException', 'The start time must be before the end time.');
  const attributes = input.LookupAttributes ?? [];
  if (attributes.length > 1)
    throw new AwsError('InvalidLookupAttributesException', 'Only one lookup attribute can be specified.');
  const [attribute] = attributes;
  const valuesOf = attribute && readerOf(attribute.AttributeKey!);
  const records = call.trail
    .entries('management')
    .filter(({ time, recipients }) => time >= from && time <= to && recipients.includes(call.caller.account))
    .filter(({ region }) => region === call.region)
    .map((entry) => recordFor(entry, call.caller.account));
  const matching = valuesOf
    ? records.filter((record) => valuesOf(record).includes(attribute.AttributeValue!))
    : records;
  return matching.toReversed();
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
function positionAfter(token: string, found: readonly CloudTrailRecord[]): number {
  const last = Buffer.from(token, 'base64').toString('latin1');
  const index = found.findIndex(({ eventID }) => eventID === last);
  if (index !== -1) return index + 1;
  throw new AwsError('InvalidNextTokenException', 'The token for the next page is not valid.');
}
