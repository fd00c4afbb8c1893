import type { Places } from '../places.ts';
import type { Need, Needs } from './need.ts';

/** What a command does to objects, as S3's actions on the bucket and on its keys. */
export interface Transfer {
  bucket: string[];
  objects: string[];
  /** On the keys that objects are encrypted with, where they are. */
  keys: string[];
}

/** Who uses a grant: by route `role` its role may be assumed, by route `bucket-policy` the principal does it itself. */
export const useAsSource =
  (transfer: Transfer): Needs =>
  (places) => [
    { actions: ['sts:AssumeRole'], resources: places.hasRoute.role ? places.roles : [] },
    ...(places.hasRoute['bucket-policy'] ? transferNeeds(transfer, places) : []),
  ];

/** What the role, or the bucket policy, has to allow: that is the grant itself. */
export const allowAsDestination =
  (transfer: Transfer): Needs =>
  (places) =>
    transferNeeds(transfer, places);

const transferNeeds = ({ bucket, objects, keys }: Transfer, places: Places): Need[] =>
  [
    { actions: bucket, resources: places.buckets },
    { actions: objects, resources: places.buckets.map((arn) => `${arn}/*`) },
    { actions: keys, resources: [places.keys] },
  ].filter(({ actions }) => actions.length > 0);
