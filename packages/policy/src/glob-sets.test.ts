import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { covers, globOf, globOfArn, overlaps } from './glob-sets.ts';

const OBJECT = globOfArn('arn:{Partition}:s3:::{BucketName}/{ObjectName+}');
const BUCKET = globOfArn('arn:{Partition}:s3:::{BucketName}');

test.each([
  ['arn:aws:s3:::b', true, false],
  ['arn:aws:s3:::b/*', false, true],
  ['arn:aws:s3:::b*', true, true],
  ['arn:aws:s3:::*', true, true],
  ['*', true, true],
  ['arn:aws:s3:::b/', false, false],
  ['arn:aws:s3:::?', true, false],
  ['arn:aws:sqs:*', false, false],
])('%s can be a bucket: %s, an object: %s', (pattern, bucket, object) => {
  expect(overlaps(globOf(pattern), BUCKET)).toBe(bucket);
  expect(overlaps(OBJECT, globOf(pattern))).toBe(object);
});

const globs = fc
  .array(fc.constantFrom('a', 'b', '*', '?'), { maxLength: 6 })
  .map((letters) => letters.join(''));
const words = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 6 }).map((letters) => letters.join(''));

const matches = (glob: string, word: string) =>
  new RegExp(`^${glob.replaceAll('?', '.').replaceAll('*', '.*')}$`).test(word);

test('a word that two globs match is an overlap, and a cover matches what the covered one does', () => {
  fc.assert(
    fc.property(globs, globs, words, (a, b, word) => {
      const both = matches(a, word) && matches(b, word);
      if (both) expect(overlaps(globOf(a), globOf(b))).toBe(true);
      if (covers(globOf(a), globOf(b)) && matches(b, word)) expect(matches(a, word)).toBe(true);
      expect(overlaps(globOf(a), [...word])).toBe(matches(a, word));
      expect(covers(globOf(a), [...word])).toBe(matches(a, word));
    }),
    { numRuns: 3000 },
  );
});
