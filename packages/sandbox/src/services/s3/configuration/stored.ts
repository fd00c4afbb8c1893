import type {
  CORSConfiguration,
  LoggingEnabled,
  NotificationConfiguration,
  ReplicationConfiguration,
  Tag,
  WebsiteConfiguration,
} from '@aws-sdk/client-s3';
import type { BucketRecord } from '../../../store/records.ts';
import type { Call } from '../../service.ts';

/** What a bucket keeps and gives back, in the SDK's own shapes. None of them has a date or bytes in it. */
interface Configurations {
  abac: 'Enabled' | 'Disabled';
  accelerate: 'Enabled' | 'Suspended';
  cors: CORSConfiguration;
  logging: LoggingEnabled;
  notification: NotificationConfiguration;
  replication: ReplicationConfiguration;
  tagging: Tag[];
  website: WebsiteConfiguration;
}

type Kind = keyof Configurations;

export function configurationOf<K extends Kind>(
  { configurations }: BucketRecord,
  kind: K,
): Configurations[K] | undefined {
  return configurations?.[kind] as Configurations[K] | undefined;
}

/** Sets a configuration of the call's bucket; without a value, it goes. */
export function setConfiguration<K extends Kind>(
  call: Call,
  kind: K,
  value: Configurations[K] | undefined,
): void {
  const bucket = call.survey.bucket!;
  const { [kind]: _, ...others } = bucket.configurations ?? {};
  const configurations = value === undefined ? others : { ...others, [kind]: value };
  call.store.buckets.set(bucket.name, { ...bucket, configurations });
}
