import { parseCopySource } from '@crossbucket/policy';
import { AwsError } from '../../wire/errors.ts';
import { loadModel } from '../../wire/model.ts';
import { S3Router } from '../../wire/s3-router.ts';
import { accessPointArn } from '../../store/arns.ts';
import type { BucketRecord } from '../../store/records.ts';
import { handlersOf, type Handler, type HandlersOf, type LoadedService, type Survey } from '../service.ts';
import { archiveHandlers } from './archive.ts';
import { bucketEncryptionHandlers } from './bucket-encryption.ts';
import { bucketHandlers } from './buckets.ts';
import { bucketPolicyHandlers } from './bucket-policy.ts';
import { findAccessPoint } from './access-points.ts';
import { configurationHandlers } from './configuration/handlers.ts';
import { deleteObjectHandlers } from './delete-object.ts';
import { deleteObjectsHandlers } from './delete-objects.ts';
import { aclHandlers } from './acl-handlers.ts';
import { allAccessDisabled, noSuchBucket } from './errors.ts';
import { getObjectHandlers } from './get-object.ts';
import { requireKeyLength } from './key-length.ts';
import { listObjectsHandlers } from './list-objects.ts';
import { listVersionsHandlers } from './list-versions.ts';
import { lifecycleOf } from './lifecycle/due.ts';
import { lifecycleHandlers } from './lifecycle/handlers.ts';
import { bucketLockHandlers } from './lock/bucket-lock.ts';
import { objectLockHandlers } from './lock/object-lock.ts';
import { model } from './model.data.ts';
import { multipartHandlers } from './multipart/handlers.ts';
import { objectAttributesHandlers } from './object-attributes.ts';
import { objectTaggingHandlers } from './object-tagging.ts';
import { objectFacts, uploadFacts } from './object-facts.ts';
import { ownershipHandlers } from './ownership.ts';
import { publicAccessHandlers } from './public-access.ts';
import { chargeOf, requestPaymentHandlers } from './request-payment.ts';
import { putObjectHandlers } from './put-object.ts';
import { keysOf } from './sse/survey-keys.ts';
import { copyObjectHandlers } from './copies/copy-object.ts';
import { surveySource } from './copies/survey-source.ts';
import { surveyedObject, surveyedUpload } from './surveyed.ts';
import { versioningHandlers } from './versioning.ts';

const s3Model = loadModel(model);

export const s3: LoadedService = {
  model: s3Model,
  router: new S3Router(s3Model),
  handlers: withCharges({
    ...bucketHandlers,
    ...bucketPolicyHandlers,
    ...publicAccessHandlers,
    ...ownershipHandlers,
    ...aclHandlers,
    ...requestPaymentHandlers,
    ...bucketEncryptionHandlers,
    ...getObjectHandlers,
    ...putObjectHandlers,
    ...deleteObjectHandlers,
    ...deleteObjectsHandlers,
    ...listObjectsHandlers,
    ...listVersionsHandlers,
    ...versioningHandlers,
    ...multipartHandlers,
    ...bucketLockHandlers,
    ...objectLockHandlers,
    ...copyObjectHandlers,
    ...lifecycleHandlers,
    ...configurationHandlers,
    ...objectAttributesHandlers,
    ...objectTaggingHandlers,
    ...archiveHandlers,
  }),
  survey,
  // Each object of it has a decision of its own.
  decidedByHandler: new Set(['DeleteObjects']),
  isData: (operation) => BUCKET_DATA_EVENTS.has(operation) || operation.includes('Object'),
};

function withCharges(
  handlers: HandlersOf<typeof import('@aws-sdk/client-s3')>,
): ReadonlyMap<string, Handler> {
  return new Map(
    [...handlersOf(handlers)].map(([operation, handle]) => [
      operation,
      (input, call) => {
        const output = handle(input, call);
        const charge = chargeOf(input, call);
        if (!charge) return output;
        return output instanceof Promise
          ? output.then((its) => ({ ...its, ...charge }))
          : { ...output, ...charge };
      },
    ]),
  );
}

/** Calls on a bucket that CloudTrail counts among data events. https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html */
const BUCKET_DATA_EVENTS = new Set([
  'AbortMultipartUpload',
  'CompleteMultipartUpload',
  'CreateMultipartUpload',
  'HeadBucket',
  'ListMultipartUploads',
  'ListParts',
  'UploadPart',
  'UploadPartCopy',
]);

