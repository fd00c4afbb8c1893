import { describe, expect, test } from 'vitest';
import type { AnswerRow } from '../engines/engine.ts';
import { grantUse } from './grant-use.ts';
import type { AuditedGrant } from './grant.ts';
import { shrinkGrant } from './shrink.ts';

const ROLE = 'arn:aws:iam::222222222222:role/reader';
const GRANT: AuditedGrant = {
  name: 'g',
  bucket: 'acme-reports',
  source: '111111111111',
  route: 'role',
  role: ROLE,
  principals: ['arn:aws:iam::111111111111:role/app'],
  access: {},
};

/** Calls as `used` answers them. */
const used = (action: string, key: string | null, more: AnswerRow = {}): AnswerRow => ({
  role: ROLE,
  bucket: 'acme-reports',
  action,
  object_key: key ?? '',
  list_prefix: '',
  request: null,
  user_principal: 'arn:aws:iam::111111111111:role/app',
  caller: 'arn:aws:sts::222222222222:assumed-role/reader/s',
  calls: 1,
  first_time: '2026-08-01T00:00:00Z',
  last_time: '2026-08-01T00:00:00Z',
  ...more,
});

function shrink(access: AuditedGrant['access'], ...rows: AnswerRow[]) {
  const grant = { ...GRANT, access };
  return shrinkGrant(grant, grantUse(grant, rows));
}

describe('what stays of an access', () => {
  test('a delete of many keeps `delete` as it is: nobody knows its keys', () => {
    const { access, removed } = shrink({ delete: ['tmp/*', 'old/*'] }, used('DeleteObjects', null));
    expect({ access, removed }).toEqual({ access: { delete: ['tmp/*', 'old/*'] }, removed: [] });
  });

  test('a copy within the bucket reads its source', () => {
    const copy = used('CopyObject', 'out/a', { request: '{"x-amz-copy-source":"acme-reports/in/a"}' });
    const { access } = shrink({ read: ['*'], write: ['*'] }, copy);
    expect(access).toEqual({ read: ['in/*'], write: ['out/*'] });
  });

  test('`multipart` stays where something was uploaded in parts, though nothing was aborted', () => {
    const { access } = shrink({ write: ['*'], multipart: true }, used('UploadPart', 'in/a'));
    expect(access).toEqual({ write: ['in/*'], multipart: true });
  });

  test('`versions` and `tagging` stay where they were needed', () => {
    const { access } = shrink(
      { read: ['*'], versions: true, tagging: true },
      used('GetObject', 'a/1', { request: '{"versionId":"v"}' }),
    );
    expect(access).toEqual({ read: ['a/*'], versions: true });
  });

  test('an action that a level gives as well is not needed twice', () => {
    const { access, removed } = shrink(
      { read: ['*'], actions: ['s3:GetObject', 's3:GetObjectAcl'] },
      used('GetObject', 'a/1'),
      used('GetObjectAcl', 'b/1'),
    );
    expect(access).toEqual({ read: ['a/*'], actions: ['s3:GetObjectAcl'], on: ['b/*'] });
    expect(removed).toContainEqual({ part: 'actions', value: 's3:GetObject', becomes: [] });
  });

  test('HeadBucket needs the listing of the whole bucket', () => {
    const { access } = shrink(
      { list: ['*'] },
      used('HeadBucket', null),
      used('ListObjects', null, { list_prefix: 'a/' }),
    );
    expect(access).toEqual({ list: ['*'] });
  });

  test('nothing where nothing was used', async () => {
    expect(shrink({ read: ['*'] }).access).toBeUndefined();
  });
});
