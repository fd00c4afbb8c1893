import { openBucket } from '@crossbucket/access';
export const open = openBucket;
