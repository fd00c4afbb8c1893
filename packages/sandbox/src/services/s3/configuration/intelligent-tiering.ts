import type { IntelligentTieringConfiguration } from '@aws-sdk/client-s3';
import type { HandlersOf } from '../../service.ts';
import { deleteById, getById, listById, putById } from './by-id.ts';
import { invalidArgument, malformedXml } from '../errors.ts';
import { requireFilter, requireOneOf } from './filters.ts';

export const intelligentTieringHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  PutBucketIntelligentTieringConfiguration(input, call) {
    putById(
      call,
      'intelligentTiering',
      input,
      input.IntelligentTieringConfiguration,
      requireIntelligentTiering,
    );
    return {};
  },

  GetBucketIntelligentTieringConfiguration(input, call) {
    return {
      IntelligentTieringConfiguration: getById<IntelligentTieringConfiguration>(
        call,
        'intelligentTiering',
        input,
      ),
    };
  },

  ListBucketIntelligentTieringConfigurations(input, call) {
    const { configurations, page } = listById<IntelligentTieringConfiguration>(
      call,
      'intelligentTiering',
      input,
    );
    return { ...page, IntelligentTieringConfigurationList: configurations };
  },

  DeleteBucketIntelligentTieringConfiguration(input, call) {
    deleteById(call, 'intelligentTiering', input);
    return {};
  },
};

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/intelligent-tiering-overview.html */
const FIRST_DAY: Readonly<Record<string, number>> = { ARCHIVE_ACCESS: 90, DEEP_ARCHIVE_ACCESS: 180 };
const LAST_DAY = 730;

function requireIntelligentTiering(configuration: IntelligentTieringConfiguration): void {
  const { Status: status, Tierings: tierings = [], Filter: filter } = configuration;
  requireOneOf(status, ['Enabled', 'Disabled']);
  requireFilter(filter);
  if (tierings.length === 0) throw malformedXml();
  for (const { AccessTier: tier, Days: days } of tierings) {
    requireOneOf(tier, Object.keys(FIRST_DAY));
    if (days === undefined || !Number.isInteger(days)) throw malformedXml();
    if (days < FIRST_DAY[tier!]! || days > LAST_DAY)
      throw invalidArgument(
        'Days',
        String(days),
        `'Days' for ${tier!} must be between ${FIRST_DAY[tier!]} and ${LAST_DAY}`,
      );
  }
}
