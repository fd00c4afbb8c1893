import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { CATALOG_SERVICES, actionsMatching, findAction, findService, nearestAction } from './catalog.ts';
import { CATALOG_SOURCE } from './catalog/global.data.ts';
import { CATALOG_SOURCE as exported } from './index.ts';

const names = (pattern: string) => actionsMatching(pattern).map(({ name }) => name);

test('an action tells what it acts on, how, and its condition keys', () => {
  const get = findAction('S3:getobject');
  expect(get).toMatchObject({ name: 's3:GetObject', service: 's3', access: 'read' });
  expect(get?.resources).toEqual([
    {
      name: 'accesspointobject',
      arn: expect.stringContaining(':accesspoint/{AccessPointName}/object/{ObjectName+}'),
    },
    { name: 'object', arn: 'arn:{Partition}:s3:::{BucketName}/{ObjectName+}' },
  ]);
  expect(get?.keys).toContainEqual({ name: 's3:ExistingObjectTag/*', type: 'string', multivalued: false });
  expect(get?.keys.map(({ name }) => name)).not.toContain('s3:prefix');
  expect(findAction('s3:ListBucket')?.keys.map(({ name }) => name)).toContain('s3:prefix');
  expect(findAction('s3:ListAllMyBuckets')).toMatchObject({ access: 'list', resources: [] });
  expect(findAction('s3:PutBucketPolicy')?.access).toBe('permissions-management');
  expect(findAction('kms:ReEncryptFrom')?.keys).toContainEqual(
    expect.objectContaining({ name: 'kms:EncryptionContextKeys', multivalued: true }),
  );
  expect(findAction('s3:HeadObject')).toBeUndefined();
  expect(findAction('ec2:RunInstances')).toBeUndefined();
  expect(findAction('__proto__:constructor')).toBeUndefined();
});

test.each([
  ['s3:GetObjcet', 's3:GetObject'],
  ['s3:HeadObject', 's3:GetObject'],
  ['s3:ListObjects', undefined],
  ['sts:AsumeRole', 'sts:AssumeRole'],
  ['kms:GenerateDatKey', 'kms:GenerateDataKey'],
  ['s3:Bake', undefined],
  ['nope:GetObject', undefined],
])('the action nearest to %s is %s', (typo, action) => {
  expect(nearestAction(typo)).toBe(action);
});

test('patterns cover what they match, in any case', () => {
  expect(names('s3:getobjecttag*')).toEqual(['s3:GetObjectTagging']);
  expect(names('s3:?etObject')).toEqual(['s3:GetObject']);
  expect(names('sts:GetCallerIdentity')).toEqual(['sts:GetCallerIdentity']);
  expect(names('s*:?et*rIdentity')).toEqual(['sts:GetCallerIdentity']);
  expect(names('*')).toHaveLength(CATALOG_SERVICES.reduce((sum, s) => sum + findService(s)!.actions.size, 0));
  expect(names(`s3:${'*a'.repeat(5000)}*`)).toEqual([]);
});

test('what is checked in is what the data package says', () => {
  execFileSync(process.execPath, ['scripts/generate-catalog.mjs', '--check']);
  expect(CATALOG_SOURCE.updated).toMatch(/^\d{4}-\d\d-\d\d$/);
  expect(exported).toBe(CATALOG_SOURCE);
});
