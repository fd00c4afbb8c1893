import type { LifecycleRule, Tag } from '@aws-sdk/client-s3';
import type { LifecycleFilterRecord, LifecycleRuleRecord } from '../../../store/records.ts';
import { AwsError } from '../../../wire/errors.ts';
import { malformedXml } from '../errors.ts';

type ReadFilter = Pick<LifecycleRuleRecord, 'filter' | 'written'>;

/**
 * Which objects a rule is for: a bare prefix, or a filter of at most one thing, or of several under `And`.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html
 */
export function readFilter({ Prefix: bare, Filter: filter }: LifecycleRule): ReadFilter {
  if ((bare === undefined) === (filter === undefined)) throw malformedXml();
  if (filter === undefined) return { written: 'Prefix', filter: { prefix: requirePrefix(bare!) } };
  const { And: and, Tag: tag, ...plain } = filter;
  if (Object.keys(filter).length > 1) throw malformedXml();
  if (and === undefined) {
    const tags = tag && [tag];
    return { written: 'Filter', filter: readPredicates({ ...plain, ...(tags && { Tags: tags }) }) };
  }
  const count = Object.keys(and).length + Math.max(0, (and.Tags?.length ?? 0) - 1);
  if (count < 2) throw malformedXml();
  return { written: 'And', filter: readPredicates(and) };
}

interface Predicates {
  Prefix?: string | undefined;
  Tags?: Tag[] | undefined;
  ObjectSizeGreaterThan?: number | undefined;
  ObjectSizeLessThan?: number | undefined;
}

function readPredicates(given: Predicates): LifecycleFilterRecord {
  const { Prefix: prefix, Tags: tags, ObjectSizeGreaterThan: larger, ObjectSizeLessThan: smaller } = given;
  requireSizes(larger, smaller);
  return {
    ...(prefix !== undefined && { prefix: requirePrefix(prefix) }),
    ...(tags && { tags: readTags(tags) }),
    ...(larger !== undefined && { largerThan: larger }),
    ...(smaller !== undefined && { smallerThan: smaller }),
  };
}

const LONGEST_PREFIX = 1024;

function requirePrefix(prefix: string): string {
  if (Buffer.byteLength(prefix) <= LONGEST_PREFIX) return prefix;
  throw new AwsError('InvalidRequest', `The maximum size of a prefix is ${LONGEST_PREFIX}.`);
}

function readTags(tags: Tag[]): Record<string, string> {
  const pairs = tags.map(({ Key = '', Value = '' }) => [Key, Value] as const);
  if (pairs.some(([key, value]) => key === '' || key.length > 128 || value.length > 256))
    throw malformedXml();
  if (new Set(pairs.map(([key]) => key)).size < pairs.length)
    throw new AwsError('InvalidRequest', 'Duplicate Tag Keys are not allowed.');
  return Object.fromEntries(pairs);
}

function requireSizes(larger: number | undefined, smaller: number | undefined): void {
  for (const size of [larger, smaller])
    if (size !== undefined && (!Number.isSafeInteger(size) || size < 0)) throw malformedXml();
  if (smaller === 0) throw new AwsError('InvalidRequest', "'ObjectSizeLessThan' must be greater than 0.");
  if (larger !== undefined && smaller !== undefined && smaller <= larger)
    throw new AwsError(
      'InvalidRequest',
      "'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'.",
    );
}
