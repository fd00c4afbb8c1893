import { describe, expect, test } from 'vitest';
import { effectiveSetting, readS3Policy } from './s3-policies.ts';

const policy = (configuration: unknown, more: object = {}) =>
  JSON.stringify({ s3_attributes: { public_access_block_configuration: configuration }, ...more });
const CLOSED = { '@@operators_allowed_for_child_policies': ['@@none'] };

describe('the text of an S3 policy', () => {
  test.each([
    [policy({ '@@assign': 'all' }), { assigned: 'all', childrenMayAssign: true }],
    [policy({ '@@assign': 'none', ...CLOSED }), { assigned: 'none', childrenMayAssign: false }],
    [policy({ '@@assign': 'all' }, CLOSED), { assigned: 'all', childrenMayAssign: false }],
    [policy(CLOSED), { childrenMayAssign: false }],
    [
      policy({ '@@assign': 'all', '@@operators_allowed_for_child_policies': ['@@append', '@@assign'] }),
      { assigned: 'all', childrenMayAssign: true },
    ],
  ])('%s', (text, read) => expect(readS3Policy(text)).toEqual(read));

  test.each([
    ['{', 'it is not JSON'],
    ['[]', 'the policy is an object with `s3_attributes`'],
    ['{}', 'the policy lacks `s3_attributes`'],
    ['{"Version":"2012-10-17","Statement":[]}', 'the policy does not take `Version`'],
    ['{"s3_attributes":{}}', '`s3_attributes` lacks `public_access_block_configuration`'],
    [policy('all'), '`public_access_block_configuration` is an object with `@@assign`'],
    [policy({}), '`public_access_block_configuration` lacks `@@assign`'],
    [policy({ '@@assign': 'some' }), '`@@assign` is `"all"` or `"none"`'],
    [policy({ '@@assign': ['all'] }), '`@@assign` is `"all"` or `"none"`'],
    [policy({ '@@append': ['all'] }), '`public_access_block_configuration` does not take `@@append`'],
    [
      policy({ '@@assign': 'all', '@@operators_allowed_for_child_policies': '@@none' }),
      '`@@operators_allowed_for_child_policies` is a list of operators, `"@@all"` or `"@@none"`',
    ],
    [`${policy({ '@@assign': 'all' })}${' '.repeat(10_000)}`, 'an S3 policy has at most 10000 characters'],
  ])('%s: %s', (text, problem) => expect(() => readS3Policy(text)).toThrow(problem));
});

describe('what the levels above an account come to', () => {
  const says = (assigned?: 'all' | 'none', childrenMayAssign = true) => ({
    ...(assigned && { assigned }),
    childrenMayAssign,
  });
  test.each([
    ['nothing, where none says anything', [[], [], []], undefined],
    ['what the root says, where none says more', [[says('all')], [], []], 'all'],
    ['what the nearest says', [[says('all')], [says('none')], []], 'none'],
    ['what the account says, last of all', [[says('none')], [says('none')], [says('all')]], 'all'],
    ['what the root says, where it closes itself', [[says('all', false)], [says('none')], []], 'all'],
    [
      'what stood above, where a level closes without a word',
      [[says('none')], [says(undefined, false)], [says('all')]],
      'none',
    ],
    ['nothing, where the root closes without a word', [[says(undefined, false)], [says('all')]], undefined],
    ['the first of two at one level', [[says('none'), says('all')], []], 'none'],
  ] as const)('is %s', (_, levels, effective) => expect(effectiveSetting(levels)).toBe(effective));
});
