import type { AdvancedEventSelector, AdvancedFieldSelector, EventSelector } from '@aws-sdk/client-cloudtrail';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TrailSelectors } from '../changes/index.ts';
import { withBuckets } from './selectors.ts';

const bucket = fc.constantFrom('acme', 'acme-raw', 'other').map((name) => `arn:aws:s3:::${name}/`);
const wanted = fc.uniqueArray(bucket, { minLength: 1, maxLength: 3 });
const starts = fc.uniqueArray(
  fc.constantFrom('arn:aws:s3:::', 'arn:aws:s3:::acme/', 'arn:aws:s3:::acme/in/'),
  { minLength: 1 },
);

const field: fc.Arbitrary<AdvancedFieldSelector> = fc.oneof(
  fc.record({ Field: fc.constant('readOnly'), Equals: fc.boolean().map((value) => [String(value)]) }),
  fc.record({ Field: fc.constant('eventName'), NotEquals: fc.constant<string[]>(['HeadObject']) }),
  fc.record({ Field: fc.constant('resources.ARN'), StartsWith: starts }),
  fc.record({ Field: fc.constant('resources.ARN'), NotStartsWith: starts }),
);
const advancedSelector: fc.Arbitrary<AdvancedEventSelector> = fc
  .tuple(
    fc.constantFrom('Management', 'Data'),
    fc.constantFrom('AWS::S3::Object', 'AWS::Lambda::Function'),
    fc.uniqueArray(field, { maxLength: 2, selector: ({ Field }) => Field }),
  )
  .map(([category, type, fields]) => ({
    Name: 'theirs',
    FieldSelectors: [
      { Field: 'eventCategory', Equals: [category] },
      ...(category === 'Data'
        ? [{ Field: 'resources.type', Equals: [type] }, ...fields]
        : fields.slice(0, 1)),
    ],
  }));
const basicSelector: fc.Arbitrary<EventSelector> = fc.record({
  ReadWriteType: fc.constantFrom('All' as const, 'ReadOnly' as const, 'WriteOnly' as const),
  IncludeManagementEvents: fc.boolean(),
  DataResources: starts.map((Values) => [{ Type: 'AWS::S3::Object', Values }]),
  ExcludeManagementEventSources: fc.constant<string[]>([]),
});
const selectors: fc.Arbitrary<TrailSelectors> = fc.oneof(
  fc.array(advancedSelector, { maxLength: 4 }).map((advanced) => ({ advanced })),
  fc.array(basicSelector, { minLength: 1, maxLength: 5 }).map((basic) => ({ basic })),
);

const listOf = (of: TrailSelectors): readonly unknown[] => ('basic' in of ? of.basic : of.advanced);

/** Whether any of them takes a call of an object, by AWS's description of fields alone. */
function logs(of: TrailSelectors, arn: string, readOnly: boolean, eventName: string): boolean {
  if ('basic' in of)
    return of.basic.some(
      ({ ReadWriteType, DataResources = [] }) =>
        (ReadWriteType === 'All' || (ReadWriteType === 'ReadOnly') === readOnly) &&
        DataResources.some(({ Values = [] }) => Values.some((start) => arn.startsWith(start))),
    );
  const values: Record<string, string> = {
    eventCategory: 'Data',
    'resources.type': 'AWS::S3::Object',
    'resources.ARN': arn,
    readOnly: String(readOnly),
    eventName,
  };
  return of.advanced.some(({ FieldSelectors = [] }) =>
    FieldSelectors.every(({ Field, Equals, NotEquals, StartsWith, NotStartsWith }) => {
      const value = values[Field!]!;
      return (
        Equals?.includes(value) !== false &&
        NotEquals?.includes(value) !== true &&
        StartsWith?.some((start) => value.startsWith(start)) !== false &&
        NotStartsWith?.some((start) => value.startsWith(start)) !== true
      );
    }),
  );
}

test('every call of the buckets is logged then, nothing else changes, and once is enough', () => {
  fc.assert(
    fc.property(selectors, wanted, (before, arns) => {
      const after = withBuckets(before, arns);
      if (after === undefined) {
        expect(listOf(before)).toHaveLength(5);
        return;
      }
      for (const arn of arns)
        for (const [readOnly, name] of [
          [true, 'GetObject'],
          [true, 'HeadObject'],
          [false, 'PutObject'],
        ] as const)
          expect(logs(after, `${arn}key`, readOnly, name)).toBe(true);
      // A bucket whose name only begins the same is none of ours.
      for (const arn of ['arn:aws:s3:::acmeother/key', 'arn:aws:s3:::elsewhere/key'])
        expect(logs(after, arn, true, 'GetObject')).toBe(logs(before, arn, true, 'GetObject'));
      const kept = listOf(before).filter((one) =>
        listOf(after).some((other) => JSON.stringify(other) === JSON.stringify(one)),
      );
      // One that logs objects alone, as ours do, may have grown.
      expect(listOf(before).length - kept.length).toBeLessThanOrEqual('basic' in before ? 1 : 0);
      expect(withBuckets(after, arns)).toEqual(after);
    }),
  );
});
