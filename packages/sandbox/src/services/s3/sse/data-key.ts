import { createHmac } from 'node:crypto';
import { fewRandomBytes } from '../../../random.ts';
import { Recent } from '../../../recent.ts';
import type { PutObjectCommandInput } from '@aws-sdk/client-s3';
import type { BucketRecord, KeyRecord, ObjectEncryptionRecord } from '../../../store/records.ts';
import type { Store } from '../../../store/store.ts';
import { AwsError } from '../../../wire/errors.ts';
import type { Call } from '../../service.ts';
import { open, seal } from '../../kms/ciphertext.ts';
import { keyArnOf } from '../../kms/find-key.ts';
import { keep } from '../../kms/managed-key.ts';
import { readCustomerKey } from './customer-key.ts';
import { readContext, requireConsistent } from './headers.ts';
import { requireSecure } from './secure-connection.ts';
import { findWriteKey, writeEncryption } from './write-key.ts';

/** The encryption of a new object: what is kept of it, and what only this request knows. */
export interface NewEncryption {
  record: ObjectEncryptionRecord;
  /** 32 bytes. */
  dataKey: Buffer;
  /** What the answer says. */
  headers: ReturnType<typeof encryptionHeaders>;
}

/** What a write may say of its encryption. */
export type EncryptionInput = Pick<
  PutObjectCommandInput,
  | 'Key'
  | 'ServerSideEncryption'
  | 'SSEKMSKeyId'
  | 'SSEKMSEncryptionContext'
  | 'BucketKeyEnabled'
  | 'SSECustomerAlgorithm'
  | 'SSECustomerKey'
  | 'SSECustomerKeyMD5'
>;

/**
 * Chooses the encryption of a write, and makes its data key: under the key of the service, of KMS or of the request.
 * That the caller may use the key of KMS has been decided.
 */
export function encryptNew(input: EncryptionInput, call: Call): NewEncryption {
  const bucket = call.survey.bucket!;
  const place = { bucket, key: input.Key! };
  requireConsistent(input, call.caller);
  const customer = readCustomerKey(input);
  const dataKey = fewRandomBytes(32);
  if (customer) {
    requireSecure('customer', call);
    if (bucket.encryption?.blocksCustomerKeys ?? true) throw customerKeysBlocked();
    const wrapped = seal({ arn: CUSTOMER, material: customer.material }, dataKey, contextOf(place));
    const record = { algorithm: 'customer', dataKey: wrapped.toString('base64') } as const;
    return { record, dataKey, headers: customer.headers };
  }
  const { algorithm, bucketKey, key: name } = writeEncryption(input, bucket)!;
  requireSecure(algorithm, call);
  if (algorithm === 'AES256') {
    const wrapped = seal(serviceKey(call.store), dataKey, contextOf(place));
    const record = { algorithm, dataKey: wrapped.toString('base64') } as const;
    return { record, dataKey, headers: encryptionHeaders(record) };
  }
  const context = readContext(input.SSEKMSEncryptionContext);
  const scope = scopeOf(call);
  const found = findWriteKey(input, bucket, scope);
  // A key that is not there was refused with the decision. An alias is something by itself.
  if (!found) throw new AwsError('KMS.NotFoundException', `Alias ${keyArnOf(name!, scope)} is not found.`);
  const key = keep(call.store, found);
  const unsealed = { algorithm, key: key.arn, ...(bucketKey && { bucketKey }), ...(context && { context }) };
  const wrapped = seal(key, dataKey, kmsContext(unsealed, place));
  const record = { ...unsealed, dataKey: wrapped.toString('base64') };
  return { record, dataKey, headers: encryptionHeaders(record) };
}

/** What a data key is for: it is sealed with this, so that it opens for nothing else. */
interface Place {
  bucket: Pick<BucketRecord, 'id' | 'name'>;
  key: string;
}

/**
 * The data key of an object that is there.
 * @param place Where that is, unless it is what the call is about.
 * @throws AwsError where the request does not bring the key that it needs, or brings one that is not.
 */
