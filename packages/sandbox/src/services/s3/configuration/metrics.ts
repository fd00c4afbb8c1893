import type { MetricsConfiguration } from '@aws-sdk/client-s3';
import type { HandlersOf } from '../../service.ts';
import { deleteById, getById, listById, putById } from './by-id.ts';
import { requireFilter } from './filters.ts';

export const metricsHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  PutBucketMetricsConfiguration(input, call) {
    putById(call, 'metrics', input, input.MetricsConfiguration, requireMetrics);
    return {};
  },

  GetBucketMetricsConfiguration(input, call) {
    return { MetricsConfiguration: getById<MetricsConfiguration>(call, 'metrics', input) };
  },

  ListBucketMetricsConfigurations(input, call) {
    const { configurations, page } = listById<MetricsConfiguration>(call, 'metrics', input);
    return { ...page, MetricsConfigurationList: configurations };
  },

  DeleteBucketMetricsConfiguration(input, call) {
    deleteById(call, 'metrics', input);
    return {};
  },
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_MetricsConfiguration.html */
function requireMetrics({ Filter: filter }: MetricsConfiguration): void {
  requireFilter(filter);
}
