import type { ObjectRecord } from '../../store/records.ts';
import type { Call, HandlersOf } from '../service.ts';
import { malformedXml } from './errors.ts';
import { readTagSet } from './tags.ts';
import { requireObject, versionOf, type VersionInput } from './versions.ts';

export const objectTaggingHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  async PutObjectTagging(input, call) {
    const set = input.Tagging?.TagSet;
    if (!set) throw malformedXml();
    return setTags(readTagSet(set), input, call);
  },

  GetObjectTagging(input, call) {
    const record = requireObject(input, call);
    return {
      ...versionOf(record, call.survey.bucket!),
      TagSet: Object.entries(record.tags ?? {}).map(([Key, Value]) => ({ Key, Value })),
    };
  },

  DeleteObjectTagging(input, call) {
    return setTags(undefined, input, call);
  },
};

async function setTags(tags: ObjectRecord['tags'], input: VersionInput, call: Call) {
  const bucket = call.survey.bucket!;
  const { objects } = call.store;
  let version: { VersionId?: string } = {};
  await objects.exclusively(bucket.id, input.Key!, async () => {
    const found = requireObject(input, call);
    const { tags: _, ...record } = found;
    await objects.describe(bucket.id, input.Key!, { ...record, ...(tags && { tags }) });
    version = versionOf(found, bucket);
  });
  return version;
}