export function openDataKey(
  encryption: ObjectEncryptionRecord,
  input: { Key?: string | undefined } & Parameters<typeof readCustomerKey>[0],
  call: Call,
  place: Place = { bucket: call.survey.bucket!, key: input.Key! },
): Buffer {
  if (encryption.algorithm === 'AES256') return openUnderServiceKey(encryption.dataKey, place, call.store);
  requireSecure(encryption.algorithm, call);
  const sealed = Buffer.from(encryption.dataKey, 'base64');
  switch (encryption.algorithm) {
    case 'customer': {
      const material = readCustomerKey(input)!.material;
      const opened = open({ arn: CUSTOMER, material }, sealed, contextOf(place));
      if (!opened) throw new AwsError('AccessDenied', 'Access Denied');
      return opened;
    }
    default: {
      const key = call.survey.keys!.find(({ arn }) => arn === encryption.key)!;
      return intact(open(key, sealed, kmsContext(encryption, place)));
    }
  }
}

/** Of the objects that were read last: by what is sealed, and what it was sealed for. */
const opened = new Recent<Buffer>(1024);

function openUnderServiceKey(sealed: string, place: Place, store: Store): Buffer {
  const name = `${sealed} ${place.bucket.id} ${place.key}`;
  const known = opened.get(name);
  if (known) return known;
  const dataKey = intact(open(serviceKey(store), Buffer.from(sealed, 'base64'), contextOf(place)));
  opened.set(name, dataKey);
  return dataKey;
}

/**
 * The key of SSE-C comes with each request for the object, and with none for any other.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
 */
export function requireFitting(
  encryption: ObjectEncryptionRecord | undefined,
  input: Parameters<typeof readCustomerKey>[0],
): void {
  const customer = readCustomerKey(input);
  if (encryption?.algorithm === 'customer' && !customer)
    throw new AwsError(
      'InvalidRequest',
      'The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.',
    );
  if (encryption?.algorithm !== 'customer' && customer)
    throw new AwsError('InvalidRequest', 'The encryption parameters are not applicable to this object.');
}

/** What answers say of an object's encryption. */
export function encryptionHeaders(encryption: ObjectEncryptionRecord | undefined) {
  const { algorithm = 'AES256', key, bucketKey } = encryption ?? {};
  if (algorithm === 'customer') return {};
  return {
    ServerSideEncryption: algorithm,
    ...(key !== undefined && { SSEKMSKeyId: key }),
    ...(bucketKey && { BucketKeyEnabled: true }),
  };
}

const CUSTOMER = 'customer';

const serviceKeys = new WeakMap<Store, Pick<KeyRecord, 'arn' | 'material'>>();

/** The key of SSE-S3, which S3 manages for everybody. */
function serviceKey(store: Store): Pick<KeyRecord, 'arn' | 'material'> {
  let key = serviceKeys.get(store);
  if (!key) {
    const material = createHmac('sha256', store.sessionKey).update('key of SSE-S3').digest('base64');
    serviceKeys.set(store, (key = { arn: 's3', material }));
  }
  return key;
}

/** A data key is of one object of one bucket, even of those of the same name. */
const contextOf = ({ bucket, key }: Place): Record<string, string> => ({ [bucket.id]: key });

/**
 * What KMS gets to see: the object's ARN, or the bucket's where a Bucket Key stands between.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
 */
function kmsContext(
  { bucketKey, context }: Pick<ObjectEncryptionRecord, 'bucketKey' | 'context'>,
  { bucket, key }: Place,
): Record<string, string> {
  const arn = `arn:aws:s3:::${bucket.name}`;
  return { ...context, 'aws:s3:arn': bucketKey ? arn : `${arn}/${key}` };
}

function scopeOf({ store, caller, region, clock }: Call) {
  return { store, account: caller.account, region, now: clock.now() };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/blocking-unblocking-s3-c-encryption-gpb.html */
const customerKeysBlocked = (): AwsError => new AwsError('AccessDenied', 'Access Denied');

function intact(dataKey: Buffer | undefined): Buffer {
  if (dataKey) return dataKey;
  throw new AwsError('InternalError', 'the data key of an object does not open under the key that it names');
}
