import { expect, test } from 'vitest';
import { parseAccessDenied } from './access-denied.ts';

test('reads a missing allow', () => {
  expect(
    parseAccessDenied(
      'User: arn:aws:iam::111111111111:user/app is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::b/a file.csv" because no identity-based policy allows the s3:GetObject action',
    ),
  ).toMatchObject({
    form: 'full',
    principal: 'arn:aws:iam::111111111111:user/app',
    action: 's3:GetObject',
    resource: 'arn:aws:s3:::b/a file.csv',
    reason: { kind: 'missing-allow', layer: 'identity-policy', cause: 'identity-policy-missing-allow' },
  });
});

test('reads the bare message and the bodiless answer to a HEAD', () => {
  expect(parseAccessDenied('Access Denied')).toEqual({ message: 'Access Denied', form: 'bare' });
  expect(
    parseAccessDenied({ name: '403', $metadata: { httpStatusCode: 403 }, message: 'UnknownError' }),
  ).toMatchObject({ form: 'bare' });
  expect(parseAccessDenied(new Error('no such bucket'))).toBeUndefined();
});
