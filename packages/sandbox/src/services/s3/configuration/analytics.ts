import type { AnalyticsConfiguration } from '@aws-sdk/client-s3';
import type { HandlersOf } from '../../service.ts';
import { deleteById, getById, listById, putById } from './by-id.ts';
import { requireFilter, requireOneOf } from './filters.ts';

export const analyticsHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  PutBucketAnalyticsConfiguration(input, call) {
    putById(call, 'analytics', input, input.AnalyticsConfiguration, requireAnalytics);
    return {};
  },

  GetBucketAnalyticsConfiguration(input, call) {
    return { AnalyticsConfiguration: getById<AnalyticsConfiguration>(call, 'analytics', input) };
  },

  ListBucketAnalyticsConfigurations(input, call) {
    const { configurations, page } = listById<AnalyticsConfiguration>(call, 'analytics', input);
    return { ...page, AnalyticsConfigurationList: configurations };
  },

  DeleteBucketAnalyticsConfiguration(input, call) {
    deleteById(call, 'analytics', input);
    return {};
  },
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_AnalyticsConfiguration.html */
function requireAnalytics({ Filter: filter, StorageClassAnalysis: analysis }: AnalyticsConfiguration): void {
  requireFilter(filter);
  const data = analysis?.DataExport;
  if (!data) return;
  requireOneOf(data.OutputSchemaVersion, ['V_1']);
  requireOneOf(data.Destination?.S3BucketDestination?.Format, ['CSV']);
}
