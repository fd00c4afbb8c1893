import type { HandlersOf } from '../../service.ts';
import { abacHandlers } from './abac.ts';
import { accelerateHandlers } from './accelerate.ts';
import { analyticsHandlers } from './analytics.ts';
import { bucketTaggingHandlers } from './bucket-tagging.ts';
import { corsHandlers } from './cors.ts';
import { intelligentTieringHandlers } from './intelligent-tiering.ts';
import { inventoryHandlers } from './inventory.ts';
import { loggingHandlers } from './logging.ts';
import { metricsHandlers } from './metrics.ts';
import { notificationHandlers } from './notification.ts';
import { replicationHandlers } from './replication.ts';
import { websiteHandlers } from './website.ts';

/** Configuration of buckets that is checked, kept and given back: nothing is done with it. */
export const configurationHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  ...abacHandlers,
  ...accelerateHandlers,
  ...analyticsHandlers,
  ...bucketTaggingHandlers,
  ...corsHandlers,
  ...intelligentTieringHandlers,
  ...inventoryHandlers,
  ...loggingHandlers,
  ...metricsHandlers,
  ...notificationHandlers,
  ...replicationHandlers,
  ...websiteHandlers,
};
