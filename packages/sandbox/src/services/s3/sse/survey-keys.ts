import type { BucketRecord, KeyRecord, ObjectEncryptionRecord } from '../../../store/records.ts';
import type { LoadedService } from '../../service.ts';
import { findKey, type KeyScope } from '../../kms/find-key.ts';
import { findWriteKey } from './write-key.ts';

/** Operations that make an object, or begin to. */
const WRITES = new Set(['PutObject', 'CopyObject', 'CreateMultipartUpload']);

/** What is encrypted, as an object and an upload are. */
interface Encrypted {
  encryption?: ObjectEncryptionRecord;
}

const NONE: KeyRecord[] = [];

/** The keys of KMS that a call on an object uses: the object's or upload's, its source's, and the one for what is written. */
export function keysOf(
  operation: string,
  input: Record<string, unknown>,
  {
    bucket,
    record,
    source,
  }: { bucket: BucketRecord; record: Encrypted | undefined; source: Encrypted | undefined },
  { store, caller, region, clock }: Parameters<LoadedService['survey']>[2],
): KeyRecord[] {
  const writes = WRITES.has(operation);
  if (!writes && record?.encryption?.key === undefined && source?.encryption?.key === undefined) return NONE;
  const scope: KeyScope = { store, account: caller.account, region, now: clock.now() };
  const arns = [record?.encryption?.key, source?.encryption?.key].filter((arn) => arn !== undefined);
  const keys = arns.flatMap((arn) => findKey(arn, scope) ?? []);
  const written = writes ? findWriteKey(input, bucket, scope) : undefined;
  return written ? [...keys, written] : keys;
}
