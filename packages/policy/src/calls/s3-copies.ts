import type { ApiCall } from '../snapshot.ts';
import { textAt } from './input.ts';
import type { KeySource, Need } from './need.ts';
import { copySource } from './s3-resources.ts';

export const copyHeaders: KeySource = (call) => {
  const source = copySource(call);
  return {
    's3:x-amz-copy-source': source && `${source.bucket}/${source.key}`,
    's3:x-amz-metadata-directive': textAt(call.input, 'MetadataDirective'),
    's3:x-amz-object-annotation-directive': textAt(call.input, 'AnnotationDirective'),
  };
};

/** A copy takes the source's tags along unless it is told to replace them. */
export const copiesTags = ({ input, copySource }: ApiCall): boolean =>
  textAt(input, 'TaggingDirective') !== 'REPLACE' && Object.keys(copySource?.tags ?? {}).length > 0;

/** A need of the copy's source. */
export const ofSource = (need: Need): Need => ({ ...need, as: readOfSource });

/** A copy, as the call that gets its source. */
function readOfSource(call: ApiCall): ApiCall | undefined {
  const source = copySource(call);
  if (source === undefined) return undefined;
  const { object: _, bucketEncryption: __, copySource: object, ...rest } = call;
  const { bucket: Bucket, key: Key, versionId: VersionId } = source;
  return {
    ...rest,
    input: { Bucket, Key, ...(VersionId !== undefined && { VersionId }) },
    ...(object && { object }),
  };
}
