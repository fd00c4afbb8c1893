import type { Bucket } from '@crossbucket/access';
export type Opened = Bucket;