/** Finds the bucket and object of a call. What is not there is refused before anything is decided, as S3 does. */
function survey(
  operation: string,
  input: Record<string, unknown>,
  context: Parameters<LoadedService['survey']>[2],
): Survey | Promise<Survey> {
  const name = input['Bucket'] as string | undefined;
  if (name === undefined) return {};
  const accessPoint = findAccessPoint(name, context.store);
  // The decision is about the access point, the handler about its bucket.
  if (accessPoint) input['Bucket'] = accessPointArn(accessPoint);
  const bucket = context.store.buckets.get(accessPoint?.bucket ?? name);
  if (operation === 'CreateBucket')
    return { resources: [bucketResource({ name: bucket?.name ?? name, account: context.caller.account })] };
  if (!bucket) throw noSuchBucket(name);
  if (context.store.accounts.get(bucket.account)?.closed !== undefined) throw allAccessDisabled();
  requireRegion(operation, bucket, context);
  if (input['ExpectedBucketOwner'] !== undefined && input['ExpectedBucketOwner'] !== bucket.account)
    throw new AwsError('AccessDenied', 'Access Denied');
  const lifecycle = lifecycleOf([bucket, sourceOf(input, context)], context.store, context.clock);
  const find = (its: BucketRecord) => surveyObject(operation, input, { bucket: its, accessPoint }, context);
  // While the rules were applied, the bucket may have changed.
  return lifecycle ? lifecycle.then(() => find(requireBucket(bucket.name, context))) : find(bucket);
}

/** The bucket that a copy reads from, if it is there. */
function sourceOf(
  { CopySource: text }: Record<string, unknown>,
  { store }: Parameters<LoadedService['survey']>[2],
): BucketRecord | undefined {
  const source = typeof text === 'string' ? parseCopySource(text) : undefined;
  if (!source) return undefined;
  return store.buckets.get(findAccessPoint(source.bucket, store)?.bucket ?? source.bucket);
}

function requireBucket(name: string, { store }: Parameters<LoadedService['survey']>[2]): BucketRecord {
  const bucket = store.buckets.get(name);
  if (bucket) return bucket;
  throw noSuchBucket(name);
}

type Resource = NonNullable<Survey['resources']>[number];

const bucketResources = new WeakMap<BucketRecord, Resource>();

/** One for all calls of a bucket, as the trail keeps those of thousands: a record never changes in place. */
function resourceOf(bucket: BucketRecord): Resource {
  let resource = bucketResources.get(bucket);
  if (!resource) bucketResources.set(bucket, (resource = bucketResource(bucket)));
  return resource;
}

const bucketResource = ({ name, account }: Pick<BucketRecord, 'name' | 'account'>): Resource => ({
  type: 'AWS::S3::Bucket',
  arn: `arn:aws:s3:::${name}`,
  account,
});

/** Finds the objects of a call, and what is told of them. */
function surveyObject(
  operation: string,
  input: Record<string, unknown>,
  { bucket, accessPoint }: Pick<Survey, 'accessPoint'> & Required<Pick<Survey, 'bucket'>>,
  context: Parameters<LoadedService['survey']>[2],
): Survey {
  const key = input['Key'] as string | undefined;
  const through = accessPoint && { accessPoint };
  if (key === undefined) return { bucket, ...through, resources: [resourceOf(bucket)] };
  requireKeyLength(key);
  const source = surveySource(input, context);
  const read = source && surveyedObject(source.bucket, source.key, source.versionId, context.store);
  const upload = surveyedUpload(bucket, key, input['UploadId'], context.store);
  const record = upload ? undefined : surveyedObject(bucket, key, input['VersionId'], context.store);
  const keys = keysOf(operation, input, { bucket, record: upload ?? record, source: read }, context);
  const object = { type: 'AWS::S3::Object', arn: `arn:aws:s3:::${bucket.name}/${key}` };
  const found: Survey = { bucket, resources: [object, resourceOf(bucket)] };
  if (accessPoint) found.accessPoint = accessPoint;
  if (source) found.source = source;
  if (upload) found.upload = upload;
  if (record) found.object = record;
  if (keys.length > 0) found.keys = keys;
  if (upload || record || read)
    found.facts = {
      ...(upload && { object: uploadFacts(upload) }),
      ...(record && { object: objectFacts(record) }),
      ...(read && { copySource: objectFacts(read) }),
    };
  return found;
}

/** A request for a bucket of another region is sent there. https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html */
function requireRegion(
  operation: string,
  bucket: { name: string; region: string },
  context: Parameters<LoadedService['survey']>[2],
): void {
  if (context.caller.kind === 'anonymous' || bucket.region === context.region) return;
  if (operation === 'GetBucketLocation') return;
  throw new AwsError(
    'PermanentRedirect',
    'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.',
    {
      fields: { Bucket: bucket.name, Endpoint: `${bucket.name}.s3.${bucket.region}.amazonaws.com` },
      headers: { 'x-amz-bucket-region': bucket.region },
    },
  );
}
