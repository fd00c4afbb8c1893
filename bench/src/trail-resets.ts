import { CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SandboxFixture } from '../../packages/sandbox/dist/fixture/fixture.js';

/** What a test does to a fixture, and how long each way back takes, in milliseconds. */
const rounds = Number(process.argv[2]);
const aws = await new SandboxFixture({ accounts: ['111111111111', '222222222222'] }).start();
const owner = aws.account('222222222222').client(S3Client);
const iam = aws.account('111111111111').client(IAMClient);
await owner.send(new CreateBucketCommand({ Bucket: 'kept' }));
await owner.send(new PutObjectCommand({ Bucket: 'kept', Key: 'a', Body: 'a' }));
await aws.keep();
const times: number[] = [];
for (let round = 0; round < rounds; round++) {
  await owner.send(new DeleteObjectCommand({ Bucket: 'kept', Key: 'a' }));
  for (const Key of ['b', 'c', 'd', 'e'])
    await owner.send(new PutObjectCommand({ Bucket: 'kept', Key, Body: 'x'.repeat(4096) }));
  await owner.send(new CreateBucketCommand({ Bucket: 'made' }));
  await iam.send(new CreateUserCommand({ UserName: 'made' }));
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }],
  });
  await iam.send(new PutUserPolicyCommand({ UserName: 'made', PolicyName: 'read', PolicyDocument }));
  const started = performance.now();
  await aws.reset();
  times.push(performance.now() - started);
}
await aws.close();
process.stdout.write(JSON.stringify({ times }));
