import { parseCopySource } from '@crossbucket/policy';
import { accessPointArn } from '../../../store/arns.ts';
import { AwsError } from '../../../wire/errors.ts';
import { encodePercent } from '../../../wire/message.ts';
import type { LoadedService, SurveyedSource } from '../../service.ts';
import { findAccessPoint } from '../access-points.ts';
import { invalidArgument, noSuchBucket } from '../errors.ts';

const HEADER = 'x-amz-copy-source';

/** Finds the bucket that a copy reads from. */
export function surveySource(
  input: Record<string, unknown>,
  { store }: Pick<Parameters<LoadedService['survey']>[2], 'store'>,
): SurveyedSource | undefined {
  const text = input['CopySource'];
  if (typeof text !== 'string') return undefined;
  const parsed = parseCopySource(text);
  if (!parsed || parsed.bucket === '' || parsed.key === '')
    throw invalidArgument(
      HEADER,
      text,
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
    );
  const { bucket: name, key, versionId } = parsed;
  const accessPoint = findAccessPoint(name, store);
  const bucket = store.buckets.get(accessPoint?.bucket ?? name);
  if (!bucket) throw noSuchBucket(name);
  const expected = input['ExpectedSourceBucketOwner'];
  if (expected !== undefined && expected !== bucket.account)
    throw new AwsError('AccessDenied', 'Access Denied');
  // An alias stands for its access point, by whose ARN the decision knows it.
  if (accessPoint)
    input['CopySource'] =
      `${accessPointArn(accessPoint)}/object/${encodePercent(key)}${versionId === undefined ? '' : `?versionId=${versionId}`}`;
  return {
    bucket,
    key,
    ...(accessPoint && { accessPoint }),
    ...(versionId !== undefined && { versionId }),
  };
}
