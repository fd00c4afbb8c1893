/** What the store keeps: plain data, one type for each table. Times are milliseconds since 1970. */
export type * from './records/access-points.ts';
export type * from './records/buckets.ts';
export type * from './records/iam.ts';
export type * from './records/keys.ts';
export type * from './records/objects.ts';
export type * from './records/organizations.ts';
export type * from './records/trails.ts';
