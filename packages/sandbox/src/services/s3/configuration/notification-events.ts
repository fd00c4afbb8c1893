/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html */
const EVENTS: ReadonlySet<string> = new Set(
  `TestEvent
  ObjectCreated:* ObjectCreated:Put ObjectCreated:Post ObjectCreated:Copy ObjectCreated:CompleteMultipartUpload
  ObjectRemoved:* ObjectRemoved:Delete ObjectRemoved:DeleteMarkerCreated
  ObjectRestore:* ObjectRestore:Post ObjectRestore:Completed ObjectRestore:Delete
  ReducedRedundancyLostObject
  Replication:* Replication:OperationFailedReplication Replication:OperationMissedThreshold
  Replication:OperationReplicatedAfterThreshold Replication:OperationNotTracked
  LifecycleExpiration:* LifecycleExpiration:Delete LifecycleExpiration:DeleteMarkerCreated
  LifecycleTransition IntelligentTiering
  ObjectTagging:* ObjectTagging:Put ObjectTagging:Delete
  ObjectAcl:Put`
    .split(/\s+/)
    .map((name) => `s3:${name}`),
);

export const isEvent = (name: string): boolean => EVENTS.has(name);

/** Whether something can be both events. */
export function overlap(one: string, other: string): boolean {
  const includes = (wide: string, narrow: string) =>
    wide.endsWith('*') && narrow.startsWith(wide.slice(0, -1));
  return one === other || includes(one, other) || includes(other, one);
}
