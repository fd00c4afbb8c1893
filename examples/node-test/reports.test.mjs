import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { CreateBucketCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { startFixture } from '@crossbucket/sandbox';

let aws;
before(async () => {
  aws = await startFixture({ accounts: ['111111111111', '222222222222'] });
  await aws
    .account('222222222222')
    .client(S3Client)
    .send(new CreateBucketCommand({ Bucket: 'acme-reports' }));
  await aws.keep();
});
beforeEach(() => aws.reset());
after(() => aws.close());

const buckets = async () => {
  const { Buckets } = await aws.account('222222222222').client(S3Client).send(new ListBucketsCommand({}));
  return Buckets.map(({ Name }) => Name);
};

test('each account has clients', async () => {
  const { Account } = await aws
    .account('111111111111')
    .client(STSClient)
    .send(new GetCallerIdentityCommand({}));
  assert.equal(Account, '111111111111');
});

test('what a test makes', async () => {
  await aws
    .account('222222222222')
    .client(S3Client)
    .send(new CreateBucketCommand({ Bucket: 'left-behind' }));
  assert.deepEqual(await buckets(), ['acme-reports', 'left-behind']);
});

test('is gone in the next', async () => {
  assert.deepEqual(await buckets(), ['acme-reports']);
});
