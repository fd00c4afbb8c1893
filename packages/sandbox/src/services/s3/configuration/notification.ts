import { randomBytes } from 'node:crypto';
import type { NotificationConfiguration, NotificationConfigurationFilter } from '@aws-sdk/client-s3';
import { AwsError } from '../../../wire/errors.ts';
import type { HandlersOf } from '../../service.ts';
import { malformedXml } from '../errors.ts';
import { configurationOf, setConfiguration } from './stored.ts';
import { isEvent, overlap } from './notification-events.ts';

export const notificationHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  PutBucketNotificationConfiguration(input, call) {
    setConfiguration(call, 'notification', readNotification(input.NotificationConfiguration ?? {}));
    return {};
  },

  GetBucketNotificationConfiguration(_, call) {
    return configurationOf(call.survey.bucket!, 'notification') ?? {};
  },
};

/** A destination with its events, whatever service it is of. */
interface Destination {
  Id?: string | undefined;
  Events: string[] | undefined;
  Filter?: NotificationConfigurationFilter | undefined;
}

/** Checks a configuration and gives ids to what has none. That the destinations are there is not checked. */
function readNotification(given: NotificationConfiguration): NotificationConfiguration | undefined {
  const topics = given.TopicConfigurations?.map((each) => read(each, each.TopicArn, 'sns'));
  const queues = given.QueueConfigurations?.map((each) => read(each, each.QueueArn, 'sqs'));
  const functions = given.LambdaFunctionConfigurations?.map((each) =>
    read(each, each.LambdaFunctionArn, 'lambda'),
  );
  const all: Destination[] = [...(topics ?? []), ...(queues ?? []), ...(functions ?? [])];
  requireIds(all);
  requireApart(all);
  if (all.length === 0 && !given.EventBridgeConfiguration) return undefined;
  return {
    ...(topics && { TopicConfigurations: topics }),
    ...(queues && { QueueConfigurations: queues }),
    ...(functions && { LambdaFunctionConfigurations: functions }),
    ...(given.EventBridgeConfiguration && { EventBridgeConfiguration: {} }),
  };
}

function read<D extends Destination>(destination: D, arn: string | undefined, service: string): D {
  if (!new RegExp(`^arn:aws[a-z-]*:${service}:[a-z0-9-]+:\\d{12}:.+$`).test(arn ?? ''))
    throw invalid('The ARN is not well formed');
  const events = destination.Events ?? [];
  if (events.length === 0) throw malformedXml();
  for (const event of events)
    if (!isEvent(event)) throw invalid('The event is not supported for notifications');
  requireFilter(destination.Filter);
  return { ...destination, Id: destination.Id || randomBytes(36).toString('base64url') };
}

function requireFilter(filter: NotificationConfigurationFilter | undefined): void {
  const rules = filter?.Key?.FilterRules ?? [];
  const names = rules.map(({ Name }) => Name?.toLowerCase());
  for (const name of names)
    if (name !== 'prefix' && name !== 'suffix')
      throw invalid('filter rule name must be either prefix or suffix');
  for (const name of ['prefix', 'suffix'])
    if (names.filter((its) => its === name).length > 1)
      throw invalid(`Cannot specify more than one ${name} rule in a filter.`);
  if (rules.some(({ Value = '' }) => Buffer.byteLength(Value) > 1024))
    throw invalid('Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation');
}

function requireIds(all: readonly Destination[]): void {
  if (new Set(all.map(({ Id }) => Id)).size < all.length)
    throw invalid('Same ID used for multiple configurations. IDs must be unique');
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html */
function requireApart(all: readonly Destination[]): void {
  for (const [index, one] of all.entries())
    for (const other of all.slice(index + 1))
      if (shareEvents(one, other) && shareKeys(one, other))
        throw invalid(
          'Configurations overlap. Configurations on the same bucket cannot share a common event type.',
        );
}

const shareEvents = (one: Destination, other: Destination): boolean =>
  one.Events!.some((event) => other.Events!.some((its) => overlap(event, its)));

function shareKeys(one: Destination, other: Destination): boolean {
  const [prefix, otherPrefix] = [valueOf(one, 'prefix'), valueOf(other, 'prefix')];
  const [suffix, otherSuffix] = [valueOf(one, 'suffix'), valueOf(other, 'suffix')];
  return (
    (prefix.startsWith(otherPrefix) || otherPrefix.startsWith(prefix)) &&
    (suffix.endsWith(otherSuffix) || otherSuffix.endsWith(suffix))
  );
}

function valueOf({ Filter }: Destination, name: string): string {
  return Filter?.Key?.FilterRules?.find((rule) => rule.Name?.toLowerCase() === name)?.Value ?? '';
}

const invalid = (message: string): AwsError => new AwsError('InvalidArgument', message);
