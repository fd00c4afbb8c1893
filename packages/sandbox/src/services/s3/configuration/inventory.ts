import type { InventoryConfiguration } from '@aws-sdk/client-s3';
import type { HandlersOf } from '../../service.ts';
import { deleteById, getById, listById, putById } from './by-id.ts';
import { invalidArgument } from '../errors.ts';
import { requireOneOf } from './filters.ts';

export const inventoryHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  PutBucketInventoryConfiguration(input, call) {
    putById(call, 'inventory', input, input.InventoryConfiguration, requireInventory);
    return {};
  },

  GetBucketInventoryConfiguration(input, call) {
    return { InventoryConfiguration: getById<InventoryConfiguration>(call, 'inventory', input) };
  },

  ListBucketInventoryConfigurations(input, call) {
    const { configurations, page } = listById<InventoryConfiguration>(call, 'inventory', input);
    return { ...page, InventoryConfigurationList: configurations };
  },

  DeleteBucketInventoryConfiguration(input, call) {
    deleteById(call, 'inventory', input);
    return {};
  },
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_InventoryConfiguration.html */
function requireInventory(inventory: InventoryConfiguration): void {
  const { Destination: destination, Schedule: schedule, IncludedObjectVersions: versions } = inventory;
  requireOneOf(destination?.S3BucketDestination?.Format, ['CSV', 'ORC', 'Parquet']);
  requireOneOf(schedule?.Frequency, ['Daily', 'Weekly']);
  requireOneOf(versions, ['All', 'Current']);
  for (const field of inventory.OptionalFields ?? []) requireOneOf(field, FIELDS);
  const bucket = destination!.S3BucketDestination!.Bucket;
  if (!/^arn:aws[a-z-]*:s3:::[a-z0-9.-]+$/.test(bucket ?? ''))
    throw invalidArgument('Bucket', bucket ?? '', 'Invalid bucket ARN.');
}

const FIELDS = [
  'Size',
  'LastModifiedDate',
  'StorageClass',
  'ETag',
  'IsMultipartUploaded',
  'ReplicationStatus',
  'EncryptionStatus',
  'ObjectLockRetainUntilDate',
  'ObjectLockMode',
  'ObjectLockLegalHoldStatus',
  'IntelligentTieringAccessTier',
  'BucketKeyStatus',
  'ChecksumAlgorithm',
  'ObjectAccessControlList',
  'ObjectOwner',
  'LifecycleExpirationDate',
];
