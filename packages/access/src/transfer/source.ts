import type { BucketConnection } from '../s3/bucket-connection.ts';
import { headObject } from '../s3/head-object.ts';
import type { ObjectAnswer, ObjectFacts, ReadSettings } from '../s3/object-calls.ts';
import { openCalls } from '../s3/open-calls.ts';
import type { Source } from './receive.ts';
import type { Run } from './run.ts';
import { locationOf } from './upload-subject.ts';
import { checkOf, isComposite, type Check } from './verify.ts';

/** An object to read. */
export interface Subject {
  connection: BucketConnection;
  key: string;
  versionId?: string;
  settings?: ReadSettings;
}

/** Asks for the whole object: the head of the answer says what it is, and its body begins with the first part. */
export async function openSource(
  subject: Subject,
  { signal }: Run,
): Promise<{ source: Source; answer: ObjectAnswer }> {
  const { connection, key, versionId, settings } = subject;
  const calls = openCalls(connection);
  const answer = await calls.get({ key, versionId, settings, signal });
  const source: Source = {
    calls,
    location: locationOf(subject),
    key,
    versionId: versionId ?? answer.versionId,
    etag: answer.etag,
    settings,
    signal,
  };
  return { source, answer };
}

/** How an object's bytes can be checked, and where the parts begin of which S3 keeps a digest. */
export interface Checking {
  check: Check;
  /** Of a composite digest. */
  partSize?: number;
}

/** A composite whose parts are not all of one size cannot be checked. */
export async function findChecking(subject: Subject, facts: ObjectFacts, run: Run): Promise<Checking> {
  const check = checkOf(facts);
  if (!isComposite(check)) return { check };
  const count = Number(check!.expected.split('-')[1]);
  const { connection, key, versionId, settings } = subject;
  const { ContentLength: partSize = 0, ETag } = await headObject(
    connection,
    { ...settings, ...connection.target, Key: key, VersionId: versionId ?? facts.versionId, PartNumber: 1 },
    run.signal,
  );
  const regular = partSize > 0 && Math.ceil(facts.size / partSize) === count && ETag === facts.etag;
  return regular ? { check, partSize } : { check: undefined };
}
