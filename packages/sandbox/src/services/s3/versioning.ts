import { AwsError } from '../../wire/errors.ts';
import type { HandlersOf } from '../service.ts';
import { malformedXml } from './errors.ts';

export const versioningHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  PutBucketVersioning(input, call) {
    const bucket = call.survey.bucket!;
    const { Status: status, MFADelete: mfaDelete } = input.VersioningConfiguration ?? {};
    if (mfaDelete !== undefined && mfaDelete !== 'Disabled') {
      if (mfaDelete !== 'Enabled') throw malformedXml();
      throw new AwsError('NotImplemented', 'The sandbox does not implement MFA delete.');
    }
    if (status === undefined)
      throw new AwsError(
        'IllegalVersioningConfigurationException',
        'The Versioning element must be specified',
      );
    if (status !== 'Enabled' && status !== 'Suspended') throw malformedXml();
    if (bucket.objectLock && status !== 'Enabled')
      throw new AwsError(
        'InvalidBucketState',
        'An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.',
        { status: 409 },
      );
    if (bucket.configurations?.['replication'] && status !== 'Enabled')
      throw new AwsError(
        'InvalidBucketState',
        'A replication configuration is present on this bucket, so you cannot change the versioning state. To change the versioning state, first delete the replication configuration.',
        { status: 409 },
      );
    call.store.buckets.set(bucket.name, { ...bucket, versioning: status });
    return {};
  },

  GetBucketVersioning(_, call) {
    const { versioning } = call.survey.bucket!;
    return versioning === undefined ? {} : { Status: versioning };
  },
};
